"""Whether a converted model has the same likeliest words as the original."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

TOP: Final = 5

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Change:
    """A sentence whose top words changed."""

    sentence: int  # its index
    came: int  # the token that is in the top now and least likely by the original
    left: int  # the token that is no longer in it and most likely by the original


@dataclass(frozen=True)
class Agreement:
    """How far a converted model has the original's top words."""

    sentences: int
    same_order: int  # sentences with the same words in the same order
    same_words: int  # sentences with the same words
    shift: float  # the largest change of a probability
    changes: tuple[Change, ...]  # sentences whose words differ by more than ties


def compare_top(original: Floats, converted: Floats, tie: float, top: int = TOP) -> Agreement:
    """Compare the `top` likeliest tokens of each sentence.

    Words whose probabilities are within a share of `tie` are tied: no rounding keeps their order. A sentence differs if
    the converted model's top has a token that the original finds less likely than (1 - tie) times its last top token.

    Args:
        original, converted: probabilities (sentences, vocabulary).
    """
    order = [np.argsort(-each, axis=1, kind="stable")[:, :top] for each in (original, converted)]
    is_same_order = (order[0] == order[1]).all(1)
    is_same = (np.sort(order[0], 1) == np.sort(order[1], 1)).all(1)
    changes = []
    for sentence in np.flatnonzero(~is_same):
        ours, theirs = order[0][sentence], order[1][sentence]
        p = original[sentence]
        came = min(np.setdiff1d(theirs, ours), key=lambda token: p[token])
        left = max(np.setdiff1d(ours, theirs), key=lambda token: p[token])
        if p[came] < (1 - tie) * p[ours[-1]]:
            changes.append(Change(int(sentence), int(came), int(left)))
    shift = float(np.abs(original - converted).max())
    return Agreement(len(original), int(is_same_order.sum()), int(is_same.sum()), shift, tuple(changes))
