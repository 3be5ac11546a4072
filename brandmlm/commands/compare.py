"""`brand-mlm compare`: the workspace against a branch, and whether the gates pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import quote

import typer

from brandmlm.commands.git import head_commit, is_clean, merge_base, project_prefix, read_file
from brandmlm.commands.project import enter_project
from brandmlm.commands.timed import read_times
from brandmlm.core.command_line import fail
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file

if TYPE_CHECKING:
    from brandmlm.reporting.comparison.page import Address, Comparison

EXAMPLE: Final = "brand-mlm compare origin/main --html comparison.html"


def read_comparison(commit: str, committed: bool) -> Comparison:
    """Compare the workspace with a commit; `committed`: check HEAD's own dvc.lock as well."""
    from brandmlm.commands.known_noise import known_noise
    from brandmlm.commands.revisions import committed_lock, read_commit, read_state, read_workspace
    from brandmlm.config.params.reading import load_params
    from brandmlm.reporting.comparison.gates import check_gates
    from brandmlm.reporting.comparison.locks import by_reason, stale_commit, stale_stages
    from brandmlm.reporting.comparison.metrics import compare_metrics
    from brandmlm.reporting.comparison.page import Comparison

    params = load_params()
    gates, noise = params.gates, known_noise(params, commit)
    base, head, state = read_commit(commit), read_workspace(), read_state(commit)
    stale = [
        f"results are out of date, run `dvc repro`: {line}"
        for line in by_reason(stale_stages(state.status, state.outs, state.kept))
    ]
    if committed:
        stale += [
            f"the committed dvc.lock is out of date, run `dvc repro` and commit what it changes: {line}"
            for line in by_reason(stale_commit(committed_lock(), head.lock))
        ]
    changes = compare_metrics(base.metrics, head.metrics, gates, noise)
    other = committed and not stale and not is_clean(*state.kept, "dvc.lock")
    return Comparison(base, head, state, changes, check_gates(changes, gates), stale, other, noise)


def committed_address(comparison: Comparison, commit: str, url: str | None) -> Address:
    """A function from a picture to its address at its commit; no address for a picture that is not committed."""
    commits = {"base": commit, "head": head_commit()}
    plots = {"base": comparison.base.plots, "head": comparison.head.plots}
    prefix = project_prefix()

    def address(path: str, side: str) -> str | None:
        data = read_file(commits[side], path) if url else None
        return f"{url}/{commits[side]}/{quote(prefix + path)}" if data == plots[side][path] else None

    return address


def compare(
    branch: Annotated[str, typer.Argument(help="The branch to merge into.")] = "origin/main",
    html: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write a self-contained page as well.", show_default=False)
    ] = None,
    committed: Annotated[
        bool, typer.Option("--committed", help="Fail, too, if HEAD's own dvc.lock is out of date (for CI).")
    ] = False,
    pictures: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Address under which COMMIT/PATH is a committed picture.", show_default=False),
    ] = None,
) -> None:
    """Show what the workspace does to the model, against a branch.

    Compares with the commit at which the workspace left the branch, and prints Markdown. Exit code 0: every gate
    passes; 1: a gate fails or results are out of date; 2: there is nothing to compare with, or it cannot be read.
    """
    page = html and html.absolute()
    try:
        enter_project()
        commit = merge_base(branch)
        comparison = read_comparison(commit, committed)
    except UserError as error:
        fail(str(error), 2)

    from brandmlm.reporting.comparison import page as pages

    times = read_times()
    print(pages.markdown(comparison, committed_address(comparison, commit, pictures), times))
    if page:
        with atomic_file(page) as partial:
            partial.write_text(pages.html(comparison, times), encoding="utf-8")
    if comparison.failures:
        raise typer.Exit(1)
