"""Refuse frames that cannot be filled, or whose sentences would get a wrong label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.templates import Frame, Templates
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import LABELS
from brandmlm.data.synthesis.filling import Filler
from brandmlm.data.synthesis.slots import LABEL_SLOTS, NOUN_SLOTS, SLOT_PATTERN, SLOTS, in_braces, slots_of


def check_frames(lexicon: Lexicon, templates: Templates, path: Path) -> None:
    """Check all frames and lists of a brand's templates.

    Args:
        lexicon: The brand's words.
        templates: The frames and lists.
        path: The templates' file; messages begin with it.

    Raises:
        UserError: The first fault.
    """
    filler = Filler(lexicon, templates)
    words = [word for label in LABELS for word in getattr(lexicon, label).all]
    either = "|".join(map(re.escape, sorted([*words, *lexicon.brand, *lexicon.other_brands])))
    lexicon_word = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)

    def check(place: str, fault: str | None) -> None:
        if fault:
            raise UserError(f"{path}: {place}: {fault}")

    for name, listed in templates.lists.items():
        if name in SLOTS:
            check(f"lists.{name}", "this is the name of a slot; give the list another name")
        for word in listed:
            check(f"lists.{name}", _lexicon_fault(word, lexicon_word))
    for frame in templates.all_frames:
        place, slots = f"frames {frame.id!r}", slots_of(frame)
        for slot in slots:
            check(place, _slot_fault(slot, slots, filler))
        literal = SLOT_PATTERN.sub(" ", frame.text)
        if "{" in literal or "}" in literal:
            check(place, "a brace without its counterpart; close it or remove it")
        check(place, _lexicon_fault(literal, lexicon_word))
        check(place, _combination_fault(frame, slots))


def _lexicon_fault(text: str, lexicon_word: re.Pattern[str]) -> str | None:
    """What is wrong with a text outside of slots: a word of the lexicon there would not be counted."""
    found = lexicon_word.search(text)
    if found is None:
        return None
    return (
        f"{found.group()!r} is a word of the lexicon; write a slot or another word instead, because sentences would "
        "get a wrong label"
    )


def _slot_fault(slot: str, slots: Sequence[str], filler: Filler) -> str | None:
    """What is wrong with one slot of a frame."""
    known = [*SLOTS, *sorted(filler.lists)]
    if slot.count("|") == 1:
        if any(noun in slots for noun in NOUN_SLOTS):
            return None
        return f"{{{slot}}} has no noun to agree with; add {{product}}, {{products}} or {{goods}}"
    if slot not in known:
        return f"slot {{{slot}}} is unknown; known slots: {', '.join(known)} and the form {{are|is}}"
    if slot in NOUN_SLOTS and not filler.nouns[slot]:
        return f"the lexicon has no product for slot {{{slot}}}; add one there"
    return None


def _combination_fault(frame: Frame, slots: Sequence[str]) -> str | None:
    """What is wrong with the slots of a frame together."""
    if sum(slot in LABEL_SLOTS for slot in slots) != 1:
        return f"a frame has exactly one slot for the labelled word; use one of {in_braces(LABEL_SLOTS)}"
    if sum(slot in NOUN_SLOTS for slot in slots) > 1:
        return f"two different slots for its noun; keep one of {in_braces(NOUN_SLOTS)}, and add {{more_products}}"
    if frame.about and "brand" not in slots:
        return "`about` without slot {brand}; remove it or add the slot"
    return None
