"""Edits of a project's inputs, and the stages that run because of each.

An edit of inputs has a name, and the same names give the same project, in whatever order they are made. Most change
what a stage depends on but not what it makes, so that the stages behind it do not run: a moment takes seconds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from conftest import set_params

EVALUATE = ("evaluate@base", "evaluate@full", "evaluate@filtered")
EXPORT = ("export@full", "export@filtered")
TRAIN = ("train@full", "train@filtered")


@dataclass(frozen=True)
class Edit:
    kind: str  # params, brand, module, table
    file: str
    make: Callable[[Path], None]  # in a project
    runs: tuple[str, ...]  # stages that run, in DVC's order, or the first of them


def _params(key: str, value: Any, *runs: str) -> Edit:
    return Edit("params", "params.yaml", lambda project: set_params(project, {key: value}), runs)


def _append(kind: str, file: str, text: str, *runs: str) -> Edit:
    def make(project: Path) -> None:
        with (project / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return Edit(kind, file, make, runs)


def _module(file: str, *runs: str) -> Edit:
    return _append("module", file, "\n_CHAOS = 1\n", "code", *runs)


_PRODUCT = (
    'https://www.example.com/t/nike-chaos/CH0000-001,Nike Chaos Trainer,CH0000-001,0,100,0,Nike,"{text}",4.0,1,[],'
    "2020-04-13T15:49:18\n"
)

EDITS: dict[str, Edit] = {
    "timeout": _params("fetch.timeout_s", 31, "fetch"),
    "license": _params("sample.base.license", "mit", "base", *EXPORT),
    "language": _params("clean.language_confidence", 0.1001, "clean"),
    "brand share": _params("synthesize.brand_share", 0.8001, "synthesize"),
    "validation": _params("split.validation", 0.1001, "split"),
    "drift": _params("filter.drift_warm_up", 31, "filter", *EXPORT),
    "rate": _params("train.learning_rate", 2e-4, *TRAIN, *EVALUATE[1:], "report", *EXPORT),
    "alpha": _params("train.wise_ft_alpha", 0.5, *TRAIN, *EVALUATE[1:], "report", *EXPORT),
    "depth": _params("evaluate.depth", 190, *EVALUATE, "report"),
    "top": _params("report.top", 9, "report", *EXPORT),
    "lexicon": _append("brand", "brands/nike/lexicon.yaml", "# chaos\n", "clean", "synthesize", "filter", *EVALUATE),
    "templates": _append("brand", "brands/nike/templates.yaml", "# chaos\n", "synthesize", "filter", *EVALUATE),
    "code of split": _module("brandmlm/data/splitting.py", "split"),
    "code of filter": _module("brandmlm/filtering/keep_rule.py", "filter"),
    "code of report": _module("brandmlm/reporting/plot_data.py", "report"),
    "code of training": _module("brandmlm/training/loss.py", *TRAIN),
    "table": _append("table", "sample/products.csv", _PRODUCT.format(text=""), "fetch", "clean"),
    "sample": _append("table", "sample/README.md", "chaos\n", "fetch"),
}  # fmt: skip


def _flipped(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :] if data else b"x"


def _replace(file: Path) -> None:
    """As an editor saves: under another name, then renamed."""
    data = _flipped(file.read_bytes())
    new = file.with_name(f"{file.name}~")
    new.write_bytes(data)
    new.replace(file)


def _overwrite(file: Path) -> None:
    """In place, though the file may be a link into DVC's cache and is then read-only."""
    file.chmod(0o644)
    with file.open("r+b") as opened:
        data = _flipped(file.read_bytes())
        opened.write(data)


# What somebody may do to a file of an output.
SPOILED: dict[str, Callable[[Path], None]] = {"replaced": _replace, "overwritten": _overwrite, "removed": Path.unlink}

# Files that can no longer be read: a refusal that names them is right.
BROKEN: dict[str, tuple[str, str]] = {
    "params broken": ("params.yaml", "\nprofile: [\n"),
    "brand broken": ("brands/nike/lexicon.yaml", "\nwanted: {\n"),
    "module broken": ("brandmlm/data/values/dates.py", "\ndef (\n"),
}
