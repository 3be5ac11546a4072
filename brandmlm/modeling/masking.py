"""Which tokens are masked: drawn at random in training, fixed by a hash in evaluation.

Evaluation masks every eligible token exactly once, over complementary folds chosen by a hash of the row's id and the
token's position. Perplexity is then a number rather than a draw, and every model is scored on the same examples.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

IGNORED: Final = -100  # label of a token that the loss skips: the default `ignore_index` of torch's cross-entropy

Ints = npt.NDArray[np.int64]

Bools = npt.NDArray[np.bool_]

Floats = npt.NDArray[np.float64]

# SplitMix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators", section 3): the increment and
# the two multipliers of the finaliser.
_GAMMA = np.uint64(0x9E3779B97F4A7C15)

_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)

_MIX_2 = np.uint64(0x94D049BB133111EB)


def fixed_mask_folds(row_id: str, length: int, folds: int) -> Ints:
    """The fold in which each position of a row is masked: int64 (length,), values 0 to folds - 1.

    A token's fold depends on its row and position only, never on other rows.

    Args:
        row_id: 16 hex digits.
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
    probability: float | Floats,
    mask_id: int,
    vocabulary: Ints,
    rng: np.random.Generator,
) -> tuple[Ints, Ints]:
    """Mask a batch for training (Devlin et al. 2019, BERT, section 3.1).

    Of the chosen tokens, 80 % become the mask token, 10 % a random token and 10 % stay. Every row with an eligible
    token has at least one chosen, so that no row is computed in vain.

    Args:
        input_ids: (batch, length).
        eligible: (batch, length), tokens that may be chosen.
        probability: of an eligible token to be chosen; one for all or per token, (batch, length).
        vocabulary: ids of the random tokens.

    Returns:
        Corrupted ids and labels, both (batch, length); labels are `IGNORED` at tokens that were not chosen.
    """
    draw = rng.random(input_ids.shape)
    draw[~eligible] = np.inf
    chosen = draw < probability
    without = eligible.any(axis=1) & ~chosen.any(axis=1)
    chosen[without, draw[without].argmin(axis=1)] = True
    labels = np.where(chosen, input_ids, IGNORED)
    treatment = rng.random(input_ids.shape)
    random_ids = rng.choice(vocabulary, size=input_ids.shape)
    corrupted = np.where(chosen & (treatment < 0.8), mask_id, input_ids)
    corrupted = np.where(chosen & (treatment >= 0.9), random_ids, corrupted)
    return corrupted, labels
