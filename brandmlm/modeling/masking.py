"""Which tokens are masked: at random while training, fixed while evaluating.

Evaluation masks every eligible token exactly once, over complementary passes chosen by a hash of the row's id and
the token's position. Perplexity is then a number and not a draw, and every model is asked the same questions.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

IGNORED: Final = -100  # the label of a token that the loss skips (torch's cross-entropy default)

Ints = npt.NDArray[np.int64]

Bools = npt.NDArray[np.bool_]

Floats = npt.NDArray[np.float64]

# SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", section 3): increment and
# the two multipliers of its finaliser.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)

_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)

_MIX_2 = np.uint64(0x94D049BB133111EB)


def fixed_mask_folds(row_id: str, length: int, folds: int) -> Ints:
    """The pass in which each position of a row is masked: int64 of shape (length,), values 0 .. passes - 1.

    `row_id` is 16 hex digits. A token's pass depends on its row and position alone, not on the other rows.
    """
    with np.errstate(over="ignore"):
        z = np.uint64(int(row_id, 16)) + np.arange(1, length + 1, dtype=np.uint64) * _GAMMA
        z = (z ^ (z >> np.uint64(30))) * _MIX_1
        z = (z ^ (z >> np.uint64(27))) * _MIX_2
        z = z ^ (z >> np.uint64(31))
    return (z % np.uint64(folds)).astype(np.int64)


def random_masks(
    input_ids: Ints,
    eligible: Bools,
    rate: float | Floats,
    mask_id: int,
    vocabulary: Ints,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Corrupt a batch for training (Devlin et al. 2019, BERT, section 3.1): of the chosen tokens 80 % become the mask
    token, 10 % a random word, 10 % stay.

    `input_ids`, `eligible`: shape (batch, length); `rate`: share of eligible tokens chosen, or each token's
    probability of being chosen, (batch, length); `vocabulary`: ids a random word may be. Returns (corrupted ids,
    labels), both (batch, length); labels are `IGNORED` where nothing was chosen.
    Every row with an eligible token has at least one chosen, so that no row costs time and teaches nothing.
    """
    draw = rng.random(input_ids.shape)
    draw[~eligible] = np.inf
    chosen = draw < rate
    bare = eligible.any(axis=1) & ~chosen.any(axis=1)
    chosen[bare, draw[bare].argmin(axis=1)] = True
    labels = np.where(chosen, input_ids, IGNORED)
    fate = rng.random(input_ids.shape)
    words = rng.choice(vocabulary, size=input_ids.shape)
    corrupted = np.where(chosen & (fate < 0.8), mask_id, input_ids)
    corrupted = np.where(chosen & (fate >= 0.9), words, corrupted)
    return corrupted, labels
