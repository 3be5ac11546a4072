"""`brand-mlm verify`: every byte that changed is found, also one that DVC does not notice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Here, command, dvc

from brandmlm.core.errors import UserError
from brandmlm.reporting.export import check_recorded

DVC_YAML = """
stages:
  train:
    cmd: mkdir -p data/model/sub && echo weights > data/model/w.bin && echo 1 > data/model/sub/x
    deps: [params.yaml]
    outs: [data/model]
  count:
    cmd: echo 7 > data/count
    deps: [params.yaml]
    outs: [data/count]
  report:
    cmd: mkdir -p plots && echo 1 > plots/a.json && echo 2 > metrics.json
    deps: [data/model]
    metrics: [metrics.json: {cache: false}]
    outs: [plots: {cache: false}]
"""


@pytest.fixture(scope="module")
def run_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = tmp_path_factory.mktemp("verify") / "project"
    project.mkdir()
    (project / "dvc.yaml").write_text(DVC_YAML)
    (project / "params.yaml").write_text("{}\n")
    command(project, "git", "init", "-q")
    dvc(project, "init", "-q")
    dvc(project, "repro")
    return project


@pytest.fixture
def project(run_once: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run_once, tmp_path / "project", symlinks=True))


def flip(file: Path) -> None:
    """Change one byte in place, as a failing disk does: size, time and mode stay."""
    status = file.stat()
    file.chmod(0o644)
    data = bytearray(file.read_bytes())
    data[0] ^= 1
    with file.open("r+b") as opened:
        opened.write(data)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    file.chmod(status.st_mode)


def test_a_run_is_as_recorded(project: Path, here: Here) -> None:
    said = here(project, "brandmlm.commands.app", "verify").stdout
    assert said == "verify: 4 outputs of dvc.lock, 4 objects in the cache: all bytes as recorded\n"


CHANGED = "not the bytes that dvc.lock records; "


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (lambda project: flip(project / "data/model/sub/x"), f"data/model/sub/x: {CHANGED}"),
        (lambda project: flip(project / "data/count"), f"data/count: {CHANGED}"),
        (lambda project: flip(project / "metrics.json"), f"metrics.json: {CHANGED}"),
        (lambda project: flip(project / "plots/a.json"), f"plots: {CHANGED}"),
        (lambda project: (project / "data/model/w.bin").unlink(), "data/model/w.bin: missing; bring it back"),
        (lambda project: shutil.rmtree(project / "data/model"), "data/model: missing; bring it back"),
        (lambda project: (project / "data/model/more").write_text(""), "data/model/more: not in dvc.lock; remove it"),
    ],
)
def test_each_fault_is_a_line(project: Path, here: Here, damage: Callable[[Path], object], told: str) -> None:
    for file in [path for path in (project / "data").rglob("*") if path.is_file()]:
        copy = file.read_bytes()  # no link into the cache: only the workspace is damaged
        file.unlink()
        file.write_bytes(copy)
    damage(project)
    done = here(project, "brandmlm.commands.app", "verify", ok=False)
    fault, summary = done.stdout.splitlines()
    assert done.returncode == 1 and fault.startswith(told)
    assert summary.endswith(": 1 faults")


def test_a_byte_that_rots_in_the_cache_is_found(project: Path, here: Here) -> None:
    """DVC checks it out and calls it up to date."""
    objects = project / ".dvc" / "cache" / "files" / "md5"
    [weights] = [file for file in objects.rglob("*") if file.is_file() and file.read_bytes() == b"weights\n"]
    flip(weights)
    shutil.rmtree(project / "data" / "model")
    dvc(project, "checkout")
    assert (project / "data" / "model" / "w.bin").read_bytes() != b"weights\n"
    done = here(project, "brandmlm.commands.app", "verify", ok=False)
    assert done.returncode == 1
    rotten, changed, summary = done.stdout.splitlines()
    assert rotten.startswith(f"{weights}: damaged; remove it, then `dvc pull`")
    assert changed.startswith(f"data/model/w.bin: {CHANGED}")
    assert summary.endswith(": 2 faults")


def test_what_was_never_pulled_is_no_fault_of_the_cache(project: Path, here: Here) -> None:
    shutil.rmtree(project / ".dvc" / "cache")
    said = here(project, "brandmlm.commands.app", "verify").stdout
    assert said == "verify: 4 outputs of dvc.lock, 0 objects in the cache: all bytes as recorded\n"


def test_no_lock_is_one_line(project: Path, here: Here) -> None:
    (project / "dvc.lock").unlink()
    done = here(project, "brandmlm.commands.app", "verify", ok=False)
    assert (done.returncode, done.stderr) == (1, "error: dvc.lock: not found; run `make repro` to make it\n")
    (project / "dvc.lock").write_text("stages: {train: {outs: [7]}}")
    assert "not what DVC writes" in here(project, "brandmlm.commands.app", "verify", ok=False).stderr


def test_an_export_checks_its_model(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project)
    model = Path("data/model")
    flip(model / "w.bin")
    check_recorded(model)  # outside of DVC
    monkeypatch.setenv("DVC_STAGE", "export@full")
    with pytest.raises(UserError, match=r"^data/model: not the bytes that dvc\.lock records; `brand-mlm verify` tells"):
        check_recorded(model)
    flip(model / "w.bin")
    check_recorded(model)
    check_recorded(Path("params.yaml"))  # no output
