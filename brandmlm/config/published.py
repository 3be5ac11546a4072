"""Where the stage `report` writes what git tracks, from the project's folder."""

from __future__ import annotations

from typing import Final

METRICS: Final = "metrics/metrics.json"

DETAILS: Final = "metrics/details.json"  # every number; earlier revisions have them all in METRICS

PLOTS: Final = "plots"
