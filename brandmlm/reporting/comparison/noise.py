"""Known noise: how far metrics of two runs differ although nothing but chance, or the hardware, does.

`make seeds` measures it, from runs that differ in `train.seed` alone, and writes it to `metrics/noise.json`. That file
is in git and no output of the pipeline. Training amplifies rounding as it does a seed, so that a run on other hardware
differs by no more than a run with another seed.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

from brandmlm.core.errors import UserError
from brandmlm.core.files import write_json
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.reporting.seed_spread import MeasureSpread

NOISE: Final = Path("metrics/noise.json")

# Student's t by degrees of freedom, two-sided 95 %; 2 for more than these.
_STUDENT: Final = (12.71, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228)


@dataclass(frozen=True)
class Noise:
    """The largest differences that are noise, with 95 % probability each."""

    profile: str
    brand: str
    seeds: tuple[int, ...]  # values of train.seed it was measured over
    metrics: Mapping[str, float] = field(default_factory=dict)  # of two runs, by the metric's name
    v2_against_v1: Mapping[str, float] = field(default_factory=dict)  # of two models of a run, by the table's row

    def of(self, metric: str) -> float:
        """The largest difference of a metric that is noise; 0 if none is known."""
        return self.metrics.get(metric, 0.0)


def student(count: int) -> float:
    """The two-sided 95 % quantile of Student's t for a spread that was estimated from `count` values."""
    return _STUDENT[count - 2] if count - 2 < len(_STUDENT) else 2.0


def measure_noise(
    profile: str,
    brand: str,
    seeds: Sequence[int],
    runs: Sequence[Mapping[str, float]],
    spreads: Sequence[MeasureSpread],
) -> Noise:
    """The noise over runs with different seeds.

    Args:
        profile: Of the runs.
        brand: Of the runs.
        seeds: One per run.
        runs: The metrics of each run by their full names, without counts, which have no noise.
        spreads: The final table over the same runs.
    """
    quantile = student(len(runs))
    ends = {name + end for name in runs[0] for end in (LOW, HIGH)}
    metrics = {}
    for name in runs[0]:
        values = [run[name] for run in runs if name in run]
        if name in ends or len(values) < len(runs):
            continue
        # A difference of two independent runs has twice the variance of one.
        metrics[name] = math.sqrt(2) * quantile * statistics.stdev(values)
    rows = {
        row.name: quantile * statistics.stdev(v2 - v1 for v1, v2 in zip(*(of.values for of in pair), strict=True))
        for row in spreads if (pair := [row.models["v1"], row.models["v2"]])
    }  # fmt: skip
    return Noise(profile, brand, tuple(seeds), _shown(metrics), _shown(rows))


def _shown(noise: Mapping[str, float]) -> dict[str, float]:
    """Three digits, without zeros."""
    return {name: float(f"{value:.3g}") for name, value in noise.items() if value}


def write_noise(noise: Noise) -> None:
    """Write `metrics/noise.json`."""
    write_json(NOISE, asdict(noise))


def parse_noise(data: bytes | None, where: str) -> Noise | None:
    """The noise of a revision from the bytes of its file; None without one.

    Raises:
        UserError: The file is not what `make seeds` writes.
    """
    if data is None:
        return None
    try:
        document = json.loads(data)
        rows: list[dict[str, Any]] = [document["metrics"], document["v2_against_v1"]]
        numbers = [{str(name): float(value) for name, value in row.items()} for row in rows]
        seeds = tuple(int(seed) for seed in document["seeds"])
        if not all(math.isfinite(value) and value >= 0 for row in numbers for value in row.values()):
            raise ValueError("negative")
        return Noise(str(document["profile"]), str(document["brand"]), seeds, *numbers)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{where}: {NOISE} is not what `make seeds` writes; run it again, or remove the file") from None
