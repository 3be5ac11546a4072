"""The page of a comparison: GitHub's Markdown, or HTML with its pictures inside."""

from __future__ import annotations

import base64
import mimetypes
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from brandmlm.config.variants import VARIANTS
from brandmlm.reporting.comparison.gates import GateResult, folded, headline
from brandmlm.reporting.comparison.locks import compare_locks, list_reasons, same_inputs
from brandmlm.reporting.comparison.metrics import OUTCOMES, MetricChange
from brandmlm.reporting.comparison.noise import Noise
from brandmlm.reporting.comparison.revision import Revision, State
from brandmlm.reporting.comparison.rows import compare_rows
from brandmlm.reporting.comparison.tokens import compare_tokens
from brandmlm.reporting.formatting import escape

TEMPLATES: Final = Path(__file__).parent / "templates"

PICTURES: Final = (".png", ".svg")

MAX_WORD: Final = 40  # characters of the longest word that a table prints in full

Address = Callable[[str, str], str | None]  # path and side ("base" or "head") of a picture: its URL, if it has one

Times = Mapping[str, tuple[str, float]]  # by stage, the digest of its entry in dvc.lock and the seconds of the run


@dataclass(frozen=True)
class Comparison:
    """All facts of the page."""

    base: Revision
    head: Revision
    state: State
    changes: Sequence[MetricChange]
    gate_results: Sequence[GateResult]
    stale: Sequence[str]
    other_numbers: bool  # this machine's run gave other results than the commit's
    noise: Noise | None = None  # None: not measured for this profile and brand

    @property
    def failures(self) -> list[str]:
        """Reasons not to merge; none if every gate passes and no result is out of date."""
        return [*self.stale, *(result.failure for result in self.gate_results if result.failure)]

    @property
    def warnings(self) -> list[str]:
        """Gates that cannot fail, and why."""
        return [result.warning for result in self.gate_results if result.warning]

    @property
    def edited_gates(self) -> list[str]:
        """Gates that the change itself adds, removes or edits: the head's gates are those that check it."""
        return list(
            dict.fromkeys(name.split(".")[1] for name in sorted(self.state.params) if name.startswith("gates."))
        )


@dataclass(frozen=True)
class TableRow:
    """A row of the table at the top, as text."""

    title: str
    base: str
    head: str
    delta: str
    outcome: str
    gate: str


@dataclass(frozen=True)
class PlotChange:
    path: str
    note: str
    base: str | None = None  # address of the picture
    head: str | None = None


def changed_plots(base: Revision, head: Revision, address: Address) -> list[PlotChange]:
    """Plots that are not the same on both sides; pictures with their addresses, and first."""
    plots = []
    for path in dict.fromkeys((*head.plots, *base.plots)):
        before, after = base.plots.get(path), head.plots.get(path)
        if before == after:
            continue
        note = "new" if before is None else "gone" if after is None else ""
        if path.endswith(PICTURES):
            sides = [
                address(path, side) if data is not None else None for side, data in (("base", before), ("head", after))
            ]
            plots.append(PlotChange(path, note, *sides))
        elif path.endswith(".json"):
            plots.append(PlotChange(path, note or "data of a figure: see `dvc plots diff`"))
    return sorted(plots, key=lambda plot: (not (plot.base or plot.head), plot.path))


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def cell(value: Any) -> str:
    """A param's value for a table; long words (digests, addresses) are cut."""
    text = " ".join(str(value).split())
    return "–" if value is None else escape(re.sub(rf"(\S{{12}})\S{{{MAX_WORD - 11},}}", r"\1…", text))


def words(labels: Sequence[str]) -> str:
    """Tokens with their marks, none of them broken over two lines."""
    return escape(", ".join(label.replace(" ", "\u00a0") for label in labels))


def _table_rows(comparison: Comparison, changes: Sequence[MetricChange]) -> list[TableRow]:
    by_metric = {result.metric: result for result in comparison.gate_results}
    rows = []
    for change in changes:
        result = by_metric.get(change.name)
        gate = "" if result is None else f"{'**✗**' if result.failure else '✓'} {result.limit}"
        if result and result.by_noise:
            gate += ", but for noise"
        bad = change.outcome in ("worse", "missing", "not a number")
        outcome = f"**{change.outcome}**" if bad else change.outcome
        rows.append(TableRow(change.title, change.base_text, change.head_text, change.delta_text, outcome, gate))
    return rows


def markdown(comparison: Comparison, address: Address, times: Times) -> str:
    """The page as GitHub's Markdown: the table at the top, the rest folded."""
    base, head = comparison.base, comparison.head
    changed = [change for change in comparison.changes if change.outcome != "same"]
    counted = Counter(change.outcome for change in changed)
    steps = compare_rows(base.metrics, head.metrics)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters |= {
        "escape": escape, "duration": duration, "value": cell, "reasons": list_reasons, "words": words,
    }  # fmt: skip
    return environment.get_template("compare.md").render(
        failures=comparison.failures,
        warnings=comparison.warnings,
        gates=sum(bool(result.gate) for result in comparison.gate_results),
        edited_gates=comparison.edited_gates,
        base=base,
        head=head,
        counts=", ".join(f"{counted[outcome]} {outcome}" for outcome in OUTCOMES if counted[outcome]),
        other_numbers=comparison.other_numbers,
        noise=comparison.noise,
        same_inputs=changed and same_inputs(base.lock, head.lock),
        beyond_noise=counted.total() - counted["noise"],
        rows=_table_rows(comparison, headline(comparison.changes, comparison.gate_results)),
        rows_of_v1=_table_rows(comparison, folded(comparison.changes, comparison.gate_results)),
        intervals=any(change.head_interval for change in comparison.changes),
        params=sorted(comparison.state.params.items()),
        stages=compare_locks(base.lock, head.lock, times),
        steps=steps,
        rows_changed=sum(step.differs for step in steps),
        models=[
            (label, compare_tokens(base.predictions.get(model, []), head.predictions.get(model, [])))
            for model, label in reversed(VARIANTS.items())
        ],
        changed=changed,
        plots=changed_plots(base, head, address),
    )


def html(comparison: Comparison, times: Times) -> str:
    """The page as one self-contained HTML file."""
    sides = {"base": comparison.base.plots, "head": comparison.head.plots}

    def embedded(path: str, side: str) -> str:
        kind = mimetypes.guess_type(path)[0] or "image/png"
        return f"data:{kind};base64,{base64.b64encode(sides[side][path]).decode()}"

    # markdown-it refuses data addresses of most kinds; these are pictures of the project's own.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=False, undefined=StrictUndefined)
    body = parser.render(markdown(comparison, embedded, times))
    return environment.get_template("compare.html").render(body=body)
