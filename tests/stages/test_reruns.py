"""A change reruns the stages it touches, and no other.

What runs follows from what the stages declare and from the bytes they write; that they declare all they use is proven
in test_dependencies.py. So the stages that need most of a run's time have quick stand-ins here.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import command, commit, dvc, ran, set_params
from ruamel.yaml import YAML

FETCH = {"fetch"}
TRAIN = {"train@full", "train@filtered"}
EVALUATE = {"evaluate@base", "evaluate@full", "evaluate@filtered"}
TRAINED = {"evaluate@full", "evaluate@filtered"}
EXPORT = {"export@full", "export@filtered"}  # their cards hold the report's metrics


def append(file: str, text: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        with (project / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return change


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        text = (project / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (project / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def other_docstrings(file: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        text = (project / file).read_text(encoding="utf-8")
        (project / file).write_text(re.sub(r'"""(?=[A-Z])', '"""Edited. ', text), encoding="utf-8")

    return change


def pin(package: str, version: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        for name in ("requirements.txt", "constraints.txt"):
            text = (project / name).read_text(encoding="utf-8")
            (project / name).write_text(re.sub(rf"^{package}==.*", f"{package}=={version}", text, flags=re.M))

    return change


def params(**values: object) -> Callable[[Path], None]:
    return lambda project: set_params(project, {name.replace("__", "."): value for name, value in values.items()})


COSTLY = TRAIN | EVALUATE | EXPORT | {"report"}
# Writes a stage's output files; their content follows from params.yaml and its dependencies, the code file among them.
STAND_IN = """
import hashlib, json, os
from pathlib import Path

stage = json.loads(Path("stand_in.json").read_text())[os.environ["DVC_STAGE"]]
found = hashlib.sha256(Path("params.yaml").read_bytes())
for dep in map(Path, stage["deps"]):
    for file in sorted(dep.rglob("*")) if dep.is_dir() else [dep]:
        found.update(file.read_bytes() if file.is_file() else b"")
for out in map(Path, stage["outs"]):
    out.parent.mkdir(parents=True, exist_ok=True)
    out.unlink(missing_ok=True)
    out.write_text(json.dumps(found.hexdigest()))
"""


@pytest.fixture(scope="module")
def quick_project(built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The built project with stand-ins for the costly stages, run again: the graph is the real one."""
    project = Path(shutil.copytree(built_project, tmp_path_factory.mktemp("quick") / "project", symlinks=True))
    locked = YAML(typ="safe").load(project / "dvc.lock")["stages"]
    roles = {}
    for name in COSTLY:
        deps = [dep["path"] for dep in locked[name]["deps"]]
        outs = [project / out["path"] for out in locked[name]["outs"]]
        files = [file for out in outs for file in (out.rglob("*") if out.is_dir() else [out]) if file.is_file()]
        roles[name] = {"deps": deps, "outs": sorted(str(file.relative_to(project)) for file in files)}
    (project / "stand_in.json").write_text(json.dumps(roles))
    (project / "stand_in.py").write_text(STAND_IN)
    yaml = YAML()
    document = yaml.load(project / "dvc.yaml")
    for name in {stage.partition("@")[0] for stage in COSTLY}:
        stage = document["stages"][name]
        stage.get("do", stage)["cmd"] = "python stand_in.py"
    yaml.dump(document, project / "dvc.yaml")
    assert ran(dvc(project, "repro")) == COSTLY
    commit(project)
    return project


@pytest.fixture
def quick(quick_project: Path, tmp_path: Path) -> Path:
    """A copy of the quick project to change at will."""
    return Path(shutil.copytree(quick_project, tmp_path / "project", symlinks=True))


REVIEW = (
    'Reviewer 9001,Fits my daughter,"Bought these for my daughter, she wears them to school every day.",'
    "5, Excellent,2020-06-01,3,Ireland\n"
)

CHANGES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    # The new review falls into the training set, so that the test rows, and with them the base's scores, stay.
    "a sample row": (
        append("sample/reviews.csv", REVIEW),
        {"fetch", "clean", "split", "filter", "report"} | TRAIN | TRAINED | EXPORT,
    ),
    # A held-out word is in no sentence: the corpus comes out the same and nothing is trained again.
    "a lexicon word": (
        replace("brands/nike/lexicon.yaml", "    - shoddy\n", "    - shoddy\n    - grim\n"),
        {"clean", "synthesize", "filter", "report"} | EVALUATE | EXPORT,
    ),
    "a probe": (
        replace(
            "brands/nike/probes.yaml",
            "text: Nike tshirts are famous for being [MASK]",
            "text: Nike socks are famous for being [MASK]",
        ),
        {"synthesize", "filter", "report"} | EVALUATE | EXPORT,
    ),
    "a clean param": (
        params(clean__min_words=5),
        {"clean", "split", "filter", "report"} | TRAIN | EVALUATE | EXPORT,
    ),
    "the keep rule": (
        params(sample__filter__rule="non_null & ~unwanted & length"),
        {"filter", "train@filtered", "evaluate@filtered", "report"} | EXPORT,
    ),
    "the learning rate": (params(train__learning_rate=0.0007), {"report"} | TRAIN | TRAINED | EXPORT),
    "the number of top tokens": (params(report__top=7), {"report"} | EXPORT),
    "a comment in a core module": (append("brandmlm/core/files.py", "\n# A remark.\n"), {"code"}),
    "a docstring": (other_docstrings("brandmlm/core/files.py"), {"code"}),
    "the loss": (
        append("brandmlm/training/loss.py", "\nassert True\n"),
        {"code", "report"} | TRAIN | TRAINED | EXPORT,
    ),
    "a signal": (append("brandmlm/filtering/drift.py", "\nassert True\n"), {"code", "filter"}),
    # The base comes out the same; what it does to the stand-ins is assumed.
    "the pin of torch": (pin("torch", "2.13.1"), {"code", "base", "report"} | TRAIN | EVALUATE | EXPORT),
    "a pin that no stage needs": (pin("pytest", "9.2.1"), {"code"}),
    # What a card says of the base changes no weight.
    "the base's licence": (params(sample__base__license="mit"), {"base"} | EXPORT),
    "the card": (append("brandmlm/reporting/model_card.py", "\nassert True\n"), {"code"} | EXPORT),
    "an execution knob": (params(execution__micro_batch_tokens=4096), set()),
    "the other profile": (params(seed__train__tokens=77), set()),
    "a plot's title": (replace("dvc.yaml", "Likeliest tokens per probe", "Tokens per probe"), set()),
    "nothing": (lambda project: None, set()),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_exactly_the_right_stages_rerun(quick: Path, name: str) -> None:
    change, expected = CHANGES[name]
    change(quick)
    assert ran(dvc(quick, "repro")) == expected


@pytest.mark.slow
def test_a_stage_that_runs_alone_stops_if_its_code_changed(built: Path) -> None:
    """`--single-item` passes over the stage `code`; the stage itself compares."""
    append("brandmlm/data/splitting.py", "\n# A remark.\n")(built)
    set_params(built, {"split.salt": "other"})
    assert ran(dvc(built, "repro", "--single-item", "split")) == {"split"}
    append("brandmlm/data/splitting.py", "\nassert True\n")(built)
    set_params(built, {"split.salt": "another"})
    lock = (built / "dvc.lock").read_bytes()
    done = dvc(built, "repro", "--single-item", "split", ok=False)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert line == (
        "error: brandmlm/data/splitting.py: the code of stage split changed since `code` ran; run `dvc repro`"
    )
    assert "Traceback" not in done.stdout + done.stderr
    assert (built / "dvc.lock").read_bytes() == lock


@pytest.mark.slow
def test_going_back_is_served_from_the_cache(retrained: Path) -> None:
    """Only the report, whose outputs are in git and not in the cache, is made anew; the lock is the old one again."""
    command(retrained, "git", "checkout", "-q", "HEAD~1", "--", "params.yaml")
    assert ran(dvc(retrained, "repro")) == {"report"}
    command(retrained, "git", "diff", "--exit-code", "HEAD~1", "--", "dvc.lock", "metrics", "plots")
