"""The models of the page: loaded once, asked one sentence at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt
import torch

from brandmlm.modeling.predictor import Predictor, WordRank, load

TOP: Final = 10  # words shown per model

VerdictOf = Callable[[str], str]

Used = TypeVar("Used")


@dataclass
class _Loaded:
    predictor: Predictor
    forms: tuple[list[str], list[str]]  # of all tokens: inside a sentence, and as its first word
    verdicts: dict[bool, npt.NDArray[np.str_]]  # by whether the word is the sentence's first; as of `_judged_by`


class Models:
    """Several models that answer the same sentence. One answer at a time: two would slow each other."""

    def __init__(self, folders: Mapping[str, Path], device: torch.device | str = "cpu") -> None:
        """Load the models. Raises UserError if a folder has no complete model.

        Args:
            folders: a folder by model name.
        """
        self._lock = threading.Lock()
        self._stamps = {name: _stamp(folder) for name, folder in folders.items()}
        self._folders = dict(folders)
        self._judged_by: VerdictOf | None = None
        self._loaded = {name: self._load(folder, device) for name, folder in folders.items()}

    @staticmethod
    def _load(folder: Path, device: torch.device | str) -> _Loaded:
        predictor = load(folder, device)
        inside = predictor.vocabulary.forms()
        first = inside if predictor.vocabulary.marks_first_word else predictor.vocabulary.forms(first=True)
        return _Loaded(predictor, (inside, first), {})

    @property
    def outdated(self) -> bool:
        """Whether a model on disk is another than the one that was loaded."""
        return any(_stamp(folder) != self._stamps[name] for name, folder in self._folders.items())

    def fill(self, sentence: str, word: str | None, verdict_of: VerdictOf) -> list[dict[str, Any]]:
        """What each model puts into the sentence's mask, and where it ranks `word`.

        Args:
            sentence: with one `[MASK]`.
            word: a word to look up; its rank is None in a model that has no single token for it.
            verdict_of: the verdict on a word; see `evaluation.word_verdicts`.

        Returns:
            An object per model: model, words (likeliest first: word, probability, verdict), wanted and unwanted
            (probability mass of the vocabulary), asked (rank, probability).

        Raises:
            UserError: The sentence does not have exactly one mask that fits into the models.
        """
        with self._lock:
            if verdict_of is not self._judged_by:
                for each in self._loaded.values():
                    each.verdicts = {}
                self._judged_by = verdict_of
            return [{"model": name, **_answer(each, sentence, word, verdict_of)} for name, each in self._loaded.items()]

    def use(self, name: str, work: Callable[[Predictor], Used]) -> Used:
        """Do some work with one of the models, while it answers nothing else."""
        with self._lock:
            return work(self._loaded[name].predictor)

    def ranks(self, sentence: str, word: str) -> dict[str, WordRank | None]:
        """The rank of a word in each model; None where it is not a single token."""
        with self._lock:
            return {name: _rank(each.predictor, sentence, word) for name, each in self._loaded.items()}


def _stamp(folder: Path) -> tuple[int, int] | None:
    try:
        found = (folder / "model.safetensors").stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _rank(predictor: Predictor, sentence: str, word: str) -> WordRank | None:
    if not predictor.vocabulary.mask_ids(word, predictor.vocabulary.opens_with_mask(sentence)):
        return None
    return predictor.ranks(sentence, [word])[word]


def _judge(forms: Iterable[str], verdict_of: VerdictOf) -> npt.NDArray[np.str_]:
    return np.array([verdict_of(form) for form in forms])


def _answer(loaded: _Loaded, sentence: str, word: str | None, verdict_of: VerdictOf) -> dict[str, Any]:
    predictor = loaded.predictor
    first = predictor.vocabulary.opens_with_mask(sentence)
    forms = loaded.forms[first]
    if first not in loaded.verdicts:
        loaded.verdicts[first] = _judge(forms, verdict_of)
    verdicts = loaded.verdicts[first]
    distribution = predictor.probabilities([sentence])[0]
    best = distribution.topk(min(TOP, len(forms)))
    probabilities = distribution.numpy()[: len(forms)]
    asked = None
    if word and (ids := predictor.vocabulary.mask_ids(word, first)):
        likeliest = float(distribution[ids].max())
        asked = {"rank": int((distribution > likeliest).sum()) + 1, "probability": likeliest}
    return {
        "words": [
            {"word": forms[token], "probability": probability, "verdict": verdict_of(forms[token])}
            for token, probability in zip(best.indices.tolist(), best.values.tolist(), strict=True)
            if token < len(forms)
        ],
        "wanted": float(probabilities[verdicts == "wanted"].sum()),
        "unwanted": float(probabilities[verdicts == "unwanted"].sum()),
        "asked": asked,
    }
