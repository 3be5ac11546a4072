"""Where a killed run or a full disk stops DVC, `make repro` heals it or says what to do."""

from __future__ import annotations

import shutil
import subprocess
from collections import namedtuple
from pathlib import Path

import pytest
from conftest import ROOT, Here, command, dvc

from brandmlm.commands import dvc_files
from brandmlm.core.errors import UserError

DVC_YAML = """
stages:
  count:
    cmd: echo 7 > count
    deps: [params.yaml]
    outs: [count]
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    (tmp_path / "params.yaml").write_text("{}\n")
    command(tmp_path, "git", "init", "-q")
    dvc(tmp_path, "init", "-q")
    dvc(tmp_path, "config", "core.analytics", "false")
    dvc(tmp_path, "repro")
    return tmp_path


def test_an_output_that_is_overwritten_is_not_the_cache(project: Path) -> None:
    """As root writes, or an editor that does not heed a file's mode: `dvc checkout` must not link to the cache."""
    shutil.copy2(ROOT / ".dvc" / "config", project / ".dvc" / "config")
    count = project / "count"
    count.unlink()
    dvc(project, "checkout")
    mode = count.stat().st_mode
    count.chmod(0o644)
    with count.open("r+") as opened:
        opened.write("8")
    count.chmod(mode)
    dvc(project, "repro")
    assert count.read_text() == "7\n"


def timed(project: Path, here: Here) -> subprocess.CompletedProcess[str]:
    return here(project, "brandmlm.commands.app", "timed", "dvc", "repro", ok=False)


@pytest.mark.parametrize("text", ["", '{"write": {"a', "7"])
def test_a_list_of_files_in_use_that_was_cut_off_is_removed(project: Path, here: Here, text: str) -> None:
    (project / ".dvc" / "tmp" / "rwlock").write_text(text)
    (project / "params.yaml").write_text("a: 1\n")
    assert "corrupted" in dvc(project, "repro", ok=False).stderr or text == "7"
    done = timed(project, here)
    assert done.returncode == 0
    assert ".dvc/tmp/rwlock: removed, because a killed run or a full disk had cut it off\n" in done.stdout


@pytest.mark.parametrize("committed", [True, False])
def test_a_lock_that_was_cut_off_is_restored_as_it_is_said(project: Path, here: Here, committed: bool) -> None:
    if committed:
        command(project, "git", "add", "-A")
        command(project, "git", "commit", "-qm", "state")
    lock = project / "dvc.lock"
    whole = lock.read_text()
    for cut in (0, whole.index("path:") + 7, len(whole) - 20):
        lock.write_text(whole[:cut])
        done = timed(project, here)
        if done.returncode == 0:  # DVC could read it
            continue
        said = done.stderr.splitlines()[-1]
        advised = "git checkout HEAD dvc.lock" if committed else "rm dvc.lock"
        assert said.startswith("error: dvc.lock: DVC cannot read it: ") and f"; `{advised}`, then run it" in said
        command(project, "sh", "-c", advised)
        assert timed(project, here).returncode == 0
        assert lock.read_text() == whole


def test_a_conflict_in_the_lock_is_called_one(project: Path, here: Here) -> None:
    lock = project / "dvc.lock"
    lock.write_text(f"<<<<<<< ours\n{lock.read_text()}=======\n>>>>>>> theirs\n")
    done = timed(project, here)
    assert done.returncode and "a conflict left in it?" in done.stderr.splitlines()[-1]


def test_a_full_disk_is_named(project: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """DVC says `database or disk is full`, or `disk I/O error`."""
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: usage(10**9, 10**9, 7))
    dvc_files.remove_cut_off_list()
    with pytest.raises(UserError, match=r"its disk is full \(7 bytes are left\); free space and run it again$"):
        dvc_files.explain_failure()
    assert timed(project, here).returncode == 0  # nothing failed
