"""A place in a text that is off-brand."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

Rule = Literal["listed", "unlisted"]

RULES: Final[dict[Rule, str]] = {
    "listed": "A word that the brand's lexicon lists as unwanted, in this or another form",
    "unlisted": "A word that the lexicon does not list, that finds fault and that the model does not expect here",
}

# Shown with every proposal: a model knows the language of the brand, not its products.
FACTS_NOTE: Final = "facts are not checked: take a proposal only if it is true"


@dataclass(frozen=True)
class Finding:
    """An off-brand phrase.

    Attributes:
        start: offset of its first character in the text, from 0.
        end: offset behind its last character.
        line: its line, from 1.
        column: its first character's place in the line, from 1.
        phrase: the characters as they are in the text.
        sentence: the sentence in which it is.
        rule: `listed` if the lexicon lists the word, in this or another form, as unwanted, else `unlisted`.
        reason: why it was found, for people.
        proposals: words that could take its place, best first; may be empty.
    """

    start: int
    end: int
    line: int
    column: int
    phrase: str
    sentence: str
    rule: Rule
    reason: str
    proposals: list[str] = field(default_factory=list)


class Located(NamedTuple):
    """A finding in a file.

    Attributes:
        file: the file's name as the user gave it, `-` for standard input.
        finding: what was found there.
        source_line: the whole line, or the line of the table's value.
        field: of a table, the column or key.
    """

    file: str
    finding: Finding
    source_line: str
    field: str | None = None
