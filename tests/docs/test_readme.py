"""The README and the pages under docs/ keep their word: every command in them runs, every path in them is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import ROOT, command, dvc, lend_environment
from pages import commands

PAGES = ["README.md", "docs/data.md", "docs/texts.md"]
NEW_BRAND = "docs/new-brand.md"  # its commands are run by test_new_brand.py
TRUST = "docs/trust.md"  # its commands are run by test_trust.py
TRY = "docs/try.md"  # by tests/page/test_try.py
SERVING = "docs/serving.md"  # its commands and examples are run by test_export_command.py and test_demo.py
# Made by a run, not in git.
MADE = re.compile(r"^(data|\.venv|brands/acme|onnx)/")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES)
def test_every_command_runs(retrained: Path, page: str) -> None:
    """In the order of the page, in a project that has been run, with the environment that is there.

    It begins at the lower of two learning rates: the higher one that the page tries passes the gates.
    """
    command(retrained, "git", "reset", "-q", "--hard", "HEAD~1")
    dvc(retrained, "checkout", "-q")
    # The whole suite within the suite would never end: `make test` runs one file of it.
    # mypy needs most of a minute from nothing and a second with what `make lint` has left here.
    variables = lend_environment(retrained) | {
        "PYTEST_ADDOPTS": "tests/modeling/test_batching.py",
        "MYPY_CACHE_DIR": str(ROOT / ".mypy_cache"),
    }
    for line in commands(page):
        done = command(retrained, "sh", "-c", line, ok=False, **variables)
        assert done.returncode == 0, f"{line}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.slow
def test_the_example_in_python_runs(built_project: Path) -> None:
    [example] = re.findall(r"```python\n(.*?)```", text("README.md"), re.DOTALL)
    said = command(built_project, "python", "-c", example).stdout
    assert said.count("'token_str'") == 5


def test_the_commands_that_matter_are_there() -> None:
    assert {"make repro", "make test", "make plots", "make lint"} <= set(commands("README.md"))
    assert {"brand-mlm pin", "rm -r data/raw/reviews"} <= set(commands("docs/data.md"))


def test_every_path_is_there() -> None:
    pages = [*PAGES, NEW_BRAND, TRUST, TRY, SERVING]
    named = [path for page in pages for path in re.findall(r"`([\w.@/-]+/[\w.@/-]*)`", text(page))]
    assert len(named) > 15
    assert [path for path in named if not MADE.match(path) and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, NEW_BRAND, TRUST, TRY, SERVING])
def test_every_link_leads_somewhere(page: str) -> None:
    links = re.findall(r"\]\(((?!http)[^)#]+)?(?:#([^)]*))?\)", text(page))
    assert links
    for path, anchor in links:
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor in slugs, f"{path}#{anchor}"
