"""The small pipeline that moments happen to, a disk for it that can be filled, and what undisturbed runs of it make."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from bases import tiny_base
from conftest import PLAIN, ROOT, SMALL, commit, environment, project_files, python_alone, set_params
from ruamel.yaml import YAML

from chaos.edits import EDITS

DISK_BYTES = 400 << 20
# Of the project, and at its top what is no page.
PARTS = (".dvc/", "adapters/", "brandmlm/", "brands/", "dvclive/", "sample/", "stages/")
AT_TOP = re.compile(r"\.[a-z]+|[\w.-]+\.(yaml|txt|toml)")
TINY = {
    **SMALL,
    "execution.checkpoint_s": 0.1,
    "sample.train.tokens": 6000,
    "sample.synthesize.sentences": 300,
    "evaluate.real_rows": 30,
    "evaluate.synthetic_rows": 10,
    "evaluate.mask_folds": 2,
}  # fmt: skip


def run(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a project, `python` and `dvc` by preloaded processes."""
    return subprocess.run(
        words, cwd=project, env=variables(project), capture_output=True, text=True, check=False, timeout=600,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip


def variables(project: Path, **extra: str) -> dict[str, str]:
    """What DVC remembers of files is on the project's disk, as temporary files are (TMPDIR, for all the same)."""
    return environment(DVC_SITE_CACHE_DIR=str(project.parent / f"{project.name}-site"), PYTHONUNBUFFERED="1", **extra)


def copy(project: Path, target: Path) -> Path:
    """With links within the project kept: outputs may be links into the cache."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.rmtree(target.parent / f"{target.name}-site", ignore_errors=True)
    subprocess.run(["cp", "-a", project, target], check=True)
    return target


def _files() -> list[str]:
    """The files of this project that its pipeline needs."""
    return [name for name in project_files() if name.startswith(PARTS) or AT_TOP.fullmatch(name)]


def _digest() -> str:
    """Of all that decides what becomes of a moment."""
    digest = hashlib.sha256(json.dumps(TINY).encode())
    for name in _files():
        digest.update(name.encode() + (ROOT / name).read_bytes())
    for module in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()


def _make(project: Path, base: Path) -> None:
    for name in _files():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, project / name)
    (project / "dvc.lock").unlink(missing_ok=True)
    set_params(project, {**TINY, "sample.base": {"kind": "path", "path": str(base)}})
    probes = project / "brands" / "nike" / "probes.yaml"
    first, mark, others = probes.read_text(encoding="utf-8").partition("    seed: true\n")
    probes.write_text(first + mark + others.replace(mark, ""), encoding="utf-8")  # fewer pictures
    for name in ("everyday.txt", "mixed.txt", "minimal_pairs.tsv"):
        file = project / "sample" / "general" / name
        file.write_text("".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:20]), encoding="utf-8")


class World:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.golden = folder / "golden"
        self.disk = folder / "disk"
        self.real_disk = False
        folder.mkdir(parents=True, exist_ok=True)

    def prepare(self) -> None:
        """Make and run the golden project, unless this folder has it from the same files."""
        digest = _digest()
        mark = self.folder / "made-of"
        if mark.exists() and mark.read_text() == digest:
            return
        mark.unlink(missing_ok=True)
        for name in ("golden", "base", "references", "results.jsonl"):
            path = self.folder / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        self.golden.mkdir()
        _make(self.golden, tiny_base(self.folder / "base"))
        commit(self.golden)
        done = run(self.golden, "dvc", "repro")
        if done.returncode:
            sys.exit(f"the undisturbed run failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        commit(self.golden)
        mark.write_text(digest)

    def mount(self) -> None:
        """A disk of its own for the project, in memory, where the system allows it."""
        self.unmount()
        self.disk.mkdir(exist_ok=True)
        words = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "none", str(self.disk)]
        self.real_disk = subprocess.run(words, capture_output=True, check=False).returncode == 0
        (self.disk / "tmp").mkdir(exist_ok=True)

    def unmount(self) -> None:
        if self.disk.is_mount():
            subprocess.run(["umount", "-l", self.disk], check=True)

    def project(self) -> Path:
        """A new copy of the golden project, on the disk that can be filled."""
        return copy(self.golden, self.disk / "project")

    def disturbed(self, project: Path, stage: str) -> dict[str, str]:
        """The variables for a DVC that is a process of its own, and whose `stage` is one, too: no preloaded one.

        Preloaded processes are shared by commands that differ in variables of DVC's only, hence the variable's name.
        """
        folder = self.folder / "bin"
        folder.mkdir(exist_ok=True)
        script = folder / "python"
        script.write_text(
            f'#!/bin/sh\nif [ "$DVC_STAGE" = "$DVC_REAL_STAGE" ]; then exec {sys.executable} "$@"; fi\n'
            f'exec {python_alone()}/python "$@"\n'
        )
        script.chmod(0o755)
        return variables(project, DVC_REAL_STAGE=stage, PATH=os.pathsep.join([str(folder), PLAIN["PATH"]]))

    def restore(self, project: Path, file: str) -> None:
        """Bring an input of a project back as it was, as `git restore` does."""
        new = project / f"{file}.restored"
        shutil.copy2(self.golden / file, new)
        os.utime(new)
        new.replace(project / file)

    def reference(self, edits: Iterable[str]) -> dict[str, Any]:
        """What an undisturbed run of the edited project makes; kept for the next moment that asks.

        All are made in one project, so that a stage that ran on the same inputs comes from DVC's cache.
        """
        names = sorted(edits)
        key = hashlib.sha256(json.dumps(names).encode()).hexdigest()[:12]
        file = self.folder / "references" / f"{key}.json"
        if not file.exists():
            project = self.disk / "reference"
            if not project.exists():
                copy(self.golden, project)
            for edited in sorted({edit.file for edit in EDITS.values()}):
                self.restore(project, edited)
            for name in names:
                EDITS[name].make(project)
            done = run(project, "dvc", "repro")
            if done.returncode:
                sys.exit(f"the undisturbed run of {names} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
            file.parent.mkdir(exist_ok=True)
            file.write_text(json.dumps({"edits": names, **snapshot(project)}))
        return dict(json.loads(file.read_text()))

    def known_runs(self) -> dict[str, str]:
        """Of the run caches of all undisturbed runs: what came of which dependencies."""
        found: dict[str, str] = {}
        for file in (self.folder / "references").glob("*.json"):
            found |= json.loads(file.read_text())["runs"]
        return found


def outputs(project: Path) -> list[Path]:
    """The files that stages have made, without what a run in progress keeps for the next one."""
    roots = [project / name for name in ("data", "metrics", "plots")]
    files = [file for root in roots for file in root.rglob("*") if file.is_file()]
    hidden = [file for file in files if any(part.startswith(".") for part in file.relative_to(project).parts)]
    kept = project / "data" / "checkpoints"
    return sorted(file for file in files if file not in hidden and kept not in file.parents)


def run_cache(project: Path) -> dict[str, str]:
    """By the digest of what a stage depended on, the digest of what it made, as DVC's run cache has them."""
    found = {}
    for file in sorted((project / ".dvc" / "cache" / "runs").glob("*/*/*")):
        entry = YAML(typ="safe").load(file)
        made = json.dumps(entry["outs"], sort_keys=True)
        found[file.parent.name] = hashlib.sha256(made.encode()).hexdigest()
    return found


def snapshot(project: Path) -> dict[str, Any]:
    lock = YAML(typ="safe").load(project / "dvc.lock")
    files = {str(file.relative_to(project)): hashlib.sha256(file.read_bytes()).hexdigest() for file in outputs(project)}
    return {"files": files, "lock": lock, "runs": run_cache(project)}
