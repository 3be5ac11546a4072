"""The reliability diagram: accuracy over confidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from brandmlm.config.variants import VARIANTS
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.figures.style import MODEL_COLOURS, MODEL_MARKERS, grid, heading, label, models_in, style

MIN_TOKENS: Final = 20  # bins with fewer tokens are not drawn


@style()
def reliability_figure(bins: pd.DataFrame, errors: Mapping[str, Mapping[str, float]]) -> Figure:
    """Accuracy over confidence, one panel per set (Guo et al. 2017, figure 1).

    `bins`: columns model, set, bin, tokens, confidence, correct (see `calibration.bin_sums`); `errors`: model → set →
    expected calibration error.
    """
    models = models_in(bins)
    sets = [name for name in HEADLINE_SETS if name in set(bins["set"])]
    figure = Figure(figsize=(1.4 + 2.4 * len(sets), 4.0))
    panels = figure.subplots(1, len(sets), sharex=True, sharey=True, squeeze=False)[0]
    for axes, name in zip(panels, sets, strict=True):
        axes.plot([0, 1], [0, 1], color="#808080", linewidth=1, linestyle=(0, (3, 2)))
        for model in models:
            rows = bins[(bins["model"] == model) & (bins["set"] == name) & (bins["tokens"] >= MIN_TOKENS)]
            rows = rows.sort_values("bin")
            axes.plot(
                rows["confidence"] / rows["tokens"], rows["correct"] / rows["tokens"], color=MODEL_COLOURS[model],
                marker=MODEL_MARKERS[model], markersize=5, linewidth=1.6, label=label(model),
            )  # fmt: skip
        values = "\n".join(f"{VARIANTS[model]} {100 * errors[model][name]:.1f} %" for model in models)
        axes.text(0.97, 0.03, f"ECE\n{values}", transform=axes.transAxes, ha="right", va="bottom", fontsize=8)
        axes.set_title(f"{name} text")
        axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="confidence")
        axes.xaxis.set_major_formatter(PercentFormatter(1))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
        grid(axes, "both")
    panels[0].set_ylabel("accuracy")
    figure.legend(
        *panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=len(models),
        title="below the dashed line: overconfident",
    )  # fmt: skip
    heading(figure, _title(errors, models, sets), 85)
    return figure


def _title(errors: Mapping[str, Mapping[str, float]], models: Sequence[str], sets: Sequence[str]) -> str:
    worst = ", ".join(
        f"{VARIANTS[model]} {100 * max(errors[model][name] for name in sets):.1f}\u00a0%" for model in models
    )
    return f"Calibration on masked tokens; largest expected calibration error (ECE): {worst}"
