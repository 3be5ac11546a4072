"""Compare the workspace with a branch: what the change does to the model, and whether the gates let it through.

In: the workspace, after `dvc repro`, and the commit at which it left the branch. Out: Markdown on standard output and,
with --html, a page that needs nothing beside itself. Exit code 0: every gate passes; 1: one fails; 2: there is nothing
to compare with, or it cannot be read.
"""

from __future__ import annotations

import argparse
import base64
import mimetypes
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from brandmlm.commands.changes import (
    VERDICTS,
    Change,
    GateResult,
    check_gates,
    compare_metrics,
    compare_rows,
    compare_tokens,
    headline,
)
from brandmlm.commands.locks import by_reason, compare_locks, some, stale_commit, stale_stages
from brandmlm.commands.revisions import (
    Revision,
    State,
    committed_lock,
    git,
    merge_base,
    read_commit,
    read_state,
    read_workspace,
)
from brandmlm.commands.timed import read_times
from brandmlm.config.params.reading import load_params
from brandmlm.config.variants import VARIANTS
from brandmlm.core.command_line import fail, run
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file
from brandmlm.reporting.formatting import escape

TEMPLATES: Final = Path(__file__).parent / "templates"

PICTURES: Final = (".png", ".svg")

WORD: Final = 40  # characters of the longest word that a table shows whole

Address = Callable[[str, str], str | None]  # path and side ("base" or "head") of a picture: where a reader finds it


@dataclass(frozen=True)
class Row:
    """A row of the table on top, as text."""

    title: str
    base: str
    head: str
    delta: str
    verdict: str
    gate: str


@dataclass(frozen=True)
class Plot:
    path: str
    note: str
    base: str | None = None  # address of the picture
    head: str | None = None


@dataclass(frozen=True)
class Comparison:
    """All that the page says, before it is put into words."""

    base: Revision
    head: Revision
    state: State
    changes: Sequence[Change]
    judgements: Sequence[GateResult]
    stale: Sequence[str]
    other_numbers: bool  # this machine's run gave other results than the commit's

    @property
    def failures(self) -> list[str]:
        """Why not to merge, one line each; none where every gate passes."""
        return [*self.stale, *(judgement.failure for judgement in self.judgements if judgement.failure)]

    @property
    def edited_gates(self) -> list[str]:
        """Gates that the change itself adds, takes away or moves: the head's are those that judge it."""
        return list(
            dict.fromkeys(name.split(".")[1] for name in sorted(self.state.params) if name.startswith("gates."))
        )


def compare(branch: str, committed: bool) -> Comparison:
    """Compare the workspace with its merge base with a branch; `committed`: hold HEAD's own dvc.lock to account too."""
    gates = load_params().gates
    commit = merge_base(branch)
    base, head = read_commit(commit), read_workspace()
    state = read_state(commit)
    stale = [
        f"results are out of date, run `dvc repro`: {line}"
        for line in by_reason(stale_stages(state.status, state.outs, state.kept))
    ]
    if committed:
        stale += [
            f"the committed dvc.lock is out of date, run `dvc repro` and commit what it changes: {line}"
            for line in by_reason(stale_commit(committed_lock(), head.lock))
        ]
    changes = compare_metrics(base.metrics, head.metrics, gates)
    other = committed and not stale and bool(git("status", "--porcelain", "--", *state.kept, "dvc.lock"))
    return Comparison(base, head, state, changes, check_gates(changes, gates), stale, other)


def changed_plots(base: Revision, head: Revision, address: Address) -> list[Plot]:
    """Plots of either side that the other has not, or has otherwise; pictures with their addresses."""
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
            plots.append(Plot(path, note, *sides))
        elif path.endswith(".json"):
            plots.append(Plot(path, note or "data of a figure: see `dvc plots diff`"))
    return sorted(plots, key=lambda plot: (not (plot.base or plot.head), plot.path))


def duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def cell(value: Any) -> str:
    """A param's value for a table: of a digest or an address, the beginning."""
    text = " ".join(str(value).split())
    return "–" if value is None else escape(re.sub(rf"(\S{{12}})\S{{{WORD - 11},}}", r"\1…", text))


def words(labels: Sequence[str]) -> str:
    """Tokens in a row, each on one line with its mark."""
    return escape(", ".join(label.replace(" ", "\u00a0") for label in labels))


def markdown(comparison: Comparison, address: Address) -> str:
    """The comparison as GitHub's Markdown: the table first, the rest folded."""
    base, head, changes = comparison.base, comparison.head, comparison.changes
    by_metric = {judgement.metric: judgement for judgement in comparison.judgements}

    def gate(change: Change) -> str:
        judgement = by_metric.get(change.name)
        if judgement is None:
            return ""
        return f"**✗** {judgement.limit}" if judgement.failure else f"✓ {judgement.limit}"

    rows = [
        Row(
            change.title,
            change.base_text,
            change.head_text,
            change.delta_text,
            f"**{change.verdict}**" if change.verdict in ("worse", "missing", "not a number") else change.verdict,
            gate(change),
        )
        for change in headline(changes, comparison.judgements)
    ]
    changed = [change for change in changes if change.verdict != "same"]
    counted = Counter(change.verdict for change in changed)
    counts = [f"{counted[verdict]} {verdict}" for verdict in VERDICTS if counted[verdict]]
    steps = compare_rows(base.metrics, head.metrics)
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True)
    environment.filters |= {"escape": escape, "duration": duration, "value": cell, "some": some, "words": words}
    return environment.get_template("compare.md").render(
        failures=comparison.failures,
        gates=sum(bool(judgement.gate) for judgement in comparison.judgements),
        edited_gates=comparison.edited_gates,
        base=base,
        head=head,
        counts=", ".join(counts),
        other_numbers=comparison.other_numbers,
        rows=rows,
        intervals=any(change.head_interval for change in changes),
        params=sorted(comparison.state.params.items()),
        stages=compare_locks(base.lock, head.lock, read_times()),
        steps=steps,
        rows_changed=sum("→" in f"{step.read}{step.kept}{step.dropped}{step.reasons}" for step in steps),
        models=[
            (label, compare_tokens(base.predictions.get(model, []), head.predictions.get(model, [])))
            for model, label in reversed(VARIANTS.items())
        ],
        changed=changed,
        plots=changed_plots(base, head, address),
    )


def html(comparison: Comparison) -> str:
    """The comparison as a page of its own, pictures included."""
    sides = {"base": comparison.base.plots, "head": comparison.head.plots}

    def embedded(path: str, side: str) -> str:
        kind = mimetypes.guess_type(path)[0] or "image/png"
        return f"data:{kind};base64,{base64.b64encode(sides[side][path]).decode()}"

    # markdown-it refuses data addresses of most kinds; ours are pictures of the project's own.
    parser = MarkdownIt("commonmark", {"html": True}).enable("table")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=False, undefined=StrictUndefined)
    return environment.get_template("compare.html").render(body=parser.render(markdown(comparison, embedded)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m brandmlm.commands.compare", description=__doc__.splitlines()[0])
    parser.add_argument("branch", nargs="?", default="origin/main", help="what to merge into (default: %(default)s)")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a self-contained page as well")
    parser.add_argument(
        "--committed", action="store_true", help="fail, too, where HEAD's own dvc.lock is out of date (for CI)"
    )
    parser.add_argument(
        "--pictures", metavar="URL", help="where COMMIT/PATH gives a committed picture; without it they are only named"
    )
    arguments = parser.parse_args()
    try:
        comparison = compare(arguments.branch, arguments.committed)
    except UserError as error:
        fail(str(error), 2)
    commits = {"base": merge_base(arguments.branch), "head": (git("rev-parse", "HEAD") or b"").decode().strip()}

    def address(path: str, side: str) -> str | None:
        """A picture's address at its commit; none for one that this run made and nobody committed."""
        data = git("cat-file", "blob", f"{commits[side]}:{path}", ok=False) if arguments.pictures else None
        shown = {"base": comparison.base, "head": comparison.head}[side].plots[path]
        return f"{arguments.pictures}/{commits[side]}/{path}" if data == shown else None

    print(markdown(comparison, address))
    if arguments.html:
        with atomic_file(arguments.html) as partial:
            partial.write_text(html(comparison), encoding="utf-8")
    if comparison.failures:
        raise SystemExit(1)


if __name__ == "__main__":
    run(main, interrupted="nothing was changed")
