"""Other hardware: a run of the committed code that gives other numbers, and what the project says to do about it.

The pipeline is a small one of the same files, whose results depend on a variable as real ones do on the processor.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, command, commit, committed_details, dvc, ran, start

MACHINE = """\
import json, os, pathlib, sys
kind, machine = sys.argv[1], float(os.environ.get("MACHINE", "0"))
model = pathlib.Path("data/models/full")
if kind == "train":
    model.parent.mkdir(parents=True, exist_ok=True)
    model.write_text(str(machine))
else:
    metrics = json.loads(pathlib.Path("published.json").read_text())
    real = metrics["evaluation"]["filtered"]["real"]
    for name in ("perplexity", "perplexity_low", "perplexity_high"):
        real[name] *= 1 + float(model.read_text())
    for folder in ("metrics", "plots"):
        pathlib.Path(folder).mkdir(exist_ok=True)
    pathlib.Path("metrics/details.json").write_text(json.dumps(metrics))
    pathlib.Path("metrics/metrics.json").write_text(json.dumps({"real": real["perplexity"]}))
    pathlib.Path("plots/loss.json").write_text(model.read_text())
"""

PIPELINE = """\
stages:
  train: {cmd: python machine.py train, deps: [machine.py], params: [train.seed], outs: [data/models/full]}
  report:
    cmd: python machine.py report
    deps: [data/models/full, published.json]
    metrics: [metrics/metrics.json: {cache: false, persist: true}]
    outs: [metrics/details.json: {cache: false, persist: true}, plots: {cache: false, persist: true}]
"""

SAME = "the same within rounding"


@pytest.fixture
def committed(tmp_path: Path) -> Path:
    """A project with the results of one machine, committed, and their data in a remote."""
    project = tmp_path / "project"
    project.mkdir()
    shutil.copy(ROOT / "params.yaml", project)
    (project / "published.json").write_text(json.dumps(committed_details()))
    shutil.copytree(ROOT / "brands" / "nike", project / "brands" / "nike")
    (project / "machine.py").write_text(MACHINE)
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / ".gitignore").write_text("/data\n")
    start(project)
    return project


def clone(project: Path, machine: float) -> Path:
    """A fresh clone in which another machine ran the pipeline."""
    other = project.with_name("other")
    command(project.parent, "git", "clone", "-q", str(project), str(other))
    assert ran(dvc(other, "repro", MACHINE=str(machine))) == {"train", "report"}
    return other


def results(project: Path) -> str:
    return command(project, "python", "-m", "brandmlm", "results", PYTHONPATH=str(ROOT)).stdout


def follow(project: Path, said: str, start: str) -> None:
    """Run the command that was said, the one that begins so."""
    [line] = re.findall(rf"^  ({start}.*)$", said, re.MULTILINE)
    command(project, "sh", "-c", line)


def changed(project: Path) -> str:
    return command(project, "git", "status", "--porcelain").stdout


def test_with_a_remote_the_committed_results_come_back_whole(committed: Path) -> None:
    dvc(committed, "remote", "add", "--default", "store", str(committed.with_name("store")))
    commit(committed)
    dvc(committed, "push", "-q")
    assert "HEAD" not in results(committed)
    other = clone(committed, 1e-4)
    said = results(other)
    assert SAME in said and "within the known noise" in said
    follow(other, said, "git restore")
    assert changed(other) == ""
    assert ran(dvc(other, "repro", MACHINE="1e-4")) == set()
    assert changed(other) == "" and "HEAD" not in results(other)


def test_without_a_remote_either_results_can_be_kept(committed: Path) -> None:
    other = clone(committed, 1e-4)
    own = (other / "dvc.lock").read_bytes()
    said = results(other)
    assert SAME in said and "no DVC remote has them" in said and "dvc push" not in said
    follow(other, said, "git restore")
    assert changed(other) == ""
    # As it says: the next run trains again, unless the lock is removed.
    (other / "dvc.lock").unlink()
    assert "train" not in ran(dvc(other, "repro", MACHINE="1e-4"))
    assert (other / "dvc.lock").read_bytes() == own
    command(other, "git", "restore", "dvc.lock", "metrics", "plots")
    assert "train" in ran(dvc(other, "repro", MACHINE="1e-4"))

    follow(other, results(other), "git add")
    assert changed(other) == "" and "HEAD" not in results(other)
    assert ran(dvc(other, "repro", MACHINE="1e-4")) == set()


def test_what_is_more_than_noise_or_has_a_cause_is_not_called_noise(committed: Path) -> None:
    other = clone(committed, 0.5)  # beyond the interval
    said = results(other)
    assert SAME not in said
    assert "1 of" in said and "by more than the known noise: v2: perplexity, real text" in said
    # Known to vary as much between seeds.
    noise = {"profile": "sample", "brand": "nike", "seeds": [5, 6, 7], "v2_against_v1": {}}
    known = {**noise, "metrics": {"evaluation.filtered.real.perplexity": 1000.0}}
    (other / "metrics" / "noise.json").write_text(json.dumps(known))
    assert SAME in results(other)
    # Of another profile, it says nothing of this one.
    (other / "metrics" / "noise.json").write_text(json.dumps({**known, "profile": "seed"}))
    assert SAME not in results(other)

    params = (other / "params.yaml").read_text()
    (other / "params.yaml").write_text(params.replace("\n  seed: 5\n", "\n  seed: 6\n"))
    dvc(other, "repro", MACHINE="1e-4")
    assert "HEAD" not in results(other)  # a param is the cause
