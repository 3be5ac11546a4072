"""DVC's own tables of the metrics fit a terminal of 120 columns: real params and numbers, stages that take no time."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, committed_details, dvc, run_module, start

from brandmlm.reporting.decisive import DECISIVE, MEANINGS, decisive_metrics

WIDTH = 120

# As the real stages are connected; what they write differs where the params do.
PIPELINE = """\
stages:
  train:
    foreach: {full: data/split, filtered: data/filtered}
    do:
      cmd: python stage.py data/models/${key}
      deps: [adapters/head, "${item}"]
      params: [train, "${profile}.train"]
      outs: ["data/models/${key}"]
  evaluate:
    foreach: {full: data/models/full, filtered: data/models/filtered}
    do:
      cmd: python stage.py data/eval/${key}
      deps: ["${item}"]
      params: [evaluate]
      outs: ["data/eval/${key}"]
  report:
    cmd: python stage.py metrics/metrics.json metrics/details.json
    deps: [data/models/full, data/models/filtered, data/eval/full, data/eval/filtered]
    metrics: [metrics/metrics.json: {cache: false, persist: true}]
    outs: [metrics/details.json: {cache: false, persist: true}]
  export:
    cmd: python stage.py data/export
    deps: [data/models/filtered, metrics/details.json]
    outs: [data/export]
"""

STAGE = """\
import json, pathlib, sys, zlib
told = pathlib.Path("params.yaml").read_bytes()
moved = 1 + zlib.crc32(told) % 1000 / 1e4
for out in map(pathlib.Path, sys.argv[1:]):
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix:
        numbers = json.loads(pathlib.Path("published", out.name).read_text())
        move = lambda value: {k: move(v) for k, v in value.items()} if isinstance(value, dict) else value / moved
        shown = json.loads(json.dumps(move(numbers)), parse_float=lambda text: float(f"{float(text):.4g}"))
        out.write_text(json.dumps(shown))
    else:
        out.write_bytes(told)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which two experiments with other learning rates were run, the last in the workspace."""
    folder = tmp_path_factory.mktemp("shown")
    shutil.copy(ROOT / "params.yaml", folder)
    details = committed_details()
    for name, text in {
        "dvc.yaml": PIPELINE,
        "stage.py": STAGE,
        ".gitignore": "/data\n",
        "adapters/head": "",
        "data/split": "rows",
        "data/filtered": "fewer rows",
        "published/details.json": json.dumps(details),
        "published/metrics.json": json.dumps(decisive_metrics(details)),
    }.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    start(folder)
    for rate in ("1e-4", "2e-4"):
        dvc(folder, "exp", "run", "-q", "-S", f"train.learning_rate={rate}")
    return folder


@pytest.mark.long
def test_exp_show_has_every_metric_whole(project: Path) -> None:
    shown = dvc(project, "exp", "show", "--no-pager", "--only-changed", COLUMNS=str(WIDTH)).stdout
    lines = shown.splitlines()
    assert max(map(len, lines)) <= WIDTH and len(lines) <= 8
    assert lines[1].split() == ["Experiment", "Created", *DECISIVE, "…"]  # what is left is params and hashes
    for line in lines[3:7]:
        *values, cut = line.split()[-len(DECISIVE) - 1 :]
        assert cut == "…" and all(float(value) > 0 for value in values)


@pytest.mark.long
def test_metrics_diff_is_a_line_a_metric(project: Path) -> None:
    lines = dvc(project, "metrics", "diff", COLUMNS=str(WIDTH)).stdout.splitlines()
    assert [line.split()[1] for line in lines[1:]] == sorted(DECISIVE)
    assert max(map(len, lines)) <= 80


@pytest.mark.long
def test_experiments_has_the_param_that_was_tried(project: Path) -> None:
    shown = run_module(project, "brandmlm", "experiments", COLUMNS="80").stdout
    assert max(map(len, shown.splitlines())) <= 80
    assert all(each in shown for each in ("learning_rate", "0.0001", "0.0002", "denials", "perplexity of mixed"))


def test_each_decisive_number_is_one_of_the_details() -> None:
    details = committed_details()
    found = decisive_metrics(details)
    assert list(found) == list(DECISIVE) == list(MEANINGS)
    assert found["real"] == details["evaluation"]["filtered"]["real"]["perplexity"]
    del details["behaviour"]["filtered"]["test"]["negation"]  # a brand without denials
    assert list(decisive_metrics(details)) == [name for name in DECISIVE if name != "denials"]
