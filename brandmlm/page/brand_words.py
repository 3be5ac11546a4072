"""The brand's lexicon as the page shows it, and edits of its file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from brandmlm.config.brand.fields import Word
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.templates import load_templates
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file
from brandmlm.core.yaml_edit import move_item
from brandmlm.data.synthesis.frame_checks import check_frames
from brandmlm.evaluation.word_verdicts import WordVerdicts

LISTS: Final = {
    "wanted.used": "wanted, training",
    "wanted.held_out": "wanted, test",
    "unwanted.used": "unwanted, training",
    "unwanted.held_out": "unwanted, test",
    "neutral.used": "neutral, training",
    "neutral.held_out": "neutral, test",
}

NOWHERE: Final = "none"  # where a word goes that leaves the lexicon

RETRAIN: Final = "make repro"

MAX_WORD: Final = 60  # characters

_WORD: Final = TypeAdapter[str](Annotated[Word, Field(max_length=MAX_WORD)])


@dataclass(frozen=True)
class Snapshot:
    """The lexicon as it was when its file had this digest."""

    digest: str
    lexicon: Lexicon
    verdicts: WordVerdicts

    def lists(self) -> dict[str, list[str]]:
        """The words of each of `LISTS`."""
        return {name: list(_words(self.lexicon, name)) for name in LISTS}

    def place(self, word: str) -> str | None:
        """Which of `LISTS` has a word, whatever its case."""
        key = word.casefold()
        return next((name for name, words in self.lists().items() if key in map(str.casefold, words)), None)


@dataclass(frozen=True)
class Edit:
    """A word, and the list that it is put into."""

    word: str
    target: str  # of `LISTS`, or `NOWHERE`


def _words(lexicon: Lexicon, name: str) -> tuple[str, ...]:
    kind, part = name.split(".")
    words: tuple[str, ...] = getattr(getattr(lexicon, kind), part)
    return words


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class BrandWords:
    """The file `lexicon.yaml`, read again whenever it has changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._snapshot: Snapshot | None = None

    def current(self) -> Snapshot:
        """The lexicon on disk. Raises UserError if it is not valid."""
        digest = _digest(self.path.read_bytes())
        if self._snapshot is None or self._snapshot.digest != digest:
            lexicon = load_lexicon(self.path)
            self._snapshot = Snapshot(digest, lexicon, WordVerdicts(lexicon))
        return self._snapshot

    def edited(self, edit: Edit) -> Snapshot:
        """The lexicon after an edit, which is not saved; its digest is empty.

        Raises:
            UserError: The word or the list is none that a lexicon may have, or the sentence frames contain the word.
        """
        snapshot = self.current()
        lexicon = _edited(snapshot, edit)
        templates = self.path.with_name("templates.yaml")
        try:
            check_frames(lexicon, load_templates(templates), templates)
        except UserError as error:
            raise UserError(f"{edit.word!r} cannot go there: {error}") from None
        return Snapshot("", lexicon, WordVerdicts(lexicon))

    def save(self, edit: Edit, digest: str) -> Snapshot:
        """Write an edit into the file; its comments and the order of the other words stay.

        Args:
            digest: of the file that the edit was made for.

        Raises:
            ChangedError: The file has changed since.
            UserError: The edit is not allowed, or the file's layout does not allow it.
        """
        self.edited(edit)
        data = self.path.read_bytes()
        if _digest(data) != digest:
            raise ChangedError(f"{self.path} has changed on disk since this page read it. Look again, then save.")
        places = [tuple(name.split(".")) for name in LISTS]
        target = None if edit.target == NOWHERE else tuple(edit.target.split("."))
        text = move_item(data.decode("utf-8"), edit.word, places, target)
        if text is None:
            raise UserError(
                f"{self.path}: a list here has no line of its own for each word; write one word a line, after a dash"
            )
        with atomic_file(self.path) as partial:
            partial.write_bytes(text.encode("utf-8"))
            _check(load_lexicon(partial), edit, self.path)
            if _digest(self.path.read_bytes()) != digest:
                raise ChangedError(f"{self.path} has changed on disk since this page read it. Look again, then save.")
        return self.current()


class ChangedError(UserError):
    """The file is no longer the one that was edited."""


def check_word(text: str) -> str:
    """The word as a lexicon has it. Raises UserError if a lexicon may not have it."""
    try:
        return _WORD.validate_python(" ".join(text.split()))
    except ValidationError:
        raise UserError(
            f"{text[:MAX_WORD]!r} is no word for the lexicon: write letters, at most {MAX_WORD} of them, with single "
            "blanks, without brackets, braces or bars."
        ) from None


def _edited(snapshot: Snapshot, edit: Edit) -> Lexicon:
    word, key = edit.word, edit.word.casefold()
    if edit.target != NOWHERE and edit.target not in LISTS:
        raise UserError(f"There is no list {edit.target[:MAX_WORD]!r}; choose one of {', '.join(LISTS)}.")
    place = snapshot.place(word)
    if place is None and edit.target == NOWHERE:
        raise UserError(f"{word!r} is not in the lexicon.")
    if place == edit.target:
        raise UserError(f"{word!r} is in {LISTS[place]} already.")
    if place is None and key in map(str.casefold, snapshot.lexicon.words):
        raise UserError(f"{word!r} is the name of a brand or a product in the lexicon; a word is in one list only.")
    document = snapshot.lexicon.model_dump()
    for name in LISTS:
        kind, part = name.split(".")
        kept = [each for each in document[kind][part] if each.casefold() != key]
        document[kind][part] = (*kept, *([word] if name == edit.target else []))
        if not document[kind][part]:
            raise UserError(f"{word!r} is the only word in {LISTS[name]}; a list needs at least one.")
    lexicon = Lexicon.model_validate(document)
    lexicon._folder = snapshot.lexicon._folder
    return lexicon


def _check(written: Lexicon, edit: Edit, path: Path) -> None:
    """Raise UserError if the text that is about to be saved does not say what was asked for."""
    places = [name for name in LISTS if edit.word in _words(written, name)]
    if places != [name for name in (edit.target,) if name != NOWHERE]:
        raise UserError(f"{path}: its layout is too unusual to edit here; edit it by hand")
