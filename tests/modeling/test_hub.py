"""Bases of kind `hub`: the hub's own client, against a fake server on this machine."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import ROOT, command, environment, set_params
from fetching import digest, waits_fixture  # noqa: F401
from sites import SECRETS, TOKEN, WRONG, File, Handler, Hub, cut, leaks, silent, stall, status, truncated

from brandmlm.config.params.base import HubBase
from brandmlm.core import command_line as cli
from brandmlm.modeling.bases import hub

REPOSITORY = "some-owner/tiny-distilbert"
COMMIT, OLDER = "c0ffee" * 6 + "c0de", "0" * 39 + "1"


@pytest.fixture
def site(distilbert: dict[str, bytes]) -> Iterator[Hub]:
    """The checkpoint, among other files that repositories have."""
    site = Hub()
    others = {"README.md": b"# x", "pytorch_model.bin": b"p" * 9999, "onnx/model.safetensors": b"o" * 9999}
    site.files[REPOSITORY] = {COMMIT: {**distilbert, **others}, OLDER: {"config.json": b"{}"}}
    site.branches["main"] = COMMIT
    with site.running():
        yield site


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "hf"
    folder.mkdir()
    return folder


@pytest.fixture
def client(site: Hub, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hub's client in this process, as if the variables had been set before its import."""
    from huggingface_hub import constants, file_download
    from huggingface_hub.utils import _http

    address = f"http://127.0.0.1:{site.port}"
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", address + "/{repo_id}/resolve/{revision}/{filename}")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(home / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    for name in ("HF_HUB_DOWNLOAD_TIMEOUT", "HF_HUB_ETAG_TIMEOUT"):
        monkeypatch.setattr(constants, name, 5)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(home))
    quick = SimpleNamespace(**{**vars(time), "sleep": lambda seconds: None})
    monkeypatch.setattr(file_download, "time", quick)
    monkeypatch.setattr(_http, "time", quick)


Locate = Callable[..., tuple[int, str, str]]


@pytest.fixture
def locate(client: None, home: Path, waits: list[float], capfd: pytest.CaptureFixture[str]) -> Iterator[Locate]:
    """Locate a base with these keys: exit code, folder, messages. Secrets appear neither there nor in the cache."""
    everything: list[str] = []

    def go(**keys: Any) -> tuple[int, str, str]:
        base = HubBase.model_validate({"kind": "hub", "repository": REPOSITORY, "revision": COMMIT, **keys})
        capfd.readouterr()
        code = 0
        try:
            cli.run(lambda: print(hub.locate(base)))
        except SystemExit as left:
            code = int(str(left.code))
        said = capfd.readouterr()
        everything.extend(said)
        return code, said.out.strip(), said.err

    yield go
    assert not any(secret in text for secret in SECRETS for text in everything)
    assert leaks(home) == []


def refused(result: tuple[int, str, str], *parts: str) -> None:
    code, out, err = result
    assert code == 1 and out == "" and "Traceback" not in err, err
    line = err.strip().splitlines()[-1]
    assert line.startswith("error: ") and all(part in line for part in parts), err


def whole(folder: str, distilbert: dict[str, bytes]) -> None:
    """Assert that the folder has the files of the checkpoint and no others, as the hub has them."""
    assert {path.name: path.read_bytes() for path in Path(folder).iterdir()} == distilbert


def stored(site: Hub) -> list[str]:
    """The files that were requested from storage."""
    return [path.partition("?")[0].rpartition("/")[2] for path in site.paths("/storage/")]


# --- recovery --------------------------------------------------------------------------------------------------------


def test_only_the_files_that_are_needed_come(site: Hub, locate: Locate, distilbert: dict[str, bytes]) -> None:
    code, folder, err = locate(digests={"model.safetensors": digest(distilbert["model.safetensors"])})
    assert code == 0, err
    whole(folder, distilbert)
    assert Path(folder).name == COMMIT
    assert hub.digests(Path(folder)) == {name: digest(content) for name, content in sorted(distilbert.items())}
    assert "B/s" in err  # the bar's speed
    # Only the hub gets the token; storage, on another host, accepts its signature.
    sent = {one.headers.get("Authorization") for one in site.asked if one.path.startswith((f"/{REPOSITORY}", "/api/m"))}
    assert sent == {f"Bearer {TOKEN}"}
    assert stored(site)


def test_a_commit_in_the_cache_is_not_asked_for_again(site: Hub, locate: Locate) -> None:
    _, folder, _ = locate()
    site.asked.clear()
    assert locate() == (0, folder, "")
    assert site.asked == []


def test_a_branch_is_asked_for_what_it_means_now(site: Hub, locate: Locate, distilbert: dict[str, bytes]) -> None:
    assert Path(locate(revision="main")[1]).name == COMMIT
    newer = "ab" * 20
    site.files[REPOSITORY][newer] = dict(site.files[REPOSITORY][COMMIT])
    site.branches["main"] = newer
    _, folder, _ = locate(revision="main")
    assert Path(folder).name == newer
    whole(folder, distilbert)


def test_offline_takes_what_is_in_the_cache_and_asks_nobody(
    site: Hub, locate: Locate, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    refused(locate(), f"{REPOSITORY} at {COMMIT}", "in the cache", "HF_HUB_OFFLINE", "unset it")
    assert site.asked == []
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    folder = locate(revision="main")[1]
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    site.asked.clear()
    assert locate() == locate(revision="main") == (0, folder, "")
    assert site.asked == []


@pytest.mark.parametrize("fault", [cut, stall, truncated], ids=["cut", "stalled", "truncated"])
def test_a_transfer_that_fails_at_half(
    site: Hub, locate: Locate, distilbert: dict[str, bytes], monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.5)
    site.faults["/model.safetensors?"] = [fault, None]
    code, folder, err = locate()
    assert code == 0, err
    whole(folder, distilbert)
    assert stored(site).count("model.safetensors") == 2


def other_bytes(handler: Handler, file: File) -> None:
    handler.reply_file(File(b"z" * len(file.content)))


def test_other_bytes_of_the_same_size_are_noticed(site: Hub, locate: Locate, distilbert: dict[str, bytes]) -> None:
    """The client itself compares sizes only."""
    site.faults["/model.safetensors?"] = [other_bytes, None]
    code, folder, err = locate()
    assert code == 0, err
    whole(folder, distilbert)
    shutil.rmtree(Path(folder).parents[2])
    site.faults["/model.safetensors?"] = [other_bytes] * 2
    refused(locate(), "model.safetensors differs from what the hub lists, twice")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_damaged_cache_is_repaired(locate: Locate, distilbert: dict[str, bytes], name: str) -> None:
    _, folder, _ = locate()
    file = (Path(folder) / name).resolve()
    file.write_bytes(b"z" * file.stat().st_size)
    assert locate()[:2] == (0, folder)
    whole(folder, distilbert)


def test_a_hub_that_is_busy_is_asked_again(site: Hub, locate: Locate, waits: list[float]) -> None:
    site.faults["/api/models/"] = [status(429, Retry_After="9"), status(500), status(503), None]
    code, _, err = locate()
    assert code == 0, err
    assert waits == [9.0, 2.0, 4.0]


# --- errors in one line ----------------------------------------------------------------------------------------------


def test_a_hub_that_stays_down(site: Hub, locate: Locate, waits: list[float]) -> None:
    site.faults["/api/models/"] = [status(500)] * 9
    refused(locate(), "(500), 4 times in a row", "try again later")
    assert waits == [1.0, 2.0, 4.0]


def test_a_damaged_cache_and_a_hub_that_is_down(site: Hub, locate: Locate) -> None:
    _, folder, _ = locate()
    file = (Path(folder) / "config.json").resolve()
    file.write_bytes(b"z" * file.stat().st_size)
    site.faults["/resolve/"] = [status(503)] * 9
    refused(locate(), "(503), 4 times in a row", "try again later")


def test_a_hub_that_is_silent(site: Hub, locate: Locate, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.2)
    site.faults["/api/models/"] = [silent] * 9
    refused(locate(), "sent nothing for too long", "HF_HUB_DOWNLOAD_TIMEOUT")


def test_no_hub(locate: Locate, monkeypatch: pytest.MonkeyPatch) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    refused(locate(), "no connection to the hub", "HF_ENDPOINT", "HF_HUB_OFFLINE=1")


def test_who_may_not_read(site: Hub, locate: Locate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", WRONG)
    refused(locate(), "access denied (401)", "HF_TOKEN")
    monkeypatch.delenv("HF_TOKEN")
    site.private.add(REPOSITORY)
    refused(locate(), "no such repository, or none that you may read (401)", "base.repository", "HF_TOKEN")
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    site.gated.add(REPOSITORY)
    refused(locate(), "its owner requires a request", "HF_TOKEN")


@pytest.mark.parametrize("odd", [f"{TOKEN}\u20ac", f"{TOKEN} {TOKEN}"], ids=["euro", "blank"])
def test_a_token_of_odd_form_is_not_told(site: Hub, locate: Locate, monkeypatch: pytest.MonkeyPatch, odd: str) -> None:
    monkeypatch.setenv("HF_TOKEN", odd)
    refused(locate(), "characters that no token has", "HF_TOKEN")
    assert site.asked == []


def test_what_is_not_there(site: Hub, locate: Locate) -> None:
    refused(locate(repository="some-owner/unknown"), "some-owner/unknown", "no such repository", "base.repository")
    refused(locate(revision="unknown"), "at unknown", "no such revision", "base.revision")
    refused(locate(revision=OLDER), "no model.safetensors", "another revision")
    refused(locate(digests={"gone.json": "0" * 64}), "gone.json is not in it", "base.digests")
    site.files[REPOSITORY][COMMIT]["model.safetensors"] = bytes(2_000_000)
    refused(locate(max_megabytes=1), "over the limit of 1 MB", "base.max_megabytes")


def test_another_digest_than_pinned_is_seen_before_the_download(
    site: Hub, locate: Locate, distilbert: dict[str, bytes]
) -> None:
    found = digest(distilbert["model.safetensors"])
    refused(locate(digests={"model.safetensors": "0" * 64}), found, "0" * 64, "base.digests")
    assert stored(site) == []


def test_a_full_disk(client: None, locate: Locate, home: Path) -> None:
    (home / "hub").mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(home / "hub")]
    if subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        refused(locate(), "cannot be written (No space left on device)", "HF_HOME")
        assert not list((home / "hub").rglob("model.safetensors"))
    finally:
        subprocess.run(["umount", str(home / "hub")], check=True)


# --- the whole stage -------------------------------------------------------------------------------------------------


@pytest.fixture
def project(site: Hub, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    shutil.copy(ROOT / "params.yaml", folder)
    set_params(folder, {"sample.base": {"kind": "hub", "repository": REPOSITORY, "revision": "main"}})
    return folder


@pytest.fixture
def variables(site: Hub, home: Path) -> dict[str, str]:
    return {
        "HF_ENDPOINT": f"http://127.0.0.1:{site.port}", "HF_HOME": str(home), "HF_TOKEN": TOKEN, "HOME": str(home),
        "PYTHONPATH": str(ROOT),
    }  # fmt: skip


STAGE = (sys.executable, "-m", "stages.base", "--out", "data/base")


def test_a_whole_stage_records_what_came_and_says_how_to_pin_it(
    project: Path, variables: dict[str, str], home: Path, distilbert: dict[str, bytes]
) -> None:
    done = command(project, *STAGE, **variables)
    assert "base: distilbert, " in done.stdout and "not pinned; `brand-mlm pin`" in done.stdout
    origin = json.loads((project / "data/base/origin.json").read_text())
    assert origin == {
        "kind": "hub",
        "retrieved_from": REPOSITORY,
        "revision": COMMIT,
        "digests": {name: digest(content) for name, content in sorted(distilbert.items())},
    }
    first = {path.name: path.read_bytes() for path in (project / "data/base").iterdir()}
    pinned = {"kind": "hub", "repository": REPOSITORY, "revision": COMMIT, "digests": origin["digests"]}
    set_params(project, {"sample.base": pinned})
    done = command(project, *STAGE, **variables, HF_HUB_OFFLINE="1")
    assert f"{len(distilbert)} digests checked" in done.stdout and "pin" not in done.stdout
    assert {path.name: path.read_bytes() for path in (project / "data/base").iterdir()} == first
    assert leaks(project) == leaks(home) == []


def test_killed_at_half_then_run_again(
    site: Hub, project: Path, variables: dict[str, str], home: Path, distilbert: dict[str, bytes]
) -> None:
    site.faults["/model.safetensors?"] = [stall]
    code = (
        "from brandmlm.config.params.reading import load_params; from brandmlm.modeling.bases import hub; "
        "print(hub.locate(load_params().base))"
    )
    words = (sys.executable, "-c", code)
    deadline = time.monotonic() + 60
    with subprocess.Popen(words, cwd=project, env=environment(**variables), stderr=subprocess.DEVNULL) as process:
        while "model.safetensors" not in stored(site):
            assert process.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert not list(home.rglob("snapshots/*/model.safetensors"))
    whole(command(project, *words, **variables).stdout.strip(), distilbert)
