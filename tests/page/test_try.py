"""The command `brand-mlm try` and `make try`: what they say, how they end."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from conftest import ROOT, Here, command, environment, lend_environment
from pages import commands


def test_before_the_first_run_it_says_what_to_do(small: Path, here: Here) -> None:
    done = here(small, "brandmlm.commands.app", "try", "--port", "0", ok=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr == "error: data/base: not there yet; run `make repro` to make it\n"


def test_a_port_in_use_gets_a_line(built_project: Path, here: Here) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = here(built_project, "brandmlm.commands.app", "try", "--port", str(port), ok=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert done.stderr.startswith(f"error: port {port}: in use") and "--port" in done.stderr


def test_without_its_packages_it_says_what_to_install(
    built_project: Path, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "brandmlm.page.server", raising=False)
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = here(built_project, "brandmlm.commands.app", "try", ok=False)
    assert done.returncode == 1 and done.stderr == (
        "error: uvicorn: not installed; run `make try`, which installs what the page needs\n"
    )


def test_nothing_but_its_command_loads_the_page(tmp_path: Path) -> None:
    """Neither a stage, nor the list of commands."""
    stages = ", ".join(f"stages.{file.stem}" for file in sorted((ROOT / "stages").glob("[a-z]*.py")))
    code = f"import sys, brandmlm.commands.app, {stages}; print(*sys.modules)"
    loaded = command(tmp_path, sys.executable, "-c", code, PYTHONPATH=str(ROOT)).stdout.split()
    assert "stages.train" in loaded
    assert [name for name in loaded if name.startswith(("brandmlm.page", "starlette", "uvicorn"))] == []


def test_the_docs_show_what_these_tests_run() -> None:
    assert commands("docs/try.md") == ["make try", "python -m tools.page_pictures", "python -m bench.page"]


@pytest.mark.long
def test_the_pictures_and_the_benchmark_run(built: Path) -> None:
    """With Chromium where there is one; a test of the page itself says so where there is none."""
    if shutil.which("chromium") and shutil.which("chromedriver"):
        pictures = built / "docs" / "pictures"
        before = {file.name for file in pictures.iterdir()}
        command(built, "python", "-m", "tools.page_pictures")
        assert {file.name for file in pictures.iterdir()} == before
        assert command(built, "git", "status", "--short").stdout.splitlines()
    said = command(built, "python", "-m", "bench.page", "--requests", "3").stdout
    assert "three models" in said and "the aim, 150 ms" in said


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="sends a signal to a group of processes")
def test_make_try_opens_the_page_until_ctrl_c(built: Path) -> None:
    """With a browser that notes what it is asked to open, and no write outside the project's own folder."""
    opened = built.parent / "opened"
    browser = built.parent / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}\n')
    browser.chmod(0o755)
    variables = environment(**lend_environment(built), BROWSER=str(browser))
    running = subprocess.Popen(
        ["make", "try", "PORT=0"], cwd=built, env=variables, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stdout is not None
    said = ""
    while "Ctrl-C" not in said and (line := running.stdout.readline()):
        said += line
    [url] = re.findall(r"http://127\.0\.0\.1:\d+/", said)
    with urllib.request.urlopen(url) as answer:
        assert "Nike" in answer.read().decode()
    os.killpg(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=60)
    assert "Traceback" not in err and "error" not in err.replace("Error 130", ""), err
    assert opened.read_text() == f"{url}\n"
