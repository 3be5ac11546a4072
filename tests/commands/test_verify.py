"""`brand-mlm verify`: every byte that changed is found, also one that DVC does not notice."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, Here, command, commit, dvc, environment, run_module

from brandmlm.commands.rebuild import compare_numbers
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
    dvc(project, "config", "core.analytics", "false")
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


def test_a_stage_that_ran_on_other_bytes_is_found(project: Path, here: Here) -> None:
    lock = (project / "dvc.lock").read_text()
    [digest] = {line.split()[1] for line in lock.splitlines() if line.endswith(".dir") and lock.count(line.strip()) > 1}
    (project / "dvc.lock").write_text(lock.replace(digest, f"{'0' * 32}.dir", 1))
    done = here(project, "brandmlm.commands.app", "verify", ok=False)
    assert done.returncode == 1
    assert re.match(
        r"dvc.lock: report ran on other bytes of data/model than train made; run `make repro`\n", done.stdout
    )


# A project whose stages are commands of the shell; `wait` keeps the first one from ending.
REBUILT = """
stages:
  train:
    cmd: >-
      mkdir -p data && cp rows data/model && echo $$ > $DVC_ROOT/started &&
      while test -e $DVC_ROOT/wait; do sleep 0.1; done
    deps: [rows]
    outs: [data/model]
  report:
    cmd: mkdir -p metrics && cp data/model metrics/metrics.json && cat $DVC_ROOT/untracked
    deps: [data/model]
    metrics: [metrics/metrics.json: {cache: false}]
"""


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """A run and committed project in a subfolder of its repository."""
    project = tmp_path / "repository" / "ml" / "brand"
    project.mkdir(parents=True)
    command(project.parents[1], "git", "init", "-q")
    dvc(project, "init", "-q", "--subdir")
    dvc(project, "config", "core.analytics", "false")
    (project / "dvc.yaml").write_text(REBUILT)
    (project / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    (project / "rows").write_text('{"rows": {"kept": 7}}')
    (project / ".gitignore").write_text("/data\n/untracked\n/started\n/wait\n")
    (project / "untracked").touch()
    dvc(project, "repro")
    commit(project)
    return project


def state(project: Path) -> dict[str, bytes]:
    root = project.parents[1]
    return {
        str(file.relative_to(root)): file.read_bytes()
        for file in root.rglob("*")
        if file.is_file() and file.name not in ("started", "index")  # git may refresh its index
    }


@pytest.mark.long
def test_a_rebuild_compares_and_leaves_everything_as_it_was(
    committed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tmp").mkdir()
    variables = {"TMPDIR": str(tmp_path / "tmp")}

    def rebuild() -> tuple[int, list[str]]:
        before = state(committed)
        done = run_module(committed, "brandmlm", "verify", "--rebuild", **variables)
        assert not done.stderr or done.stderr.count("\n") == 1, done.stderr
        assert state(committed) == before and [*(tmp_path / "tmp").iterdir()] == []
        return done.returncode, (done.stdout + done.stderr).splitlines()

    code, lines = rebuild()
    assert (code, lines[:2]) == (0, ["rebuild 1/2: train", "rebuild 2/2: report"])
    assert re.fullmatch(r"verify: rebuilt 2 outputs of [0-9a-f]{7}: same bytes", lines[2])

    # Edits that are not committed are not rebuilt; a lock that is not of its commit's rows is a fault.
    (committed / "rows").write_text('{"rows": {"kept": 8}}')
    code, lines = rebuild()
    assert code == 0 and re.fullmatch(r"rebuild: of HEAD \(.{7}\); what is not committed is not in it", lines[0])
    commit(committed)
    code, lines = rebuild()
    assert code == 1
    assert re.fullmatch(r"data/model: other bytes than dvc.lock at [0-9a-f]{7} records", lines[2])
    assert lines[3].startswith("metrics/metrics.json: other bytes than")
    assert re.fullmatch(r"dvc.lock at .{7}: train: out of date \(rows\); run `make repro` and commit", lines[4])
    assert lines[5] == "rows.kept: 7 in git, 8 rebuilt"
    assert lines[6].endswith(": other bytes in 2 outputs, 1 numbers differ by more than noise: 2 faults")

    # Noise that was measured and committed.
    noise = {"profile": "sample", "brand": "nike", "seeds": [5, 6], "metrics": {"rows.kept": 5.0}, "v2_against_v1": {}}
    (committed / "metrics" / "noise.json").write_text(json.dumps(noise))
    commit(committed)
    code, lines = rebuild()
    assert code == 1 and lines[-1].endswith(": other bytes in 2 outputs, same numbers within noise: 1 faults")

    # A stage that fails: its last lines, then one line.
    (committed / "untracked").unlink()
    code, lines = rebuild()
    assert code == 1 and any("untracked: No such file" in line for line in lines)
    assert lines[-1] == "error: rebuild: report failed, see above; correct it, commit, and run it again"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 143, marks=pytest.mark.long)]
)
def test_an_interrupted_rebuild_leaves_nothing(committed: Path, tmp_path: Path, number: int, code: int) -> None:
    (tmp_path / "tmp").mkdir()
    (committed / "started").unlink()
    (committed / "wait").touch()
    before = state(committed)
    words = [sys.executable, "-m", "brandmlm", "verify", "--rebuild"]
    variables = environment(TMPDIR=str(tmp_path / "tmp"), PYTHONPATH=str(ROOT))
    with subprocess.Popen(words, cwd=committed, env=variables, stderr=subprocess.PIPE, text=True) as running:
        deadline = time.monotonic() + 120
        while not (committed / "started").exists() or not (committed / "started").read_text().strip():
            assert time.monotonic() < deadline and running.poll() is None
            time.sleep(0.05)
        running.send_signal(number)
        _, err = running.communicate(timeout=60)
    assert (running.returncode, err.count("\n")) == (code, 1), err
    stage = Path("/proc", (committed / "started").read_text().strip())
    assert (
        not stage.exists() or (stage / "cmdline").read_bytes() == b""
    )  # ended, though nobody has asked for its status
    assert state(committed) == before and [*(tmp_path / "tmp").iterdir()] == []


def test_nothing_to_rebuild_is_one_line(project: Path, here: Here) -> None:
    done = here(project, "brandmlm.commands.app", "verify", "--rebuild", ok=False)
    assert (done.returncode, done.stdout) == (1, "") and done.stderr.count("\n") == 1
    done = here(project, "brandmlm.commands.app", "verify", "data", "--rebuild", ok=False)
    assert done.stderr == "error: verify: a folder cannot be rebuilt; leave out one of EXPORT and --rebuild\n"
    done = here(project, "brandmlm.commands.app", "verify", "nowhere", ok=False)
    assert done.stderr == "error: nowhere: not a folder; name the folder of an export\n"


def test_what_counts_as_noise_is_what_compare_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    tree: dict[str, Any] = {"perplexity": 100.0, "perplexity_low": 90.0, "perplexity_high": 110.0}
    for value, low, lines in (
        (101.0, 91.0, []),
        (200.0, 190.0, ["v2: perplexity, real text: 100 (90.0 to 110) in git"]),
    ):
        other = {"perplexity": value, "perplexity_low": low, "perplexity_high": value + 10}
        sides = ({"evaluation": {"filtered": {"real": side}}} for side in (tree, other))
        assert [line.rpartition(", ")[0] for line in compare_numbers(*sides, "HEAD")] == lines
