"""Find off-brand words in texts and propose others, with the brand's lexicon and its model v2."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, Self

from brandmlm.checking.documents import Passage, read_text
from brandmlm.checking.finding import Finding
from brandmlm.checking.sentences import Sentence, Word, sentences
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.predictor import Predictor, load

MODEL: Final = Path("data/models/filtered")  # v2, under the project's root

MASK: Final = "[MASK]"

PROPOSALS: Final = 5


class Checker:
    """Finds off-brand words in texts. Loads v2 once; `findings` may be called any number of times."""

    def __init__(self, lexicon: Lexicon, predictor: Predictor) -> None:
        self.lexicon = lexicon
        self.predictor = predictor
        self._verdict = WordVerdicts(lexicon)
        self._unwanted = {word.lower() for word in lexicon.unwanted.all}

    @classmethod
    def open(cls, root: str | os.PathLike[str] = ".") -> Self:
        """The checker of a project: the brand that params.yaml names, and v2 as the last run left it.

        Raises:
            UserError: there is no trained model, or the lexicon is missing or wrong.
        """
        folder = Path(root)
        lexicon = load_lexicon(folder / "brands" / load_params(folder / "params.yaml").brand / "lexicon.yaml")
        if not (folder / MODEL / "config.json").is_file():
            raise UserError(f"{folder / MODEL}: no trained model yet; run `make repro` first")
        return cls(lexicon, load(folder / MODEL))

    def findings(self, text: str, kind: str = "text") -> list[Finding]:
        """The off-brand words of a text, in its order.

        Args:
            text: any text, a whole document or a sentence.
            kind: how to read it: `text`, `markdown` or `html`.
        """
        passage = read_text(text, kind)
        found = []
        for sentence in sentences(passage.text):
            for word in sentence.words:
                if word.lower in self._unwanted:
                    found.append(self._finding(passage, sentence, word))
        return found

    def _finding(self, passage: Passage, sentence: Sentence, word: Word) -> Finding:
        start = sentence.start + word.start
        line, column = passage.place(start)
        return Finding(
            start, start + len(word.text), line, column, word.text, sentence.text, "listed",
            f"the lexicon lists {word.lower!r} as unwanted", self._proposals(sentence, word),
        )  # fmt: skip

    def _proposals(self, sentence: Sentence, word: Word) -> list[str]:
        masked = sentence.with_mask(word.start, word.end, MASK)
        predictions = self.predictor.predict(masked, 50)
        return [token for token, _ in predictions if self._verdict(token) == "wanted"][:PROPOSALS]
