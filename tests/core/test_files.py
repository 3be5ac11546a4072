"""Atomic writes: one writer at a time; an error names its own file and cause."""

from __future__ import annotations

import errno
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT, environment, run_main

from brandmlm.core import locks
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, atomic_folder, system_error, write_json
from brandmlm.core.locks import exclusive

HOLD = """
import sys
from brandmlm.core.files import atomic_folder
with atomic_folder("out") as out:
    (out / "file").write_text("whole")
    print("locked", flush=True)
    sys.stdin.read()
"""


def test_a_second_writer_is_refused_and_a_killed_one_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "WAIT_S", 0.1)
    holding = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=tmp_path, env=environment(PYTHONPATH=str(ROOT)), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holding.stdout and holding.stdout.readline() == "locked\n"
    out = tmp_path / "out"
    refused = pytest.raises(UserError, match=f"^{out}: another process is writing it; wait for it, or stop it")
    with refused, atomic_folder(out):
        pass
    assert (tmp_path / ".out.partial" / "file").read_text() == "whole"  # the other's, untouched
    holding.kill()
    holding.communicate()
    with atomic_folder(out) as partial:
        assert not [*partial.iterdir()]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_process_may_lock_what_it_has_locked(tmp_path: Path) -> None:
    with exclusive(tmp_path / "a"), exclusive(tmp_path / "a"):
        assert (tmp_path / ".a.lock").exists()
    assert not [*tmp_path.iterdir()]


def test_one_who_waits_gets_a_lock_of_its_own(tmp_path: Path) -> None:
    """The file of a lock is deleted while it is locked: two who wait for it must not both have one."""
    code = """
import os, sys
from brandmlm.core.locks import exclusive
for _ in range(200):
    with exclusive("shared"):
        os.mkdir("inside")
        os.rmdir("inside")
"""
    variables = environment(PYTHONPATH=str(ROOT))
    processes = [subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=variables) for _ in range(3)]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert not [*tmp_path.iterdir()]


def raised(number: int, file: Path | None = None) -> OSError:
    return OSError(number, os.strerror(number), *filter(None, [file and str(file)]))


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.ENOSPC, "No space left on device; free space on the disk and run it again"),
        (errno.EROFS, "Read-only file system; the disk is read-only: run it in another folder"),
        (errno.EACCES, "Permission denied; fix the permissions"),
        (errno.ENOENT, "No such file or directory; something removed it meanwhile: run it again"),
        (errno.EIO, "Input/output error; check the disk, and run it again"),
    ],
)
def test_an_error_tells_its_cause(tmp_path: Path, number: int, remedy: str) -> None:
    out = tmp_path / "out"
    with pytest.raises(UserError) as told, atomic_folder(out):
        raise raised(number)
    assert str(told.value) == f"{out}: {remedy}"
    with pytest.raises(UserError) as told, atomic_folder(out) as partial:
        raise raised(number, partial / "weights")
    assert str(told.value) == f"{out}/weights: {remedy}"


def test_an_error_shows_no_temporary_path(tmp_path: Path) -> None:
    with pytest.raises(UserError) as told, atomic_folder(tmp_path / "out") as partial:
        write_json(partial / "a.json", {})  # a temporary file in a temporary folder
        with atomic_file(partial / "b.json") as inner:
            raise raised(errno.ENOSPC, inner)
    assert str(told.value).startswith(f"{tmp_path}/out/b.json: No space left")
    told = pytest.raises(UserError, match=rf"^{tmp_path}/out: No space left")
    with told, atomic_folder(tmp_path / "out"):
        raise raised(errno.ENOSPC, locks.lock_file(tmp_path / "out"))


def test_an_error_names_its_own_file(tmp_path: Path) -> None:
    with pytest.raises(UserError) as named, atomic_folder(tmp_path / "out"):
        (tmp_path / "vocab.txt").read_text()
    assert str(named.value) == (
        f"{tmp_path}/vocab.txt: No such file or directory; restore it, or run `dvc repro` to make it"
    )
    told = pytest.raises(UserError, match=rf"^{tmp_path}/out/rows.json: No such file or directory; something removed")
    with told, atomic_folder(tmp_path / "out") as partial:
        shutil.rmtree(partial)
        (partial / "rows.json").write_text("")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=rf"^{tmp_path}/file: "), atomic_file(tmp_path / "file" / "out"):
        pass


def test_the_system_s_error_is_found_behind_others() -> None:
    text = "Error while serializing: I/O error: No space left on device (os error 28)"
    found = system_error(ValueError(text))
    assert found and found.errno == errno.ENOSPC
    try:
        try:
            raise raised(errno.EFBIG)
        except OSError:
            raise RuntimeError("unexpected pos 576 vs 534")  # noqa: B904
    except RuntimeError as error:
        found = system_error(error)
    assert found and found.errno == errno.EFBIG
    assert system_error(ValueError("no")) is None


def test_numbers_that_json_lacks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="only finite numbers"):
        write_json(tmp_path / "a.json", {"a": [1.0, float("nan")]})
    write_json(tmp_path / "a.json", {"a": 1})
    assert json.loads((tmp_path / "a.json").read_text()) == {"a": 1}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("database or disk is full", "No space left on device; free space on the disk and run it again"),
        ("disk I/O error", "Input/output error; check the disk, and run it again"),
    ],
)
def test_errors_of_databases_are_those_of_the_disk(
    text: str, told: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def main() -> None:
        raise sqlite3.OperationalError(text)

    assert run_main(monkeypatch, capsys, main, "command") == (1, "", f"error: the system: {told}\n")
