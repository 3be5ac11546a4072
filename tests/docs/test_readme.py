"""README and the pages under docs/: every command in them runs, every path and link exists, every figure is current."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path

import pytest
from conftest import ROOT, command, dvc, lend_environment
from pages import commands
from ruamel.yaml import YAML

from brandmlm.core.errors import UserError
from brandmlm.reporting.comparison.noise import Noise
from tools.refresh_docs import (
    BLOCKS,
    OUTPUT,
    answer,
    block,
    models_digest,
    picture,
    read_figures,
    with_figures,
    with_outputs,
    with_picture,
)
from tools.result_texts import ROWS, UNCLEAR, Figures, filled, verdict

# Their commands are run here, in this order; a page does not repeat what an earlier one ran.
PAGES = ["docs/tutorial.md", "README.md", "docs/pipeline.md", "docs/pull-requests.md", "CONTRIBUTING.md"]
ALONE = ["docs/data.md", "docs/texts.md"]
# The pages whose commands other tests run.
ELSEWHERE = {
    "docs/chaos.md": "tests/chaos/test_chaos.py",
    "docs/check.md": "tests/commands/test_check.py",
    "docs/experiments-howto.md": "tests/docs/test_howto.py",
    "docs/new-brand.md": "tests/commands/test_new_brand.py",
    "docs/publish.md": "tests/commands/test_publish.py",
    "docs/registry.md": "tests/docs/test_registry.py",
    "docs/remotes.md": "tests/docs/test_remotes.py",
    "docs/results.md": "tests/docs/test_howto.py",
    "docs/scale.md": "tests/docs/test_scale.py",
    "docs/serving.md": "tests/page/test_demo.py",
    "docs/trust.md": "tests/docs/test_trust.py",
    "docs/try.md": "tests/page/test_try.py",
}
LOCK = YAML(typ="safe").load(ROOT / "dvc.lock")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def without_fractions(page: str) -> str:
    """A page without decimals, whose last digit may differ on another processor."""
    return re.sub(r"\d+\.\d+", "#", page)


def run_pages(project: Path, pages: list[str]) -> None:
    """Run the commands of pages, in a project that has been run, with the environment that is there.

    The project begins at the lower of two learning rates: the higher one that a page tries passes the gates.
    """
    command(project, "git", "reset", "-q", "--hard", "HEAD~1")
    dvc(project, "checkout", "-q")
    # The whole suite within the suite would never end: `make test` runs one file of it.
    # mypy needs most of a minute from nothing and a second with what `make lint` has left here.
    variables = lend_environment(project) | {
        "PYTEST_ADDOPTS": "tests/modeling/test_batching.py",
        "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache"),
    }
    done = set[str]()
    for line in (line for page in pages for line in commands(page)):
        if line not in done:
            said = command(project, "sh", "-c", line, ok=False, **variables)
            found = said.returncode == 1 and "brand-mlm check" in line  # it found something
            assert said.returncode == 0 or found, f"{line}\n{said.stdout[-2000:]}\n{said.stderr[-2000:]}"
        done.add(line)


@pytest.mark.slow
def test_the_commands_of_the_tutorial_and_of_readme_run(retrained: Path) -> None:
    run_pages(retrained, PAGES)


@pytest.mark.slow
@pytest.mark.parametrize("page", ALONE)
def test_every_command_of_a_page_runs(retrained: Path, page: str) -> None:
    run_pages(retrained, [page])


@pytest.mark.slow
def test_the_example_in_python_runs(built_project: Path) -> None:
    [example] = re.findall(r"```python\n(.*?)```", text("docs/tutorial.md"), re.DOTALL)
    said = command(built_project, "python", "-c", example).stdout
    assert said.count("'token_str'") == 5


def test_every_page_with_commands_is_run_by_a_test() -> None:
    pages = [file.relative_to(ROOT).as_posix() for file in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))]
    with_commands = {page for page in pages if commands(page)}
    assert with_commands - {*PAGES, *ALONE} <= set(ELSEWHERE)
    for page, test in ELSEWHERE.items():
        assert page == "docs/results.md" or page.removeprefix("docs/") in text(test), test


def test_the_commands_that_matter_are_there() -> None:
    assert {"make repro", "make test", "make compare BASE=HEAD"} <= set(commands("README.md"))
    assert {"make lint", "make test"} <= set(commands("CONTRIBUTING.md"))
    assert {"brand-mlm pin", "rm -r data/raw/reviews"} <= set(commands("docs/data.md"))
    # docs/results.md shows a command that the last recipe of docs/experiments-howto.md has, too.
    assert set(commands("docs/results.md")) <= set(commands("docs/experiments-howto.md"))


def test_readme_is_short_and_lists_the_stages() -> None:
    readme = text("README.md")
    assert len(readme.split()) <= 1200
    assert len(ROWS) <= 10
    [graph] = re.findall(r"```mermaid\n(.*?)```", readme, re.DOTALL)
    stages = set(YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]) - {"code"}
    assert stages <= set(re.findall(r"\w+", graph))
    [tree] = re.findall(r"```text\n(brands/.*?)```", readme, re.DOTALL)
    paths = [line.split()[0] for line in tree.splitlines()]
    assert [path for path in paths if path != "data/" and not (ROOT / path).exists()] == []


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> Figures:
    monkeypatch.chdir(ROOT)
    return read_figures()


def test_the_figures_are_those_of_the_committed_run(figures: Figures) -> None:
    pages = {"README.md": {"results", "blocking"}, "docs/results.md": {"weaknesses"}}
    assert set.union(*pages.values()) == set(BLOCKS)
    other = copy.deepcopy(figures)
    for capability in ("negation", "claim"):
        other.details["behaviour"]["filtered"]["test"][capability]["pass_rate"] -= 0.01
    for page, blocks in pages.items():
        assert [name for name in BLOCKS if block(name).search(text(page))] == [
            name for name in BLOCKS if name in blocks
        ]
        assert with_figures(text(page), figures) == text(page), f"{page}: run `python -m tools.refresh_docs`"
        assert with_figures(text(page), other) != text(page)


def of_denials(base: float, v2: float, half: float, known: float) -> str:
    """The verdict on the denials, where every interval reaches `half` to both sides."""
    models = {
        model: {"test": {"negation": {"pass_rate": rate, "pass_rate_low": rate - half, "pass_rate_high": rate + half}}}
        for model, rate in (("base", base), ("filtered", v2))
    }
    noise = Noise("sample", "nike", (5, 6), {"behaviour.filtered.test.negation.pass_rate": known})
    [row] = [row for row in ROWS if row.title == "denials"]
    return verdict(Figures({"behaviour": models}, {}, noise), row, "base")


@pytest.mark.parametrize(
    ("base", "v2", "half", "known", "word"),
    [
        (0.3, 0.5, 0.05, 0.1, "better"),
        (0.5, 0.3, 0.05, 0.1, "worse"),
        (0.3, 0.5, 0.15, 0.0, UNCLEAR),  # the intervals overlap
        (0.3, 0.5, 0.05, 0.3, UNCLEAR),  # another seed might give the same
    ],
)
def test_better_means_beyond_chance(base: float, v2: float, half: float, known: float, word: str) -> None:
    assert of_denials(base, v2, half, known) == word


def test_a_text_with_figures_names_what_the_run_has(figures: Figures) -> None:
    rate = figures.details["behaviour"]["filtered"]["test"]["negation"]["pass_rate"]
    assert filled("[v2 negation] of [these].\n", figures) == f"{100 * rate:.1f} % of [these].\n"
    with pytest.raises(UserError, match="nothing for 'nothing'"):
        filled("[v2 nothing]", figures)


def test_readme_begins_with_the_report_s_picture() -> None:
    readme = text("README.md")
    assert readme.index("<!-- hero -->") < 500
    assert with_picture(readme, lambda path: (ROOT / path).exists()) == readme, "run `python -m tools.refresh_docs`"
    assert "srcset" not in picture(lambda path: "dark" not in path)
    assert 'srcset="plots/pictures/hero_dark.png"' in picture(lambda _: True)
    with pytest.raises(UserError, match=r"hero\.png: not found; run `make repro`"):
        picture(lambda _: False)


def test_the_promise_of_readme_is_kept() -> None:
    """v2 says its first word and not its second, in the first probe sentence; base says the second."""
    [promise] = re.findall(r"^\*\*(Teach .*)\*\*$", text("README.md"), re.MULTILINE)
    wanted, unwanted = re.findall(r"\*(\w+)\*", promise)

    def said(model: str) -> list[str]:
        rows = json.loads(text(f"plots/tokens/{model}.json"))
        return [row["label"].split()[0] for row in rows if row["order"] == 1]

    assert wanted in said("filtered") and unwanted not in said("filtered"), f"v2: {said('filtered')}"
    assert unwanted in said("base"), f"base: {said('base')}"


def test_every_output_is_of_the_committed_models() -> None:
    """The digest beside an output tells; where the models are, the next test runs the commands."""
    digest = models_digest(LOCK)
    shown = {
        page: [found["digest"] for found in OUTPUT.finditer(text(page))]
        for page in ("README.md", "docs/tutorial.md", "docs/check.md")
    }
    assert all(shown.values())
    old = {page for page, digests in shown.items() if set(digests) != {digest}}
    assert old == set(), "run `make repro`, then `python -m tools.refresh_docs`"
    for page in shown:
        assert text(page).count("<!-- output of models") == len(shown[page])
        assert with_outputs(text(page), digest, lambda _: "other\n") != text(page)


@pytest.mark.long
@pytest.mark.parametrize("page", ["README.md", "docs/tutorial.md", "docs/check.md"])
def test_the_outputs_are_what_the_commands_print(page: str) -> None:
    made = ROOT / "data" / "models" / "filtered" / "model.safetensors"
    [recorded] = [out["md5"] for out in LOCK["stages"]["train@filtered"]["outs"]]
    if not made.exists() or not (ROOT / ".dvc/cache/files/md5" / recorded[:2] / recorded[2:]).exists():
        pytest.skip("the models of the committed run are not here: run `make repro` first")
    printed = with_outputs(text(page), models_digest(LOCK), lambda lines: answer(ROOT, lines))
    assert without_fractions(printed) == without_fractions(text(page))
