"""`brand-mlm export --format safetensors`: a copy that leaves the project, with the commit in its statement."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from conftest import Here, command

from brandmlm.reporting.provenance import read_statement

APP = "brandmlm.commands.app"
WORDS = ("export", "v1", "--format", "safetensors", "--out")


@pytest.mark.slow
def test_a_copy_names_inputs_params_and_commit(built: Path, tmp_path: Path, here: Here) -> None:
    out = tmp_path / "copy"
    head = command(built, "git", "rev-parse", "HEAD").stdout.strip()
    said = here(built, APP, *WORDS, str(out)).stdout
    assert said == f"{out}: 5 files; provenance.json names commit {head[:7]}\n"
    statement = read_statement(out)
    assert statement.commit and (statement.commit.digest, statement.commit.project) == (head, "")
    assert (statement.stage, statement.is_whole) == ("export@full", True)
    # From the raw rows to the export, with the code and the params of every stage on the way.
    paths = {"sample", "data/raw", "data/code", "data/clean", "data/models/full", "data/export/full"}
    assert paths <= set(statement.dependencies)
    assert {"clean", "train", "sample.sources", "evaluate"} <= set(statement.params)

    # Nothing done to the copy reaches the project; a later commit of something else changes no byte.
    assert all(file.stat().st_nlink == 1 and not file.is_symlink() for file in out.iterdir())
    first = {file.name: file.read_bytes() for file in out.iterdir()}
    (built / "notes.txt").write_text("a note")
    command(built, "git", "add", "notes.txt")
    command(built, "git", "commit", "-qm", "a note")
    here(built, APP, *WORDS, str(out))
    assert {file.name: file.read_bytes() for file in out.iterdir()} == first

    told = here(built, APP, "verify", str(out)).stdout
    assert told.endswith(f"; made from what dvc.lock of commit {head[:7]} records: nothing differs\n")
    shutil.copy(built / "params.yaml", out / "more.yaml")
    done = here(built, APP, "verify", str(out), ok=False)
    assert done.returncode == 1 and "more.yaml: not in provenance.json; remove it" in done.stdout
    assert "more.yaml, which is no file of an export" in here(built, APP, *WORDS, str(out), ok=False).stderr


@pytest.mark.slow
def test_a_lock_that_was_committed_without_its_code_is_refused(built: Path, tmp_path: Path, here: Here) -> None:
    """The code that ran was committed later, or never."""
    module = built / "brandmlm" / "text" / "html.py"
    text = module.read_text(encoding="utf-8")
    lock = built / "dvc.lock"
    recorded = lock.read_text()
    module.write_text(f"{text}\nOTHER = 7\n", encoding="utf-8")
    lock.write_text(f"{recorded}# later\n")
    command(built, "git", "commit", "-qam", "a lock with other code")
    done = here(built, APP, *WORDS, str(tmp_path / "copy"), ok=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert "has not the code that ran (brandmlm/text/html.py); commit code and dvc.lock together" in done.stderr
    module.write_text(f"{text}\n# a comment\n", encoding="utf-8")
    lock.write_text(f"{recorded}# again\n")
    command(built, "git", "commit", "-qam", "the code, and a comment")
    assert "names commit" in here(built, APP, *WORDS, str(tmp_path / "copy")).stdout


@pytest.mark.slow
def test_what_is_not_as_recorded_is_not_copied_or_said(built: Path, tmp_path: Path, here: Here) -> None:
    with (built / "dvc.lock").open("a") as file:
        file.write("# not committed\n")
    assert "names no commit, since dvc.lock is not committed" in here(built, APP, *WORDS, str(tmp_path / "copy")).stdout
    told = here(built, APP, "verify", str(tmp_path / "copy")).stdout
    head = command(built, "git", "rev-parse", "--short=7", "HEAD").stdout.strip()
    assert told.endswith(f"; made from what dvc.lock of commit {head} records: nothing differs\n")

    # Params of another run than the statement's.
    lock = (built / "dvc.lock").read_text()
    (built / "dvc.lock").write_text(lock.replace("learning_rate: 0.0001", "learning_rate: 0.5"))
    command(built, "git", "commit", "-qam", "another lock")
    command(built, "git", "checkout", "-q", "--orphan", "new")
    command(built, "git", "commit", "-qm", "the only one")
    done = here(built, APP, "verify", str(tmp_path / "copy"), ok=False)
    assert done.returncode == 1 and "param train: another value than in dvc.lock" in done.stdout

    config = built / "data" / "export" / "full" / "config.json"
    data = config.read_bytes()
    config.unlink()
    config.write_bytes(data + b"\n")
    refused = here(built, APP, *WORDS, str(tmp_path / "other"), ok=False)
    assert refused.returncode == 1 and not (tmp_path / "other").exists()
    assert refused.stderr.startswith("error: data/export/full: not the bytes that dvc.lock records; `brand-mlm verify`")
