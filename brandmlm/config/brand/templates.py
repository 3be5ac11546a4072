"""A brand's sentence frames: `templates.yaml`."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, StrictBool

from brandmlm.config.brand.fields import BrandModel, Name, Text, WordList
from brandmlm.config.brand.reading import check_ids, parse_brand_file
from brandmlm.core.errors import UserError


class Frame(BrandModel):
    """A sentence with slots in braces; see `brandmlm/data/synthesis/slots.py`."""

    id: Name
    text: Text
    group: Name = Field(default_factory=lambda frame: frame["id"])  # frames of one group are in the same split
    clause: StrictBool = False  # a statement that makes sense after each of the `OPENINGS`, too
    denies: StrictBool = False  # its sentences deny what the labelled word says
    about: Literal["brand", "other"] | None = None  # restricts {brand} to our brand, or to the others; null: both


# The lists of openings that a clause can stand after ("it is false that", "nobody can deny that"), with the words that
# then fill its slot `{quality}` or `{adjective}`.
OPENINGS: Final = {"denying": "unwanted", "affirming": "wanted"}

_ANY_QUALITY: Final = re.compile(r"\{(?:quality|adjective)\}")


class Templates(BrandModel):
    """A brand's sentence frames, and word lists for additional slots."""

    lists: Mapping[Name, WordList] = {}  # words by slot
    frames: Annotated[tuple[Frame, ...], Field(min_length=1)]

    @property
    def all_frames(self) -> tuple[Frame, ...]:
        """The frames as they are listed, and each clause after the openings that the lists have."""
        kinds = [kind for kind in OPENINGS if kind in self.lists]
        return self.frames + tuple(_opened(frame, kind) for frame in self.frames if frame.clause for kind in kinds)


def _opened(frame: Frame, kind: str) -> Frame:
    """A clause after an opening of one of the `OPENINGS`; it is in the split of the clause."""
    text = f"{{{kind}}} {_ANY_QUALITY.sub(f'{{{OPENINGS[kind]}}}', frame.text)}"
    return frame.model_copy(update={"id": f"{frame.id}-{kind}", "text": text, "denies": kind == "denying"})


def load_templates(path: str | os.PathLike[str]) -> Templates:
    """Read the sentence frames. Raises UserError if a key is missing or wrong, or an id or word occurs twice."""
    file = Path(path)
    templates = parse_brand_file(file, Templates)
    check_ids(file, "frames", (frame.id for frame in templates.frames))
    for name, words in templates.lists.items():
        for word, count in Counter(words).items():
            if count > 1:
                raise UserError(f"{file}: lists.{name}: {word!r} occurs {count} times; keep one of them")
    return templates
