"""The interval of a share (Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference")."""

from __future__ import annotations

import math
from statistics import NormalDist

from brandmlm.evaluation.bootstrap import COVERAGE


def wilson_interval(hits: int, count: int, coverage: float = COVERAGE) -> tuple[float, float]:
    """Wilson's score interval of the share `hits / count`, within 0 and 1; `count`: at least one.

    It stays meaningful where all cases pass: 32 of 32 do not show more than 89 %.
    """
    z = NormalDist().inv_cdf((1 + coverage) / 2)
    share, squared = hits / count, z * z
    middle = (share + squared / (2 * count)) / (1 + squared / count)
    half = z / (1 + squared / count) * math.sqrt(share * (1 - share) / count + squared / (4 * count * count))
    # Rounding may leave an end that is exactly 0 or 1 a little beside it.
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == count else middle + half)
