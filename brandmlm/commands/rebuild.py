"""Rebuild HEAD in a temporary clone, without DVC's cache, and compare the results with what HEAD has in git."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from brandmlm.commands.git import git, head_commit, is_clean, need_repository, project_prefix, read_file
from brandmlm.commands.known_noise import known_noise
from brandmlm.commands.timed import STARTED
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError
from brandmlm.core.lifetime import die_with_parent
from brandmlm.core.recorded import Lock, recorded_outputs
from brandmlm.reporting.comparison.locks import parse_lock, stale_commit
from brandmlm.reporting.comparison.metrics import compare_metrics
from brandmlm.reporting.comparison.revision import parse_revision, read_details

LAST_LINES: Final = 15  # of a run that failed

END_S: Final = 10.0  # for a run that is asked to end

# DVC's settings in the clone: a cache of its own, whatever the user's or the project's settings say.
CACHE: Final = "[cache]\n    dir = cache\n"


@contextmanager
def clone_head(commit: str) -> Iterator[tuple[Path, Path]]:
    """Yield the project's folder in a clone of the commit, and one for temporary files; remove both at the end."""
    repository = os.fsdecode(git("rev-parse", "--show-toplevel") or b"").rstrip("\n")
    prefix = project_prefix()
    with TemporaryDirectory(prefix="brand-mlm-rebuild-", ignore_cleanup_errors=True) as folder:
        clone = Path(folder, "clone")
        git("clone", "--quiet", "--no-checkout", "--", repository, str(clone))
        git("-C", str(clone), "checkout", "--quiet", "--detach", commit)
        temporary = Path(folder, "tmp")
        temporary.mkdir()
        yield clone / prefix, temporary


def _end(process: subprocess.Popen[str]) -> None:
    """End a run and the stages that it started: all processes of its group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(END_S)
    process.wait()


def run_pipeline(project: Path, temporary: Path, stages: int) -> None:
    """Run all stages of a clone, with this process's Python; print a line when a stage starts.

    Files that git does not track are read from the current folder, as in `dvc exp run --temp`.

    Args:
        project: The project's folder in the clone.
        temporary: For temporary files; DVC leaves some.
        stages: How many there are.

    Raises:
        UserError: a stage fails.
    """
    (project / ".dvc" / "config.local").write_text(CACHE, encoding="utf-8")
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    environment = {
        **os.environ,
        "PATH": path,
        "DVC_ROOT": str(Path.cwd()),
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(temporary),
    }
    with subprocess.Popen(
        [sys.executable, "-m", "dvc", "repro", "--force"],
        cwd=project,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C reaches this process alone, which then ends the group
        preexec_fn=die_with_parent(signal.SIGTERM),
    ) as process:
        assert process.stdout is not None
        last, started, stage = deque[str](maxlen=LAST_LINES), 0, ""
        try:
            for line in process.stdout:
                last.append(line.rstrip())
                if found := STARTED.match(line):
                    started, stage = started + 1, found[1]
                    say(f"rebuild {started}/{stages}: {stage}")
            process.wait()
        finally:
            if process.poll() is None:
                _end(process)
    if process.returncode:
        say("\n".join(last))
        raise UserError(f"rebuild: {stage or 'DVC'} failed, see above; correct it, commit, and run it again")


def compare_outputs(recorded: Lock, rebuilt: Lock) -> list[str]:
    """A line for each output that has other bytes than those recorded."""
    before, after = recorded_outputs(recorded), recorded_outputs(rebuilt)
    return [
        f"{path}: {'other bytes' if path in before and path in after else 'only rebuilt' if path in after else 'gone'}"
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    ]


def compare_numbers(recorded: Mapping[str, Any], rebuilt: Mapping[str, Any], commit: str) -> list[str]:
    """A line for each published number that differs by more than the noise known at a commit."""
    from brandmlm.config.params.reading import load_params

    params = load_params()
    changes = compare_metrics(recorded, rebuilt, params.gates, known_noise(params, commit))
    return [
        f"{change.title}: {change.base_text} in git, {change.head_text} rebuilt"
        for change in changes
        if change.outcome not in ("same", "noise")
    ]


def rebuild() -> tuple[list[str], str]:
    """Rebuild HEAD and compare.

    Returns:
        A line for each fault, and the verdict. Other bytes with the same numbers within noise are no fault: another
        processor rounds otherwise.
    """
    need_repository("rebuilding")
    commit = head_commit()
    data = read_file(commit, "dvc.lock")
    if data is None:
        raise UserError("dvc.lock: not in HEAD; run `make repro` and commit what it changes")
    lock, recorded = parse_lock(data, commit[:7]), read_details(partial(read_file, commit))
    if not is_clean("."):
        say(f"rebuild: of HEAD ({commit[:7]}); what is not committed is not in it")
    with clone_head(commit) as (project, temporary):
        run_pipeline(project, temporary, len(lock))
        rebuilt = parse_lock((project / "dvc.lock").read_bytes(), "rebuilt")
        numbers = read_details(lambda path: (project / path).read_bytes() if (project / path).is_file() else None)
    faults = [
        f"dvc.lock at {commit[:7]}: {stage}: out of date ({', '.join(why)}); run `make repro` and commit"
        for stage, why in stale_commit(lock, rebuilt).items()
    ]
    differing = compare_outputs(lock, rebuilt)
    for line in differing:
        say(f"{line} than dvc.lock at {commit[:7]} records" if line.endswith("other bytes") else line)
    if not differing:
        return faults, f"rebuilt {len(recorded_outputs(lock))} outputs of {commit[:7]}: same bytes"
    before, after = parse_revision("HEAD", recorded, None, {}), parse_revision("rebuilt", numbers, None, {})
    beyond = compare_numbers(before.metrics, after.metrics, commit)
    told = f"{len(beyond)} numbers differ by more than noise" if beyond else "same numbers within noise"
    return faults + beyond, f"rebuilt {commit[:7]}: other bytes in {len(differing)} outputs, {told}"
