"""Types that the brand files share: words, names and sentences."""

from __future__ import annotations

import re
import unicodedata
from itertools import product
from math import prod
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

MASK: Final = "[MASK]"  # in sentences, whatever the model's own mask token

CONTINUATION: Final = "##"  # before a token that continues a word, whatever the model's own mark


def compose(text: str) -> str:
    """The text in Unicode's composed form (NFC), as `clean` leaves the rows; some editors and shells decompose it."""
    return unicodedata.normalize("NFC", text)


Text = Annotated[str, StringConstraints(pattern=r"^\S+( \S+)*$"), AfterValidator(compose)]

WORD_PATTERN: Final = r"^[^\s{}\[\]|]+( [^\s{}\[\]|]+)*$"

Word = Annotated[str, StringConstraints(pattern=WORD_PATTERN), AfterValidator(compose)]

Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]

WordList = Annotated[tuple[Word, ...], Field(min_length=1)]

ALTERNATIVES: Final = re.compile(r"\{([^{}]*)\}")


class BrandModel(BaseModel):
    """A mapping in a brand file: frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


MAX_SENTENCES: Final = 1000  # of one pattern


def count_sentences(pattern: str) -> int:
    """How many sentences a pattern describes."""
    return prod(found.count("|") + 1 for found in ALTERNATIVES.findall(pattern))


def expand(pattern: str) -> list[str]:
    """The sentences of a pattern of the behaviour suite: one for each combination of its alternatives (`{a|b}`)."""
    literals = ALTERNATIVES.split(pattern)[::2]
    choices = [found.split("|") for found in ALTERNATIVES.findall(pattern)]
    return ["".join(map("".join, zip(literals, [*filling, ""], strict=True))) for filling in product(*choices)]
