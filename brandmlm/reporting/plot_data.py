"""The rows from which DVC draws its figures."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.evaluation.probes import COUNTS, MASSES
from brandmlm.reporting.figures.style import VERDICT_MARKS
from brandmlm.reporting.inputs import Inputs, Tree, take, take_number
from brandmlm.reporting.metrics import rounded


def write_rows(table: pd.DataFrame, path: Path) -> None:
    """Write a table as a JSON list, one row a line, so that diffs are readable and numbers stay numbers.

    DVC cannot draw a file without rows: an empty table becomes one row of nulls, of which its figures draw nothing.
    """
    records = table.to_dict("records") or [dict.fromkeys(table.columns)]
    lines = [
        json.dumps(
            {key: None if pd.isna(value) else rounded(value) for key, value in record.items()}, ensure_ascii=False
        )
        for record in records
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def dropped_rows(clean: Tree, path: Path) -> pd.DataFrame:
    """Columns source, reason, rows of what `clean` dropped."""
    return pd.DataFrame(
        [(source, reason, rows) for source in clean for reason, rows in take(clean, path, source, "dropped").items()],
        columns=["source", "reason", "rows"],
    )


def signal_counts(filtered: Tree, path: Path) -> dict[str, int]:
    return {
        name: int(take_number(filtered, path, "signals", name, "passed")) for name in take(filtered, path, "signals")
    }


def write_data(
    out: Path, inputs: Inputs, predictions: pd.DataFrame, results: pd.DataFrame, dropped: pd.DataFrame,
    signals: dict[str, int], top: int,
) -> None:  # fmt: skip
    """The rows from which DVC draws. Names of files and columns are an interface: revisions are compared by them."""
    for model in TRAINED_VARIANTS:
        for split in ("train", "validation"):
            rows = inputs.history[(inputs.history["model"] == model) & (inputs.history["split"] == split)]
            write_rows(rows[["step", "tokens", "loss", "perplexity"]], out / "training" / split / f"{model}.json")
    order = {probe: place for place, probe in enumerate(dict.fromkeys(results["probe"]), start=1)}
    head = predictions[predictions["rank"] <= top].merge(results[["model", "probe", "text"]], on=["model", "probe"])
    marks = head["verdict"].map(VERDICT_MARKS)
    head = head.assign(
        label=(head["token"] + " " + marks).str.rstrip(),
        model=head["model"].map(VARIANTS),
        order=head["probe"].map(order),
        sentence=head["text"],
    ).sort_values(["order", "rank"], kind="stable")
    for model, name in VARIANTS.items():
        rows = head[head["model"] == name]
        columns = ["model", "order", "sentence", "rank", "label", "probability"]
        write_rows(rows[columns], out / "tokens" / f"{model}.json")
    labels = dropped["source"] + ": " + dropped["reason"].str.replace("_", " ")
    write_rows(dropped.assign(label=labels), out / "dropped_rows.json")
    counts = {**signals, "kept": int(inputs.filtered["kept"])}
    write_rows(pd.DataFrame(counts.items(), columns=["signal", "rows"]), out / "signals.json")
    write_rows(inputs.months, out / "drift.json")
    write_rows(results[["model", "probe", "kind", *COUNTS, *MASSES]], out / "probes.json")
