"""The commands that the docs show, for the tests that run them."""

from __future__ import annotations

import re

from conftest import ROOT

PAGE = ROOT / "docs" / "experiments-howto.md"


def commands(page: str) -> list[str]:
    """The lines of a page's shell blocks."""
    blocks = re.findall(r"```sh\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


def examples(page: str, language: str) -> list[str]:
    """A page's blocks of code in a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)


RECIPES = {
    int(number): [line for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL) for line in block.splitlines()]
    for number, text in re.findall(r"^## (\d+)\. (.*?)(?=^## |\Z)", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
}
