"""Find off-brand words in texts and propose others, with the brand's lexicon and its model v2."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, Self

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.checking.allowed import allowed_phrases, is_allowed
from brandmlm.checking.documents import Passage, read_text
from brandmlm.checking.finding import Finding
from brandmlm.checking.judge import Fault, Judge
from brandmlm.checking.proposals import Answer, Proposer
from brandmlm.checking.sentences import Sentence, sentences
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.modeling.predictor import Predictor, load

MODEL: Final = Path("data/models/filtered")  # v2, under the project's root

BATCH: Final = 128  # faults whose places the model fills at a time: 16 MB of probabilities

# A word that the lexicon does not list and that v2 finds the likeliest at this place: the place asks for it.
EXPECTED_RANK: Final = 0


class Checker:
    """Finds off-brand words in texts. Loads v2 once; its methods may be called any number of times."""

    def __init__(self, lexicon: Lexicon, predictor: Predictor) -> None:
        own = lexicon.valences
        valences: Mapping[str, float] = SentimentIntensityAnalyzer().lexicon if own is None else own
        self.lexicon = lexicon
        self._judge = Judge(lexicon, valences)
        self._proposer = Proposer(lexicon, self._judge, predictor)

    @classmethod
    def open(cls, root: str | os.PathLike[str] = ".") -> Self:
        """The checker of a project: the brand that params.yaml names, and v2 as the last run left it.

        Raises:
            UserError: there is no trained model, or the lexicon is missing or wrong.
        """
        folder = Path(root)
        brand = load_params(folder / "params.yaml").brand
        lexicon = load_lexicon(folder / "brands" / brand / "lexicon.yaml")
        if not (folder / MODEL / "config.json").is_file():
            raise UserError(f"{folder / MODEL}: no trained model yet; run `make repro` first")
        return cls(lexicon, load(folder / MODEL))

    def findings(self, text: str, kind: str = "text") -> list[Finding]:
        """The off-brand words of a text, in its order.

        Args:
            text: any text, a whole document or a sentence.
            kind: how to read it: `text`, `markdown` or `html`.
        """
        return [finding for _, finding in self.check([read_text(text, kind)])]

    def check(self, passages: Iterable[Passage]) -> Iterator[tuple[Passage, Finding]]:
        """The off-brand words of passages, in their order; at most `BATCH` are in memory at a time."""
        waiting: list[tuple[Passage, Sentence, Fault]] = []
        for passage in passages:
            allowed = allowed_phrases(passage.source)
            for sentence in sentences(passage.text):
                for fault in self._judge.faults(sentence.text):
                    line, _ = passage.place(sentence.start + fault.start)
                    phrase = sentence.text[fault.start : fault.end]
                    if not is_allowed(allowed, line - passage.line + 1, phrase):
                        waiting.append((passage, sentence, fault))
                while len(waiting) >= BATCH:
                    yield from self._answered(waiting[:BATCH])
                    del waiting[:BATCH]
        yield from self._answered(waiting)

    def _answered(self, found: list[tuple[Passage, Sentence, Fault]]) -> Iterator[tuple[Passage, Finding]]:
        answers = self._proposer.propose([(sentence, fault) for _, sentence, fault in found])
        for (passage, sentence, fault), answer in zip(found, answers, strict=True):
            if fault.listed or answer.rank is None or answer.rank > EXPECTED_RANK:
                yield passage, _finding(passage, sentence, fault, answer)


def _finding(passage: Passage, sentence: Sentence, fault: Fault, answer: Answer) -> Finding:
    start, end = sentence.start + fault.start, sentence.start + fault.end
    line, column = passage.place(start)
    if fault.listed:
        reason = f"the lexicon lists {fault.lemma!r} as unwanted"
    else:
        reason = f"{fault.lemma!r} finds fault, and the model does not expect it here"
    return Finding(
        start, end, line, column, passage.source[start:end], " ".join(sentence.text.split()),
        "listed" if fault.listed else "unlisted", reason, answer.words,
    )  # fmt: skip
