"""Progress: sparse lines in a log, a bar in a terminal, nothing for short work."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios

import pytest
from conftest import ROOT

from brandmlm.core.progress import progress_bar, progress_counter

SLEEP = "time.sleep(2.1)"  # progress is shown after two seconds


def code(body: str) -> list[str]:
    imports = "import time; from brandmlm.core.progress import progress_bar, progress_counter"
    return [sys.executable, "-c", f"{imports}\n{body}"]


def logged(body: str) -> list[str]:
    """The lines of standard error where it is no terminal."""
    done = subprocess.run(code(body), cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    return done.stderr.splitlines()


def test_a_log_has_about_ten_lines_however_many_updates() -> None:
    lines = logged(
        f"with progress_counter('train', 70_000, 'token') as bar:\n"
        f"  {SLEEP}\n"
        f"  for n in range(700):\n"
        f"    bar.set_postfix_str(f'step {{n}}', refresh=False)\n"
        f"    bar.update(100)"
    )
    assert 9 <= len(lines) <= 12
    assert re.fullmatch(r"train: 10 % of 70\.0k tokens, \d+:\d+, \d+:\d+ left, step \d+", lines[0])
    shares = [int(re.search(r"(\d+) %", line).group(1)) for line in lines]  # type: ignore[union-attr]
    assert shares == sorted(shares) and "\r" not in "".join(lines)


def test_an_iteration_of_unknown_length_is_logged_by_time() -> None:
    lines = logged(f"for n in progress_bar('reading', iter(range(3))):\n  {SLEEP} if n == 0 else None")
    assert len(lines) <= 1


def test_short_work_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(progress_bar("checking", range(100))) == list(range(100))
    with progress_counter("train", 10, "token", shown=False) as bar:
        bar.update(10)
    assert capsys.readouterr() == ("", "")


def test_a_terminal_has_one_line_that_is_written_over() -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))  # 80 columns
    body = f"for n in progress_bar('checking', range(9)):\n  {SLEEP} if n == 0 else time.sleep(0.3)"
    process = subprocess.Popen(code(body), cwd=ROOT, stderr=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        shown += part
    assert process.wait() == 0
    os.close(ours)
    assert shown.count(b"\r") >= 2 and b"\n" not in shown.rstrip() and b"checking" in shown
