"""Fixtures: copies of the project in temporary folders, and one copy that the whole pipeline has run in.

The copy uses a tiny random base and small budgets: its numbers mean nothing, its files, stages and locks are real.
No test, and no process that a test starts, may reach anything but this machine: see trace/loopback.py.
"""

from __future__ import annotations

import importlib
import io
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bases import tiny_base, tiny_distilbert
from filelock import FileLock
from hypothesis import settings
from preload import server
from ruamel.yaml import YAML

if TYPE_CHECKING:
    from served import Served

# No test is timed: machines are busy.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# A shell starts background jobs with Ctrl-C ignored, and children inherit that; tests of interruptions need it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ROOT = Path(__file__).resolve().parents[1]
BIN = str(Path(sys.executable).parent)
TRACE = ROOT / "tests" / "trace"
# Variables of a command whose `python` is not a preloaded one.
PLAIN = {"PATH": os.pathsep.join([BIN, os.environ["PATH"]])}
RAW = ROOT.parent / "shared" / "raw"

# Every stage runs in seconds with these; what they compute is of no interest to the tests that use them.
SMALL = {
    "train.num_evals": 2,
    "train.batch_tokens": 256,
    "train.learning_rate": 1e-4,
    "evaluate.synthetic_rows": 20,
    "evaluate.mask_folds": 3,
    "evaluate.depth": 200,
    "execution.threads": 1,
    "sample.synthesize.sentences": 400,
    "sample.train.tokens": 12000,
    # Which words a tiny model predicts is chance, so these gates would be, too; those of perplexity stay as they are.
    "gates.wanted_words.may_worsen": 10.0,
    "gates.unwanted_words.may_worsen": 10.0,
    "gates.unwanted_mass.may_worsen": 1.0,
    "gates.rivals.may_worsen": 10.0,
    "gates.denials.may_worsen": 1.0,
    "gates.minimal_pairs.may_worsen": 1.0,
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
    "test_new_brand",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {name: place for place, name in enumerate(FIRST)}
    items.sort(key=lambda item: (rank.get(item.path.stem, len(FIRST)), item.path))


def pytest_configure(config: pytest.Config) -> None:
    """Start the server of preloaded processes, once for all worker processes of this test run."""
    if "PYTEST_XDIST_WORKER" in os.environ or sys.platform != "linux":
        return
    folder = Path(tempfile.mkdtemp(prefix="preload-"))  # short: the address of a socket has at most 107 bytes
    server.write_scripts(folder / "bin", folder / "socket")
    os.environ["PRELOADED"] = str(folder / "bin")
    running = subprocess.Popen(
        [sys.executable, server.__file__, "supervisor", str(folder / "socket")],
        stdin=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip

    def stop() -> None:
        running.communicate()
        shutil.rmtree(folder)

    config.add_cleanup(stop)


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


def python_alone() -> str:
    """A PATH on which there is Python, preloaded (see preload/server.py), and no other program."""
    return os.environ.get("PRELOADED", BIN)


def environment(**extra: str) -> dict[str, str]:
    """The variables for a command in a copy: `python` and `dvc` are preloaded ones (see preload/server.py) of this
    interpreter, the git identity is set, the guard is on."""
    if "PYTHONPATH" in extra:
        extra["PYTHONPATH"] = f"{TRACE}{os.pathsep}{extra['PYTHONPATH']}"
    # Under `make test` a make of the copy's would take itself for a part of it, and say where it enters and leaves.
    own = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return {
        **own,
        "PATH": os.pathsep.join([python_alone(), BIN, os.environ["PATH"]]),
        "PYTHONHASHSEED": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
        "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com",
        **extra,
    }  # fmt: skip


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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


def run_module(folder: Path, module: str, *words: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run this project's `module` in a folder, by Python itself where there are variables of its own."""
    python = sys.executable if extra else "python"
    return command(folder, python, "-m", module, *words, ok=False, **{"PYTHONPATH": str(ROOT), **extra})


def dvc(project: Path, *words: str, ok: bool = True, **extra: str) -> subprocess.CompletedProcess[str]:
    return command(project, "dvc", *words, ok=ok, **extra)


def lend_environment(project: Path) -> dict[str, str]:
    """Give a copy the environment that runs the tests; the variables under which its `make` installs nothing."""
    scripts = project / ".venv" / "bin"
    scripts.mkdir(parents=True)
    for file in Path(BIN).parent.iterdir():
        if file.name != "bin":
            (scripts.parent / file.name).symlink_to(file)
    preloaded = {file.name: file for file in Path(python_alone()).iterdir()}
    for name, file in ({file.name: file for file in Path(BIN).iterdir()} | preloaded).items():
        (scripts / name).symlink_to(file)
    # make heeds --assume-old on its command line only, and the ages of a copy's files say nothing.
    wrapper = project.with_name(f"{project.name}-bin") / "make"
    wrapper.parent.mkdir(exist_ok=True)
    installed = " ".join(f"--assume-old=.venv/installed{part}" for part in ("", "-dev", "-page", "-onnx"))
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


def committed_details() -> dict[str, Any]:
    """All numbers of the committed run."""
    from brandmlm.reporting.comparison.revision import read_details

    _, data = read_details(lambda path: (ROOT / path).read_bytes() if (ROOT / path).is_file() else None)
    return dict(json.loads(data or b"{}"))


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
    at_top = {".venv", "data", ".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"}
    anywhere = {"cache", "tmp", "__pycache__"}
    names = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file() and path.name != "config.local")
    return sorted(str(name) for name in names if name.parts[0] not in at_top and not anywhere & set(name.parts))


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


def start(project: Path) -> None:
    """Put a folder under git and DVC, run its pipeline and commit all of it."""
    command(project, "git", "init", "-q", "-b", "main")
    dvc(project, "init", "-q")
    dvc(project, "repro", "-q")
    commit(project)


SUBFOLDER = "ml/brand"  # of a project in a repository with others


def make_monorepo(project: Path, target: Path) -> Path:
    """A repository with the last two states of a project in a subfolder, beside another project; the last one's data
    is there."""
    inside = target / SUBFOLDER
    shutil.copytree(project, inside, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    (target / "web").mkdir()
    (target / "web" / "index.html").write_text("a page")
    for revision in ("HEAD~1", "HEAD"):
        archive = target.with_name(f"{target.name}.tar")
        command(project, "git", "archive", f"--output={archive}", revision)
        shutil.unpack_archive(archive, inside, filter="data")
        archive.unlink()
        commit(target)
    return target


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all worker processes of this test run share."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


def made_once(target: Path, make: Callable[[Path], object]) -> Path:
    """A folder that the first worker process that asks for it makes; what a failed attempt left is removed."""
    with FileLock(f"{target}.lock"):
        if not target.exists():
            partial = target.with_name(f"{target.name}.partial")
            shutil.rmtree(partial, ignore_errors=True)
            make(partial)
            partial.rename(target)
    return target


# The scope of these is the module, not the session: where one fails, by a time-out on a busy machine, the next module
# tries again.


@pytest.fixture(scope="module")
def distilbert(shared_folder: Path) -> dict[str, bytes]:
    """The files of a tiny DistilBERT, as a repository of a model hub holds them."""
    return {path.name: path.read_bytes() for path in made_once(shared_folder / "distilbert", tiny_distilbert).iterdir()}


@pytest.fixture(scope="module")
def small_project(shared_folder: Path) -> Path:
    """A committed copy of the project with a tiny base and small budgets, not yet run. Copy it before you change it."""

    def make(project: Path) -> None:
        copy_project(project)
        base = made_once(shared_folder / "tiny-base", tiny_base)
        set_params(project, {**SMALL, "sample.base": {"kind": "path", "path": str(base)}})
        # Of the probes with pictures of their own one is enough.
        probes = project / "brands" / "nike" / "probes.yaml"
        first, mark, others = probes.read_text(encoding="utf-8").partition("    seed: true\n")
        probes.write_text(first + mark + others.replace(mark, ""), encoding="utf-8")
        for made in ("dvc.lock", "metrics", "plots"):
            gone = project / made
            shutil.rmtree(gone) if gone.is_dir() else gone.unlink(missing_ok=True)
        command(project, "python", "-m", "brandmlm", "offline-plots")  # as `make ready` would, in each copy
        commit(project)

    return made_once(shared_folder / "small", make)


@pytest.fixture(scope="module")
def built_project(small_project: Path, shared_folder: Path) -> Path:
    """The small project after `dvc repro`, traced and committed. Copy it before you change it."""

    def make(project: Path) -> None:
        shutil.copytree(small_project, project, symlinks=True)
        traces = shared_folder / "traces"
        shutil.rmtree(traces, ignore_errors=True)
        traces.mkdir()
        dvc(project, "repro", TRACE_FOLDER=str(traces))
        commit(project)

    return made_once(shared_folder / "built", make)


@pytest.fixture(scope="module")
def retrained_project(built_project: Path, shared_folder: Path) -> Path:
    """The built project and, in a commit upon it, a higher learning rate with its results: HEAD~1 and HEAD differ in
    what both models learnt. The pages try the same two rates, so that nothing is trained for it again. Copy it before
    you change it."""

    def make(project: Path) -> None:
        shutil.copytree(built_project, project, symlinks=True)
        set_params(project, {"train.learning_rate": 3e-4})
        command(project, "python", "-m", "brandmlm", "timed", "dvc", "repro")
        commit(project)

    return made_once(shared_folder / "retrained", make)


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


@pytest.fixture(scope="module")
def served(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The page of a copy of the built project, served once for a file of tests."""
    from served import serve

    project = tmp_path_factory.mktemp("page") / "project"
    with serve(Path(shutil.copytree(built_project, project, symlinks=True))) as page:
        yield page


@pytest.fixture
def lexicon(served: Served) -> Iterator[Path]:
    """The lexicon of the served project's brand, put back after the test."""
    path = served.project / "brands" / "nike" / "lexicon.yaml"
    before = path.read_bytes()
    yield path
    path.write_bytes(before)
