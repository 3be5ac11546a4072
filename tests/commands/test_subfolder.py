"""Every command in a project that is a subfolder of a repository with other projects.

`verify --rebuild` is tested in a subfolder by test_verify.py, the workflow by test_pull_request.py.
"""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import SUBFOLDER, Here, command, dvc, lend_environment, make_monorepo, ran, set_params

APP = "brandmlm.commands.app"
SENTENCE = "Nike shoes are very [MASK]."


@pytest.fixture(scope="module")
def monorepo(retrained_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repository; what changes a file of it works in a copy."""
    return make_monorepo(retrained_project, tmp_path_factory.mktemp("subfolder") / "repository")


@pytest.fixture
def project(monorepo: Path) -> Path:
    return monorepo / SUBFOLDER


@pytest.fixture
def copy(monorepo: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(monorepo, tmp_path / "repository", symlinks=True)) / SUBFOLDER


@pytest.mark.slow
def test_reading_commands(project: Path, here: Here) -> None:
    assert "perplexity, real text" in here(project / "stages", APP, "results").stdout
    assert here(project, APP, "check-params").stdout.startswith("params: profile sample, brand nike")
    assert here(project, APP, "pin").stdout.startswith("pin: nothing to pin")
    assert here(project, APP, "predict", SENTENCE, "--top", "1").stdout.startswith(SENTENCE)
    assert SENTENCE in here(project, APP, "explain", SENTENCE, "--word", "heavy").stdout
    assert here(project, APP, "verify").stdout.endswith(": all bytes as recorded\n")
    head = command(project, "git", "rev-parse", "--short=7", "HEAD").stdout.strip()
    said = here(project, APP, "verify", "data/export/full").stdout
    assert said.endswith(f"; made from what dvc.lock of commit {head} records: nothing differs\n")


@pytest.mark.slow
def test_compare_and_comment(project: Path, tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    page, summary = tmp_path / "page.html", tmp_path / "summary.md"
    words = ["HEAD~1", "--committed", "--html", str(page), "--pictures", "https://example.com/raw"]
    said = here(project, APP, "compare", *words).stdout
    base, head = command(project, "git", "rev-parse", "HEAD~1", "HEAD").stdout.split()
    assert "9 gates pass" in said and "| train.learning\\_rate | 0.0001 | 0.0003 |" in said
    assert f"![base](https://example.com/raw/{base}/ml/brand/plots/pictures/loss.png)" in said
    assert f"![head](https://example.com/raw/{head}/ml/brand/plots/pictures/loss.png)" in said
    assert page.stat().st_size > 100_000
    (tmp_path / "text.md").write_text(said)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    here(project, APP, "comment", str(tmp_path / "text.md"), "--pull-request", "7")
    assert summary.read_text() == said


@pytest.mark.long
def test_make_runs_what_changed_and_no_more(copy: Path) -> None:
    variables = lend_environment(copy)
    (copy.parents[1] / "web" / "index.html").write_text("another page")
    done = command(copy, "make", "-s", "repro", **variables)
    assert ran(done) == set() and "perplexity, real text" in done.stdout
    assert "no_scm" not in (copy / ".dvc" / "config.local").read_text()
    done = command(copy, "make", "-s", "compare", "BASE=HEAD~1", **variables)
    assert "9 gates pass" in done.stdout

    # The digests of code: a comment reruns `code` alone.
    with (copy / "stages" / "export.py").open("a") as file:
        file.write("# a comment\n")
    assert ran(dvc(copy, "repro")) == {"code"}
    assert command(copy, "git", "status", "--porcelain", "-uno").stdout.splitlines() == [
        " M ml/brand/dvc.lock", " M ml/brand/stages/export.py", " M web/index.html",
    ]  # fmt: skip


@pytest.mark.long
def test_a_work_tree(monorepo: Path, copy: Path, here: Here) -> None:
    command(copy, "git", "worktree", "add", "-q", "--detach", str(copy.parents[1] / "tree"), "HEAD~1")
    tree = copy.parents[1] / "tree" / SUBFOLDER
    dvc(tree, "cache", "dir", "--local", str(copy / ".dvc" / "cache"))
    dvc(tree, "checkout")
    assert here(tree, APP, "verify").stdout.endswith(": all bytes as recorded\n")
    assert "perplexity, real text" in here(tree, APP, "compare", "HEAD").stdout
    assert dvc(tree, "status").stdout.strip() == "Data and pipelines are up to date."


@pytest.mark.slow
def test_a_new_brand(copy: Path, here: Here) -> None:
    said = here(copy, APP, "new-brand", "acme", "--yes").stdout
    [line] = re.findall(r"^ *(git add .*)$", said, re.MULTILINE)
    command(copy, "sh", "-c", line)
    assert "ml/brand/brands/acme/lexicon.yaml" in command(copy, "git", "status", "--porcelain", "-uno", ":/").stdout
    assert (copy / "brands" / "acme" / "lexicon.yaml").exists() and not (copy.parents[1] / "brands").exists()


@pytest.mark.long
def test_experiments_and_seeds(copy: Path, here: Here) -> None:
    before = command(copy, "git", "status", "--porcelain").stdout
    dvc(copy, "exp", "run", "--temp", "-n", "four", "-S", "report.top=4")
    table = here(copy, APP, "experiments").stdout
    assert "four" in table and "report.top" in table
    # Another project's edit is no other start of an experiment.
    set_params(copy, {"report.top": 4})
    first = command(copy, "python", "-m", "brandmlm", "seeds", "5", "6", "--json").stdout
    (copy.parents[1] / "web" / "index.html").write_text("another page")
    again = command(copy, "python", "-m", "brandmlm", "seeds", "5", "6", "--json").stdout
    assert re.findall(r"^seeds: (seed-\d)-\w{8} is there$", again, re.MULTILINE) == ["seed-5", "seed-6"]
    [measures, same] = (
        [json.loads(line) for line in said.splitlines() if line.startswith("{")] for said in (first, again)
    )
    assert measures and measures == same
    command(copy, "git", "checkout", "-q", ":/")
    assert command(copy, "git", "status", "--porcelain", "-uno").stdout == before
