"""The slots of sentence frames.

| slot                                    | filled with                                                              |
|-----------------------------------------|--------------------------------------------------------------------------|
| `{adjective}`                           | a word of any of the three lists, which is the sentence's label          |
| `{quality}`                             | a wanted or unwanted word: one that can be graded ("very ...")           |
| `{wanted}` `{unwanted}` `{neutral}`     | a word of that list                                                      |
| `{also}`                                | another word of the same list                                            |
| `{brand}`                               | the brand that the sentence is about: ours, or one of the others         |
| `{rival}`                               | one of the other brands, never the one that the sentence is about        |
| `{product}` `{products}` `{goods}`      | a singular; a plural; a plural or a mass noun                            |
| `{more_products}`                       | another plural                                                           |
| `{are|is}`                              | the first if the frame's noun is a plural, or else the second            |
| `{a}`                                   | "a" or "an", by the sound of the next word                               |
| `{name}` of a list in `templates.yaml`  | one of its words                                                         |

A slot that occurs twice gets the same word. A frame has exactly one slot for a labelled word. Sentences are
capitalised. Held-out words are never used.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Final

from brandmlm.config.brand.templates import Frame
from brandmlm.data.corpus import LABELS

# The slots for the labelled word, with the lists that fill them.
LABEL_SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "adjective": LABELS,
    "quality": ("wanted", "unwanted"),
    **{label: (label,) for label in LABELS},
}

NOUN_SLOTS: Final = ("product", "products", "goods")

SLOTS: Final = (*LABEL_SLOTS, "also", "brand", "rival", *NOUN_SLOTS, "more_products", "a")

SLOT_PATTERN: Final = re.compile(r"\{([^{}]*)\}")


def slots_of(frame: Frame) -> list[str]:
    """The slots of a frame in their order, each once."""
    return list(dict.fromkeys(SLOT_PATTERN.findall(frame.text)))


def in_braces(slots: Iterable[str]) -> str:
    """Slots as they are written in a frame, for messages."""
    return ", ".join(f"{{{slot}}}" for slot in slots)
