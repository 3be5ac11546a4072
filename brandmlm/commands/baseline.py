"""What to do if a run without a change of its own gave other results than those committed: other hardware rounds
differently."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from brandmlm.commands.git import is_clean, read_file
from brandmlm.config.published import DETAILS, METRICS, PLOTS

if TYPE_CHECKING:
    from brandmlm.config.params.reading import Params
    from brandmlm.reporting.comparison.metrics import MetricChange

MADE: Final = ("dvc.lock", METRICS, DETAILS, PLOTS)  # what a run writes and git tracks

MAX_NAMED: Final = 5  # metrics


def baseline_note(params: Params) -> str:
    """What differs from the results committed at HEAD, and what to do; empty if nothing does, or if an input did."""
    if read_file("HEAD", "dvc.lock") is None or is_clean(*MADE):
        return ""

    from brandmlm.commands.revisions import read_here
    from brandmlm.reporting.comparison.locks import parse_lock, same_inputs
    from brandmlm.reporting.comparison.metrics import compare_metrics
    from brandmlm.reporting.comparison.revision import parse_revision, read_details

    lock, here = read_file("HEAD", "dvc.lock"), read_here("dvc.lock")
    if here is None or not same_inputs(parse_lock(lock, "HEAD"), parse_lock(here, "workspace")):
        return ""

    from brandmlm.commands.known_noise import known_noise

    before = parse_revision("HEAD", read_details(partial(read_file, "HEAD")), lock, {})
    after = parse_revision("workspace", read_details(read_here), here, {})
    changes = compare_metrics(before.metrics, after.metrics, params.gates, known_noise(params, "HEAD"))
    return f"{_verdict(changes)}\n{_choices(_has_remote())}"


def _verdict(changes: list[MetricChange]) -> str:
    differing = [change for change in changes if change.outcome != "same"]
    beyond = [change for change in differing if change.outcome != "noise"]
    said = "No input of a stage differs from those of HEAD, but results do: other hardware rounds differently."
    if not beyond:
        how = f"{len(differing)} of {len(changes)} metrics differ, all within the known noise" if differing else ""
        return f"{said}\nThey are the same within rounding{f': {how}' if how else ': no metric differs'}."
    named = ", ".join(f"{change.title} ({change.base_text} → {change.head_text})" for change in beyond[:MAX_NAMED])
    more = f" and {len(beyond) - MAX_NAMED} more" if len(beyond) > MAX_NAMED else ""
    return (
        f"{said}\n{len(beyond)} of {len(changes)} metrics differ by more than the known noise: {named}{more}. "
        "`make seeds` measures the noise; look for the cause before you commit."
    )


def _has_remote() -> bool:
    """Whether the project has a DVC remote."""
    done = subprocess.run([sys.executable, "-m", "dvc", "remote", "list"], capture_output=True, text=True, check=False)
    return bool(done.stdout.strip())


def _choices(remote: bool) -> str:
    made = " ".join(MADE)
    commit = f'git add {made} && git commit -m "Results of this machine"'
    keep: tuple[str, ...]
    if remote:
        keep = (
            f"git restore {made} && dvc pull --force",
            "data/ is the committed run's then, too, and `dvc repro` runs nothing.",
        )
        commit += " && dvc push"
    else:
        keep = (
            f"git restore {made}",
            "The committed models are not here, and no DVC remote has them (docs/remotes.md): the next `dvc repro`",
            "trains again. `rm dvc.lock && dvc repro` takes this machine's results from the cache instead.",
        )
    return "\n".join(["Keep those committed:", *(f"  {line}" for line in keep), "or take yours:", f"  {commit}"])
