"""The three files of a new brand, made from the template's: comments stay, names and words are filled in."""

from __future__ import annotations

import io
import itertools
import re
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.data.corpus import LABELS
from brandmlm.data.synthesis.filling import fill_articles
from brandmlm.data.synthesis.slots import SLOT_PATTERN

_SLOTS: Final = ("brand", "rival", "product", "products", "a")  # of the template's probes


def _edit(text: str, change: Callable[[Any], None]) -> str:
    """The text of a YAML file after a change to its document; comments and layout stay."""
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, sys.maxsize
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text)
    change(document)
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue()


def _new_list(old: CommentedSeq, items: list[Any]) -> CommentedSeq:
    """A list in place of another, with the comment after the old one's end, which is about what follows."""
    last = old[-1]
    nested = isinstance(last, CommentedMap)
    after = (
        last.ca.items.get(next(reversed(last)), [None] * 3)[2] if nested else old.ca.items.get(len(old) - 1, [None])[0]
    )
    new = CommentedSeq(CommentedMap(item) if isinstance(item, dict) else item for item in items)
    if after is not None and isinstance(new[-1], CommentedMap):
        new[-1].ca.items[next(reversed(new[-1]))] = [None, None, after, None]
    elif after is not None:
        new.ca.items[len(new) - 1] = [after, None, None, None]
    return new


def lexicon_file(template: str, lexicon: Lexicon) -> str:
    """The text of `lexicon.yaml` with these words."""

    def change(document: Any) -> None:
        products = [product.model_dump(exclude_defaults=True) for product in lexicon.products]
        document["brand"] = _new_list(document["brand"], list(lexicon.brand))
        document["other_brands"] = _new_list(document["other_brands"], list(lexicon.other_brands))
        document["products"] = _new_list(document["products"], products)
        for label in LABELS:
            words = getattr(lexicon, label)
            for part in ("used", "held_out"):
                document[label][part] = _new_list(document[label][part], list(getattr(words, part)))

    return _edit(template, change)


class _Sentences:
    """Fills the template's test sentences: each slot with the next word of its list, the same within a sentence."""

    def __init__(self, lexicon: Lexicon) -> None:
        forms = {
            "brand": list(lexicon.brand[:1]),
            "rival": list(lexicon.other_brands),
            "product": [product.singular for product in lexicon.products if product.number == "count"],
            "products": [product.plural for product in lexicon.products if product.plural],
        }
        self._next: dict[str, Iterator[str]] = {slot: itertools.cycle(words) for slot, words in forms.items() if words}

    def fill(self, text: str) -> str:
        """A sentence, or a pattern with alternatives, with its articles and its capital."""
        filling: dict[str, str] = {}

        def choose(match: re.Match[str]) -> str:
            slots = match.group(1).split("|")
            if not set(slots) <= set(_SLOTS):
                return match.group()
            if slots == ["a"]:
                return "{a}"
            if len(slots) == 1:
                return filling.setdefault(slots[0], next(self._next[slots[0]]))
            words = list(dict.fromkeys(next(self._next[slot]) for slot in slots))
            return f"{{{'|'.join(words)}}}" if len(words) > 1 else words[0]

        filled = fill_articles(SLOT_PATTERN.sub(choose, text))
        return filled[:1].upper() + filled[1:]


def probes_file(template: str, lexicon: Lexicon) -> str:
    """The text of `probes.yaml` with sentences about this brand."""
    sentences = _Sentences(lexicon)

    def change(document: Any) -> None:
        for probe in document["probes"]:
            probe["text"] = sentences.fill(probe["text"])
        for part in ("dev", "test"):
            for patterns in document["behaviour"][part].values():
                for place, pattern in enumerate(patterns):
                    if isinstance(pattern, str):
                        patterns[place] = sentences.fill(pattern)
                    else:  # with a cue
                        pattern["text"] = sentences.fill(pattern["text"])

    return _edit(template, change)


def templates_file(template: str, lexicon: Lexicon) -> tuple[str, list[str]]:
    """The text of `templates.yaml` without frames and list entries that have a word of the lexicon outside of slots,
    which would not be counted; and what was left out."""
    words = [word for label in LABELS for word in getattr(lexicon, label).all]
    either = "|".join(map(re.escape, [*words, *lexicon.brand, *lexicon.other_brands]))
    listed = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
    left_out: list[str] = []

    def keep(items: CommentedSeq, text_of: Callable[[Any], str]) -> None:
        for place in reversed(range(len(items))):
            text = text_of(items[place])
            if listed.search(SLOT_PATTERN.sub(" ", text)) and len(items) > 1:
                left_out.append(text)
                del items[place]

    def change(document: Any) -> None:
        for entries in document["lists"].values():
            keep(entries, str)
        keep(document["frames"], lambda frame: str(frame["text"]))

    return _edit(template, change), left_out
