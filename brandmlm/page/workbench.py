"""Everything that the page answers, as functions from what somebody typed to JSON."""

from __future__ import annotations

import threading
from dataclasses import asdict
from functools import cached_property
from typing import Any, Final

import pandas as pd
import torch

from brandmlm.checking.checker import Checker
from brandmlm.checking.finding import FACTS_NOTE
from brandmlm.config.brand.probes import load_probes
from brandmlm.config.params.filter import Filter
from brandmlm.core.errors import UserError
from brandmlm.modeling.predictor import Predictor
from brandmlm.page.brand_words import LISTS, RETRAIN, BrandWords, Edit, Snapshot, check_word
from brandmlm.page.impact import touched_cases, touched_probes, touched_rows
from brandmlm.page.models import Models
from brandmlm.page.project_files import ProjectFiles
from brandmlm.page.sentence import read_sentence
from brandmlm.page.suite import Evaluated, read_evaluated, suite_document
from brandmlm.page.why import why_document
from brandmlm.reporting.training_rows import read_training_rows

EXAMPLES: Final = 4  # sentences to try

MAX_EXAMPLE: Final = 60  # characters of such a sentence

KINDS: Final = {"text": "plain text", "markdown": "Markdown", "html": "HTML"}  # as the checker names them

CHECKED_BY: Final = "v2"

MAX_TEXT_WORDS: Final = 5_000  # of a text to check


class Workbench:
    """A project's models, rows, results and lexicon, read once; the lexicon again whenever it changes."""

    def __init__(self, files: ProjectFiles, params: Filter, top: int, device: torch.device | str = "cpu") -> None:
        """Load models and lexicon. Raises UserError if one is missing or damaged.

        Args:
            params: how the filter decides on training rows.
            top: number of likeliest words that count in the suite.
        """
        self.files = files
        self._filter = params
        self._top = top
        self._reading = threading.Lock()
        # Both as of the lexicon with a digest.
        self._suite: tuple[str, dict[str, Any]] | None = None
        self._checks: tuple[str, Checker] | None = None
        self.words = BrandWords(files.lexicon)
        self.words.current()
        self._models = Models(files.models, device)

    @cached_property
    def _rows_and_results(self) -> tuple[pd.DataFrame, Evaluated]:
        rows = read_training_rows(self.files.training, self.files.kept, self.files.signals)
        return rows, read_evaluated(self.files.evaluations, self.words.current().verdicts, self._top)

    def _rows(self) -> pd.DataFrame:
        with self._reading:
            return self._rows_and_results[0]

    def _evaluated(self) -> Evaluated:
        with self._reading:
            return self._rows_and_results[1]

    def brand(self) -> str:
        """The brand's name."""
        return self.words.current().lexicon.brand[0]

    def examples(self) -> list[str]:
        """Sentences to try: claims of the brand's probes."""
        texts = [probe.text for probe in load_probes(self.files.probes) if probe.kind == "claim" and not probe.seed]
        return [text for text in texts if len(text) <= MAX_EXAMPLE][:EXAMPLES] or texts[:EXAMPLES]

    def fill(self, text: str, word: str | None) -> dict[str, Any]:
        """What the models put into the sentence's mask; see `Models.fill`."""
        sentence = read_sentence(text)
        verdicts = self.words.current().verdicts
        asked = word.strip() if word and len(word) <= 60 else None
        answers = self._models.fill(sentence, asked, verdicts)
        told = {"word": asked, "verdict": verdicts(asked)} if asked else None
        return {"sentence": sentence, "models": answers, "asked": told, "outdated": self._models.outdated}

    def why(self, text: str, word: str) -> dict[str, Any]:
        """The training rows that taught the models a word; see `why_document`."""
        sentence, checked = read_sentence(text), check_word(word)
        return why_document(checked, self._models.ranks(sentence, checked), self._rows(), self.words.current())

    def check(self, text: str, kind: str) -> dict[str, Any]:
        """The checker's findings in a text; `start` and `end` are offsets in UTF-16 code units, as JavaScript counts.

        Raises:
            UserError: The text has more than `MAX_TEXT_WORDS` words, or `kind` is none of `KINDS`.
        """
        if kind not in KINDS:
            raise UserError(f"There is no format {kind[:20]!r}; choose one of {', '.join(KINDS)}.")
        if (words := len(text.split())) > MAX_TEXT_WORDS:
            raise UserError(
                f"That is {words:,} words, and this page takes {MAX_TEXT_WORDS:,} at a time; for more run "
                "`brand-mlm check FILE`."
            )
        snapshot = self.words.current()
        findings = self._models.use(CHECKED_BY, lambda model: self._checker(snapshot, model).findings(text, kind))
        units = [0]
        for character in text:
            units.append(units[-1] + (2 if ord(character) > 0xFFFF else 1))
        told = [asdict(each) | {"start": units[each.start], "end": units[each.end]} for each in findings]
        return {"text": text, "findings": told, "note": FACTS_NOTE}

    def _checker(self, snapshot: Snapshot, model: Predictor) -> Checker:
        if self._checks is None or self._checks[0] != snapshot.digest:
            self._checks = snapshot.digest, Checker(snapshot.lexicon, model)
        return self._checks[1]

    def suite(self) -> dict[str, Any]:
        """The results of the last run; see `suite_document`."""
        snapshot = self.words.current()
        if self._suite is None or self._suite[0] != snapshot.digest:
            judged = self._evaluated().judged_by(snapshot.verdicts)
            self._suite = snapshot.digest, suite_document(judged, snapshot.lexicon)
        return self._suite[1]

    def lexicon(self) -> dict[str, Any]:
        """The lists of words, with the digest of their file."""
        return self._described(self.words.current())

    def _described(self, snapshot: Snapshot) -> dict[str, Any]:
        lists = [{"name": name, "title": LISTS[name], "words": words} for name, words in snapshot.lists().items()]
        return {"digest": snapshot.digest, "file": self.files.lexicon.as_posix(), "lists": lists, "retrain": RETRAIN}

    def preview(self, word: str, target: str) -> dict[str, Any]:
        """What an edit would touch; nothing is written."""
        edit = Edit(check_word(word), target)
        before, after = self.words.current(), self.words.edited(edit)
        place = before.place(edit.word)
        return {
            "word": edit.word,
            "from": LISTS[place] if place else None,
            "to": LISTS.get(target),
            "verdicts": [before.verdicts(edit.word), after.verdicts(edit.word)],
            "rows": touched_rows(self._rows(), edit.word, after, self._filter),
            "probes": touched_probes(self._evaluated(), edit.word),
            "cases": touched_cases(self._evaluated(), edit.word, before, after),
            "digest": before.digest,
            "target": target,
        }

    def save(self, word: str, target: str, digest: str) -> dict[str, Any]:
        """Write an edit into the lexicon; the lists as they are then."""
        return self._described(self.words.save(Edit(check_word(word), target), digest))
