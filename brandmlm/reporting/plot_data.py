"""The rows that DVC draws its figures from.

Names of files and columns are an interface: `dvc plots diff` compares revisions by them.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pandas as pd

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.probes import COUNTS, MASSES
from brandmlm.reporting.figures.style import with_mark
from brandmlm.reporting.inputs import Inputs
from brandmlm.reporting.report import RunReport
from brandmlm.reporting.rounding import DRAWN_DIGITS, rounded

DRAWN_PROBES: Final = 5  # in DVC's figure, of a brand without probes of the original experiment


def write_plot_data(report: RunReport, out: Path) -> None:
    """Write the JSON files of all figures into a folder."""
    inputs = report.inputs
    _write_curves(inputs, out / "training")
    tokens = token_scores(report)
    for model, name in VARIANTS.items():
        write_rows(tokens[tokens["model"] == name], out / "tokens" / f"{model}.json")
    dropped = inputs.dropped
    labels = dropped["source"] + ": " + dropped["reason"].str.replace("_", " ")
    write_rows(dropped.assign(label=labels), out / "dropped_rows.json")
    counts = {**inputs.signals, "kept": int(inputs.filtered["kept"])}
    write_rows(pd.DataFrame(counts.items(), columns=["signal", "rows"]), out / "signals.json")
    write_rows(inputs.months, out / "drift.json")
    write_rows(report.probes[["model", "probe", "kind", *COUNTS, *MASSES]], out / "probes.json")


def token_scores(report: RunReport) -> pd.DataFrame:
    """The likeliest tokens of every probe: columns model, order (of the probe), sentence, drawn, rank, label,
    probability.

    DVC's figure has room for a few probes, those `drawn`: of the original experiment, else the first ones.
    """
    order = {probe: place for place, probe in enumerate(dict.fromkeys(report.probes["probe"]), start=1)}
    head = report.predictions[report.predictions["rank"] <= report.top]
    head = head.merge(report.probes[["model", "probe", "text", "seed"]], on=["model", "probe"])
    head = head.assign(
        label=[with_mark(token, verdict) for token, verdict in zip(head["token"], head["verdict"], strict=True)],
        model=head["model"].map(VARIANTS),
        order=head["probe"].map(order),
        sentence=head["text"],
        drawn=head["seed"] if head["seed"].any() else head["probe"].map(order) <= DRAWN_PROBES,
    ).sort_values(["order", "rank"], kind="stable")
    return head[["model", "order", "sentence", "drawn", "rank", "label", "probability"]]


def write_rows(table: pd.DataFrame, path: Path) -> None:
    """Write a table as a JSON list, one row per line, so that diffs are readable.

    DVC cannot draw a file without rows: an empty table becomes one row of nulls, which its figures skip.
    """
    records = table.to_dict("records") or [dict.fromkeys(table.columns)]
    lines = [
        json.dumps(
            {key: None if pd.isna(value) else rounded(value, DRAWN_DIGITS) for key, value in record.items()},
            ensure_ascii=False,
        )
        for record in records
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def _write_curves(inputs: Inputs, out: Path) -> None:
    """The loss by step, a column per model: DVC's legends name columns and files."""
    history = inputs.history
    for split in ("train", "validation"):
        rows = history[history["split"] == split]
        losses = rows.pivot_table(index="step", columns="model", values="loss").reindex(columns=TRAINED_VARIANTS)
        write_rows(losses.rename(columns=VARIANTS).reset_index(), out / f"{split}.json")
