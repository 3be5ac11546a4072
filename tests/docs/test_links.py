"""Every link and path of the documentation: files and anchors are checked, addresses are listed.

    python -m pytest -s tests/docs/test_links.py -k addresses

prints the addresses, which cannot be tried without a network.
"""

from __future__ import annotations

import re

import pytest
from conftest import ROOT

PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for pattern in ("*.md", "docs/*.md", "bench/*.md", "sample/*.md", "adapters/**/*.md")
    for path in ROOT.glob(pattern)
)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HTML = re.compile(r"(?:src|srcset|href)=\"([^\"]+)\"")
ADDRESS = re.compile(r"https?://[^\s)>\"'`\]]+")
# Made by a run, not in git.
MADE = re.compile(r"^((data|\.venv|brands/acme|onnx)/|\.dvc/config\.local)")
# On GitHub, of the repository that the page is in.
ON_GITHUB = re.compile(r"^\.\./\.\./(actions|issues|discussions)\b")
MOVED = re.compile(r"github\.com/iterative/")  # DVC moved to treeverse/dvc


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def targets(page: str) -> list[str]:
    """The targets of a page's links and pictures, in Markdown and HTML, without those in code."""
    prose = CODE.sub("", text(page))
    return [*LINK.findall(prose), *HTML.findall(prose)]


def anchors(page: str) -> set[str]:
    """The anchors that GitHub gives the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", re.sub(r"```.*?```", "", text(page), flags=re.DOTALL), re.MULTILINE)
    plain = [re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings]
    return {re.sub(r"[^\w -]", "", heading).replace(" ", "-") for heading in plain}


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for link in targets(page):
        path, _, anchor = link.partition("#")
        if ADDRESS.match(link) or ON_GITHUB.match(link):
            continue
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), link
        assert target.resolve().is_relative_to(ROOT), link
        if anchor:
            assert anchor in anchors(target.resolve().relative_to(ROOT).as_posix()), link


@pytest.mark.parametrize("page", PAGES)
def test_every_path_is_there(page: str) -> None:
    named = re.findall(r"`([\w.@/-]+/[\w.@-]+\.\w+|[\w.@/-]+/)`", text(page))
    folders = (ROOT, (ROOT / page).parent)
    assert [path for path in named if not MADE.match(path) and not any((top / path).exists() for top in folders)] == []


def test_every_page_is_in_the_index() -> None:
    listed = set(targets("docs/README.md"))
    assert {path.name for path in ROOT.glob("docs/*.md")} - {"README.md"} <= listed
    assert "docs/README.md" in targets("README.md")


def test_the_index_calls_every_page_by_its_title() -> None:
    named = dict(re.findall(r"\[([^]]+)\]\(([\w-]+\.md)\)", text("docs/README.md")))
    assert named == {text(f"docs/{page}").splitlines()[0].removeprefix("# "): page for page in named.values()}


def test_the_addresses() -> None:
    """Well formed, encrypted, none that is known to have moved."""
    found = {address.rstrip(".,;:") for page in PAGES for address in ADDRESS.findall(CODE.sub("", text(page)))}
    print(*sorted(found), sep="\n")
    assert found
    assert [address for address in found if not re.match(r"https://[\w-]+(\.[\w-]+)+(/|$)", address)] == []
    assert [page for page in PAGES if MOVED.search(text(page))] == []
