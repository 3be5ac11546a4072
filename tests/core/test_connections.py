"""The guard that stops tests, and what they start, from connecting to other machines; see trace/loopback.py."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT, command

AWAY = "192.0.2.1"  # reserved for documentation (RFC 5737): nobody is there


def connect() -> None:
    with socket.socket() as opened:
        opened.connect((AWAY, 80))


def connect_ex() -> None:
    with socket.socket() as opened:
        opened.connect_ex((AWAY, 80))


def connect_six() -> None:
    with socket.socket(socket.AF_INET6) as opened:
        opened.connect(("2001:db8::1", 80))


def send() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as opened:
        opened.sendto(b"x", (AWAY, 53))


def look_up() -> None:
    socket.getaddrinfo("example.org", 80)


@pytest.mark.parametrize("reach", [connect, connect_ex, connect_six, send, look_up])
def test_this_process_cannot_connect(
    reach: Callable[[], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("CONNECTIONS_LOG", str(tmp_path / "log"))
    with pytest.raises(OSError, match="this machine only"):
        reach()
    assert json.loads((tmp_path / "log").read_text())["event"].startswith("socket.")


@pytest.mark.parametrize("path", ["", str(ROOT)])
def test_processes_that_tests_start_cannot_connect(tmp_path: Path, path: str) -> None:
    code = f"import socket; socket.create_connection(('{AWAY}', 80))"
    extra = {"PYTHONPATH": path} if path else {}
    done = command(tmp_path, sys.executable, "-c", code, ok=False, CONNECTIONS_LOG=str(tmp_path / "log"), **extra)
    assert done.returncode and "this machine only" in done.stderr
    assert json.loads((tmp_path / "log").read_text())["to"] == AWAY


def test_this_machine_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()):
        pass
    assert socket.getaddrinfo("localhost", 80)


def test_importing_the_stages_connects_to_nothing(tmp_path: Path) -> None:
    code = "import stages.fetch, brandmlm.commands.pin, brandmlm.data.sources.retrieval, brandmlm.modeling.bases"
    variables = {"KAGGLE_API_TOKEN": "x", "DW_AUTH_TOKEN": "x", "HF_TOKEN": "x", "HOME": str(tmp_path)}
    log = str(tmp_path / "log")
    command(tmp_path, sys.executable, "-c", code, PYTHONPATH=str(ROOT), CONNECTIONS_LOG=log, **variables)
    assert not os.path.exists(log)
    assert list(tmp_path.iterdir()) == []
