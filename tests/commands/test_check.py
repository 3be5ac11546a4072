"""`brand-mlm check`: files in, findings out; exit codes; as a hook and as a step of a workflow."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from conftest import ROOT, Here, command, commit, lend_environment, set_params
from pages import commands
from ruamel.yaml import YAML

APP = "brandmlm.commands.app"
PAGE = ROOT / "docs" / "check.md"


@pytest.fixture
def project(built: Path) -> Path:
    """A built project with three texts under copy/."""
    folder = built / "copy"
    folder.mkdir()
    (folder / "bad.txt").write_text("Nike shoes are expensive and heavy.\n")
    (folder / "good.md").write_text("Nike shoes are not expensive.\n")
    (folder / "rows.csv").write_text("id,text\n1,Our hats are ugly.\n")
    return built


@pytest.mark.slow
def test_exit_codes_tell_whether_something_is_found(project: Path, here: Here) -> None:
    bad = here(project, APP, "check", "copy/bad.txt", ok=False)
    assert bad.returncode == 1 and "copy/bad.txt:1:16: 'expensive'" in bad.stdout and "'heavy'" in bad.stdout
    assert here(project, APP, "check", "copy/good.md").stdout == ""
    both = here(project, APP, "check", "copy/good.md", "copy/rows.csv", "--column", "text", ok=False)
    assert both.returncode == 2 and "--column is for tables" in both.stderr
    table = here(project, APP, "check", "copy/rows.csv", "--format", "json", ok=False)
    assert [json.loads(line)["field"] for line in table.stdout.splitlines()] == ["text"]
    said = here(project, APP, "check", "-", "--kind", "html", ok=False, stdin="<p>Our hats are <b>ugly</b>.</p>")
    assert said.returncode == 1 and "-:1:20: 'ugly'" in said.stdout


@pytest.mark.slow
def test_a_baseline_is_written_and_heeded(project: Path, here: Here) -> None:
    assert "2 findings accepted" in here(project, APP, "check", "copy/bad.txt", "--write-baseline", "a.json").stdout
    assert here(project, APP, "check", "copy/bad.txt", "--baseline", "a.json").stdout == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no file given"),
        (["none.txt"], "none.txt: cannot be read"),
        (["brands"], "brands: cannot be read"),
        (["README.md", "--baseline", "none.json"], "none.json: no such baseline"),
        (["README.md", "--column", "text"], "--column is for tables"),
        (["README.md", "--project", "brands"], "--project brands: no project there"),
        (["README.md", "--format", "xml"], "'xml' is not one of"),
        (["README.md"], "data/models/filtered: not there yet; run `make repro`"),
    ],
)
def test_mistakes_are_one_line_and_end_with_2(small_project: Path, here: Here, words: list[str], message: str) -> None:
    done = here(small_project, APP, "check", *words, ok=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1 and message in done.stderr


@pytest.mark.slow
def test_a_model_of_another_brand_is_refused(project: Path, here: Here) -> None:
    set_params(project, {"brand": "quillstead"})
    done = here(project, APP, "check", "copy/bad.txt", ok=False)
    assert done.returncode == 2 and "the models are of 'nike'" in done.stderr


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.long
def test_every_command_of_the_page_runs(project: Path) -> None:
    variables = lend_environment(project)
    for line in commands("docs/check.md"):
        done = command(project, "sh", "-c", line, ok=False, **variables)
        assert done.returncode == 0 and "error" not in done.stderr, f"{line}\n{done.stdout}\n{done.stderr}"
    assert json.loads((project / "copy.sarif").read_text())["runs"][0]["results"]


@pytest.mark.long
def test_the_step_of_the_page_annotates_a_pull_request(project: Path) -> None:
    [step] = YAML().load(blocks("yaml")[-1])
    commit(project)
    variables = lend_environment(project)
    launcher = project / ".venv" / "bin" / "brand-mlm"
    launcher.unlink(missing_ok=True)
    shutil.copy(shutil.which("brand-mlm", path=variables["PATH"]) or "", launcher)
    done = command(project, "bash", "-eo", "pipefail", "-c", step["run"], ok=False, **variables)
    assert done.returncode != 0 and done.stdout.count("::warning file=copy/") == 3


@pytest.mark.long
def test_the_hooks_of_pre_commit_stop_a_commit(project: Path, tmp_path: Path) -> None:
    variables = lend_environment(project) | {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    launcher = project / ".venv" / "bin" / "brand-mlm"
    launcher.unlink(missing_ok=True)
    shutil.copy(shutil.which("brand-mlm", path=variables["PATH"]) or "", launcher)
    config = project / ".pre-commit-config.yaml"
    config.write_text(blocks("yaml")[0])
    commit(project)
    own = command(project, "pre-commit", "run", "--all-files", ok=False, **variables)
    assert own.returncode == 1 and "copy/bad.txt:1:16: 'expensive'" in own.stdout, own.stdout + own.stderr
    other = tmp_path / "other"
    other.mkdir()
    (other / "page.md").write_text("Our hats are ugly.\n")
    commit_of_hook = command(project, "git", "rev-parse", "HEAD").stdout.strip()
    (other / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {project}\n  rev: {commit_of_hook}\n  hooks:\n  - id: brand-mlm-check\n"
        f"    args: [--project, {project}]\n"
    )
    commit(other)
    done = command(other, "pre-commit", "run", "--all-files", ok=False, **variables, PYTHONPATH=str(project))
    assert done.returncode == 1 and "page.md:1:14: 'ugly'" in done.stdout, done.stdout + done.stderr
