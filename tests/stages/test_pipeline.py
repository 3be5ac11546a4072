"""The pipeline as a whole: readable by DVC's own commands, on the user's own rows, after a failure, without git."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from conftest import RAW, command, dvc, lend_environment, ran, set_params

from brandmlm.reporting.decisive import DECISIVE

OWN = {"reviews": "nike_customer_reviews_kaggle", "products": "nike_products", "catalogue": "products_kaggle"}


@pytest.mark.slow
def test_dvc_shows_and_compares(retrained: Path) -> None:
    shown = json.loads(dvc(retrained, "plots", "show", "--json").stdout)
    assert not shown.get("errors"), shown["errors"]
    assert shown["data"]
    page = dvc(retrained, "plots", "diff", "HEAD~1").stdout.strip().removeprefix("file://")
    assert "vega" in Path(page).read_text(encoding="utf-8")
    assert not json.loads(dvc(retrained, "plots", "diff", "HEAD~1", "--json").stdout).get("errors")

    metrics = json.loads(dvc(retrained, "metrics", "diff", "HEAD~1", "--json").stdout)["metrics/metrics.json"]
    assert "real" in metrics and set(metrics) <= set(DECISIVE)
    params = json.loads(dvc(retrained, "params", "diff", "HEAD~1", "--json").stdout)["params.yaml"]
    assert params["train.learning_rate"]["new"] == 3e-4
    # As Markdown: the other form is cut to the width of the terminal, which differs between machines.
    table = dvc(retrained, "exp", "show", "--no-pager", "--only-changed", "--md", "-n", "2").stdout
    assert "| real" in table.splitlines()[0]


@pytest.mark.slow
@pytest.mark.skipif(not RAW.is_dir(), reason="the real rows are not beside this checkout (../shared/raw)")
def test_real_rows_run_in_a_temporary_experiment(built: Path) -> None:
    """The user's own files as sources, in `dvc exp run --temp`; every row is accounted for."""
    changes = []
    for source, name in OWN.items():
        changes += ["-S", f"sample.sources.{source}.kind=file", "-S", f"sample.sources.{source}.path={RAW}/{name}.csv"]
    before = (built / "dvc.lock").read_bytes()
    dvc(built, "exp", "run", "--temp", "-n", "real-rows", *changes)
    assert (built / "dvc.lock").read_bytes() == before
    dvc(built, "exp", "apply", "real-rows")
    counts = json.loads((built / "data" / "clean" / "counts.json").read_text())
    dropped = pd.read_parquet(built / "data" / "clean" / "dropped.parquet")
    kept = pd.read_parquet(built / "data" / "clean" / "corpus.parquet")
    for source, read in {"reviews": 166, "products": 451, "catalogue": 84}.items():
        assert counts[source]["read"] == read
        assert (kept["source"] == source).sum() + (dropped["source"] == source).sum() == read
    metrics = json.loads((built / "metrics" / "details.json").read_text())
    assert metrics


@pytest.mark.slow
def test_a_failed_stage_leaves_lock_metrics_and_cache_as_they_were(built: Path) -> None:
    """DVC takes a stage's outputs away before it runs it; after a failure `dvc checkout` brings them back."""
    before = {
        path: path.read_bytes()
        for path in [built / "dvc.lock", *(built / "metrics").rglob("*"), *(built / "plots").rglob("*")]
        if path.is_file()
    }
    corpus = (built / "data" / "clean" / "corpus.parquet").read_bytes()
    with (built / "sample" / "reviews.csv").open("a", encoding="utf-8") as file:
        file.write('Reviewer 1,"never closed\n')
    done = dvc(built, "repro", ok=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stdout + done.stderr
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "reviews.csv" in line
    command(built, "git", "checkout", "-q", "--", "sample/reviews.csv")
    dvc(built, "checkout")
    assert (built / "data" / "clean" / "corpus.parquet").read_bytes() == corpus
    assert {path: path.read_bytes() for path in before} == before
    assert ran(dvc(built, "repro")) == set()


@pytest.mark.slow
def test_an_unpacked_archive_without_git_runs(built_project: Path, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    shutil.copytree(built_project, archive, ignore=shutil.ignore_patterns(".git"))
    variables = lend_environment(archive)
    set_params(archive, {"report.top": 7})
    done = command(archive, "make", "repro", **variables)
    assert ran(done) == {"report", "export@full", "export@filtered"}
    # Nothing to do, as in a clone whose run comes to the numbers that are in git: the results are shown all the same.
    again = command(archive, "make", "repro", **variables)
    assert ran(again) == set()
    for said in (done.stdout, again.stdout):
        assert said.count("perplexity, real text") == 1
        paths = [line.strip() for line in said.partition("Look at:")[2].splitlines() if line.startswith("  ")]
        assert len(paths) >= 6 and all((archive / path).is_file() for path in paths)
