"""A brand's files: its words (`lexicon.yaml`), its sentence frames (`templates.yaml`) and the sentences by which a
model is judged (`probes.yaml`). All that is about the brand stands there; this module only reads and checks them."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StringConstraints,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.cli import UserError

MASK: Final = "[MASK]"

Text = Annotated[str, StringConstraints(pattern=r"^\S+( \S+)*$")]
Word = Annotated[str, StringConstraints(pattern=r"^[^\s{}\[\]|]+( [^\s{}\[\]|]+)*$")]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+([-_][a-z0-9]+)*$")]
WordList = Annotated[tuple[Word, ...], Field(min_length=1)]
_ALTERNATIVES: Final = re.compile(r"\{([^{}]*)\}")
Kind = Literal["claim", "product", "brand", "negation", "other_brand"]


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Words(Part):
    """Adjectives of one kind. Synthesis fills slots with `used`; `held_out` shows whether a model generalises."""

    used: WordList
    held_out: WordList

    @property
    def all(self) -> tuple[str, ...]:
        return self.used + self.held_out


class Product(Part):
    """A noun for something the brand sells, with the forms it has; a form that it lacks is the empty string.

    `number` says which forms it has: `count` both ("a shoe is", "shoes are"), `plural` only a plural ("trousers
    are"), `mass` only a singular without an article ("clothing is").
    """

    singular: Word | Literal[""] = ""
    plural: Word | Literal[""] = ""
    number: Literal["count", "plural", "mass"] = "count"

    @model_validator(mode="after")
    def _has_its_forms(self) -> Self:
        wanted = {"count": (True, True), "plural": (False, True), "mass": (True, False)}[self.number]
        if (bool(self.singular), bool(self.plural)) != wanted:
            forms = {"count": "singular and plural", "plural": "plural alone", "mass": "singular alone"}[self.number]
            raise PydanticCustomError(
                "forms", "a product of number '{number}' has {forms}", {"number": self.number, "forms": forms}
            )
        return self

    @property
    def forms(self) -> tuple[str, ...]:
        return tuple(form for form in (self.singular, self.plural) if form)


class Lexicon(Part):
    brand: WordList
    other_brands: WordList
    products: Annotated[tuple[Product, ...], Field(min_length=1)]
    wanted: Words
    unwanted: Words
    neutral: Words


class Frame(Part):
    """A sentence with slots in braces (what they take: see `stages/synthesize.py`)."""

    id: Name
    text: Text
    group: Name = Field(default_factory=lambda frame: frame["id"])  # frames of one group stay on one side of a split
    about: Literal["brand", "other"] | None = None  # keeps {brand} to our brand, or to the others; both where null


class Templates(Part):
    lists: dict[Name, WordList] = {}  # slots of the templates' own
    frames: Annotated[tuple[Frame, ...], Field(min_length=1)]


class Probe(Part):
    """A sentence with one `[MASK]`. `seed` marks those of the experiment that this project reproduces."""

    id: Name
    kind: Kind
    text: Text
    seed: StrictBool = False

    @model_validator(mode="after")
    def _has_one_mask(self) -> Self:
        count = self.text.count(MASK)
        if count != 1:
            raise PydanticCustomError(
                "mask", "the text has {count} times {mask}; write it exactly once", {"count": count, "mask": MASK}
            )
        return self


def _check_pattern(text: str) -> str:
    """Refuse a sentence of the suite that some filling of its alternatives leaves without exactly one mask."""
    literal = _ALTERNATIVES.sub("", text)
    if "{" in literal or "}" in literal or any("|" not in found for found in _ALTERNATIVES.findall(text)):
        raise PydanticCustomError("braces", "a brace that is no part of alternatives; write them as in {shoes|socks}")
    if literal.count(MASK) != 1 or text.count(MASK) != 1:
        raise PydanticCustomError(
            "mask", "the text has {count} times {mask}; write it exactly once, outside of braces",
            {"count": text.count(MASK), "mask": MASK},
        )  # fmt: skip
    return text


Pattern = Annotated[Text, AfterValidator(_check_pattern)]


class Suite(Part):
    """One part of the behaviour suite: sentences with one `[MASK]` by capability (`stages/suite.py` says of which).
    `{a|b}` makes one sentence with either."""

    claim: tuple[Pattern, ...] = ()
    product: tuple[Pattern, ...] = ()
    brand: tuple[Pattern, ...] = ()
    negation: tuple[Pattern, ...] = ()
    other_brand: tuple[Pattern, ...] = ()
    plain_english: tuple[Pattern, ...] = ()


class Phrases(Part):
    """Words for claims that need several tokens, or several words."""

    wanted: tuple[Word, ...] = ()
    unwanted: tuple[Word, ...] = ()


class Behaviour(Part):
    """The behaviour suite: a part to tune on, and one to report."""

    spellings: tuple[WordList, ...] = ()  # groups of spellings of one word
    phrases: Phrases = Phrases()
    dev: Suite = Suite()
    test: Suite = Suite()

    @property
    def parts(self) -> dict[str, Suite]:
        return {"dev": self.dev, "test": self.test}


class Probes(Part):
    probes: Annotated[tuple[Probe, ...], Field(min_length=1)]
    behaviour: Behaviour = Behaviour()


Parsed = TypeVar("Parsed", bound=Part)


def _read(path: Path) -> Any:
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{path}: not found; a brand's folder holds lexicon.yaml, templates.yaml, probes.yaml"
        ) from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); mend the path or its permissions") from None
    except UnicodeDecodeError:
        raise UserError(f"{path}: not UTF-8; save it with that encoding") from None
    except YAMLError as error:
        raise UserError(f"{path}: not valid YAML, mend it there: {error}") from None


def _place(location: tuple[int | str, ...], document: Any) -> str:
    """Where a fault stands: keys joined by dots, list items by their `id` where they have one, else counted from 1."""
    place = ""
    for key in location:
        try:
            document = document[key]
        except (LookupError, TypeError):
            document = None
        if isinstance(key, int):
            named = document.get("id") if isinstance(document, Mapping) else None
            place += f" {named!r}" if isinstance(named, str) else f"[{key + 1}]"
        else:
            place += f".{key}" if place else key
    return place or "the file"


def _advice(fault: ErrorDetails) -> str:
    """What to do about a fault that pydantic found."""
    given = fault["input"]
    match fault["type"]:
        case "missing":
            return "missing; add it"
        case "extra_forbidden":
            return "unknown key; remove it or mend its spelling"
        case "too_short":
            return "empty; list at least one"
        case "string_type":
            return f"{given!r} is no text; put it in quotes"
        case "string_pattern_mismatch":
            return (
                f"{given!r} is empty or has a character or blank that may not stand here; mend it (words: single "
                "blanks, no brackets, braces or bars; names: lower case, digits, - and _)"
            )
        case "tuple_type":
            return f"{given!r} is no list; write one item a line, each after a dash"
        case "model_type" | "dict_type":
            return f"{given!r} has no keys; write them as `key: value`"
        case "bool_type":
            return f"{given!r} is neither true nor false"
        case "literal_error":
            return f"{given!r} is unknown; take one of {fault['ctx']['expected']}"
    return fault["msg"][0].lower() + fault["msg"][1:]


def _parse(path: Path, model: type[Parsed]) -> Parsed:
    document = _read(path)
    if not isinstance(document, Mapping):
        raise UserError(f"{path}: holds no keys; it needs {', '.join(model.model_fields)}")
    try:
        return model.model_validate(document)
    except ValidationError as error:
        # A product's form may be a word or empty: the two faults of one form are one, and the first says it.
        fault = error.errors()[0]
        location = tuple(key for key in fault["loc"] if not str(key).startswith(("constrained-str", "literal[")))
        raise UserError(f"{path}: {_place(location, document)}: {_advice(fault)}") from None


def _check_ids(path: Path, section: str, ids: Iterable[str]) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            raise UserError(f"{path}: {section} {name!r}: this id stands {count} times; give each its own")


def load_lexicon(path: str | os.PathLike[str]) -> Lexicon:
    """Read a lexicon. Raises UserError where a key is missing or wrong, a list empty, or a word stands twice."""
    file = Path(path)
    lexicon = _parse(file, Lexicon)
    placed = [
        *(("brand", word) for word in lexicon.brand),
        *(("other_brands", word) for word in lexicon.other_brands),
        *(("products", form) for product in lexicon.products for form in product.forms),
        *(
            (f"{kind}.{part}", word)
            for kind in ("wanted", "unwanted", "neutral")
            for part in ("used", "held_out")
            for word in getattr(getattr(lexicon, kind), part)
        ),
    ]
    found: dict[str, str] = {}
    for place, word in placed:
        earlier = found.setdefault(word.casefold(), place)
        if earlier != place:
            raise UserError(f"{file}: {word!r} stands in {earlier} and in {place}; keep one of them")
    for (place, word), count in Counter((place, word.casefold()) for place, word in placed).items():
        if count > 1:
            raise UserError(f"{file}: {place}: {word!r} stands there {count} times; keep one of them")
    return lexicon


def load_templates(path: str | os.PathLike[str]) -> Templates:
    """Read the sentence frames. Raises UserError where a key is missing or wrong or an id stands twice."""
    file = Path(path)
    templates = _parse(file, Templates)
    _check_ids(file, "frames", (frame.id for frame in templates.frames))
    for name, words in templates.lists.items():
        for word, count in Counter(words).items():
            if count > 1:
                raise UserError(f"{file}: lists.{name}: {word!r} stands there {count} times; keep one of them")
    return templates


def load_probes(path: str | os.PathLike[str]) -> tuple[Probe, ...]:
    """Read the probes, in their order. Raises UserError where an id stands twice, a kind is unknown or a text has not
    exactly one `[MASK]`."""
    file = Path(path)
    probes = _parse(file, Probes).probes
    _check_ids(file, "probes", (probe.id for probe in probes))
    return probes


def alternatives(pattern: str) -> list[str]:
    """The sentences that a pattern of the behaviour suite stands for, in its order."""
    literals = _ALTERNATIVES.split(pattern)[::2]
    choices = [found.split("|") for found in _ALTERNATIVES.findall(pattern)]
    return ["".join(map("".join, zip(literals, [*filling, ""], strict=True))) for filling in product(*choices)]


def load_behaviour(path: str | os.PathLike[str]) -> Behaviour:
    """Read the behaviour suite that stands beside the probes; an empty one where there is none. Raises UserError where
    a key is unknown, a sentence has not exactly one `[MASK]`, or one stands twice: what was tuned on reports nothing.
    """
    file = Path(path)
    behaviour = _parse(file, Probes).behaviour
    found: dict[str, str] = {}
    for part, suite in behaviour.parts.items():
        for capability, patterns in suite:
            place = f"behaviour.{part}.{capability}"
            for sentence in (sentence for pattern in patterns for sentence in alternatives(pattern)):
                key = sentence.casefold()
                if key in found:
                    raise UserError(f"{file}: {place}: {sentence!r} stands in {found[key]} already; keep one of them")
                found[key] = place
    return behaviour
