"""Random moments: the short form of `make chaos`."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
from conftest import command, copy_project, lend_environment
from pages import commands

from chaos.edits import BROKEN, EDITS, SPOILED
from chaos.happen import has_traceback
from chaos.moments import SIGNALS, TARGETS, draw_moment


def test_a_seed_and_a_number_give_a_moment() -> None:
    moments = [draw_moment(1, number) for number in range(300)]
    assert moments == [draw_moment(1, number) for number in range(300)]
    assert len({str(moment) for moment in moments}) == 300
    assert {moment.signal for moment in moments} == {*SIGNALS, None}
    assert {moment.target for moment in moments} == {*TARGETS, None}
    assert {moment.edit for moment in moments} >= {*BROKEN, *SPOILED, "reverted", None}
    assert all(moment.signal or moment.edit or moment.free is not None for moment in moments)
    assert all(moment.stage in EDITS[moment.change].runs for moment in moments)


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_ten_moments(tmp_path: Path) -> None:
    """As the page has it, with a seed of which ten moments have each kind of signal, target and event.

    A moment is real time, so that a fault which one run in thousands meets may come: what fails has to fail again.
    """
    project = copy_project(tmp_path / "project")
    environment = lend_environment(project) | {"TMPDIR": str(tmp_path)}
    [line] = commands("docs/chaos.md")
    done = command(project, "sh", "-c", line, ok=False, **environment)
    assert "\n10 moments: " in done.stdout, f"{done.stdout[-8000:]}\n{done.stderr[-4000:]}"
    for again in re.findall(r"again: (PYTHONPATH=\S+ python .*?);", done.stdout):
        print(done.stdout)
        command(project, "sh", "-c", again, **environment)


def test_only_fsspec_may_print_a_traceback() -> None:
    trace = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\nValueError: no\n'
    bar = "Exception ignored in: <function TqdmCallback.__del__ at 0x7f>\n" + trace.replace(
        "ValueError", "AttributeError"
    )
    assert has_traceback(trace) and has_traceback(bar + trace) and has_traceback(trace + bar)
    assert not has_traceback(f"ERROR: interrupted by the user\n{bar}")
