"""Digests of sources: comments, docstrings and blank lines do not count, everything else does."""

from __future__ import annotations

import io
import tokenize
from pathlib import Path

import pytest
from conftest import ROOT

from brandmlm.core.code_digest import find_closure, read_module
from brandmlm.core.errors import UserError


def digest(source: str) -> str:
    return read_module(source.encode())[0]


SOURCE = '''"""What the module is for."""

import os  # to see files

URL = "http://example.com/#part"  # a '#' inside a string
QUOTES = 'it\\'s # not a comment'
RAW = rb"\\"  # "
TEXT = """
# not a comment

""" + f"{URL!r} # {os.name}"


class Thing(dict):
    """A thing."""

    size: int = 1

    async def grow(self, by=(
        1,  # one

        2,
    )):
        """Make it larger."""
        def inner(): "A docstring too"; return 3
        if by:
            "no docstring"
        return [inner(), "# kept"]
'''

SAME = {
    "a comment less": ("  # to see files", ""),
    "a comment more": ("class Thing", "# A class.\n#\n\nclass Thing"),
    "another comment in brackets": ("# one", "# first"),
    "another module docstring": ("What the module is for.", "Why\n# it is here, 'and' so on."),
    "another method docstring": ('"""Make it larger."""', "'''Make it\n\n  larger.'''"),
    "no class docstring": ('    """A thing."""\n\n', ""),
    "another docstring in one line": ('"A docstring too"; ', "'A' \"docstring\"; "),
    "blank lines": ("    size", "\n\n    \n    size"),
    "trailing blanks": ("size: int = 1", "size: int = 1  \t"),
    "Windows line ends": ("\n", "\r\n"),
    "no line end at the end": ('[inner(), "# kept"]\n', '[inner(), "# kept"]'),
    "a byte order mark": ('"""What', '\ufeff"""What'),
}

OTHER = {
    "a token": ("size: int = 1", "size: int = 2"),
    "a default": ("        2,", "        3,"),
    "a string with a hash": ("#part", "#other"),
    "a hash after an escaped quote": ("not a comment'", "no comment'"),
    "a hash in a long string": ("# not a comment\n", "# no comment\n"),
    "an empty line in a string": ('\n\n""" +', '\n""" +'),
    "a trailing blank in a string": ("# not a comment\n", "# not a comment \n"),
    "a hash in an f-string": ("# {os", "## {os"),
    "a string that is no docstring": ('"no docstring"', '"not a docstring"'),
    "indentation": ('        return [inner(), "# kept"]', '            return [inner(), "# kept"]'),
}


@pytest.mark.parametrize("change", SAME)
def test_comments_docstrings_and_blank_lines_do_not_count(change: str) -> None:
    old, new = SAME[change]
    assert old in SOURCE
    changed = SOURCE.replace(old, new)
    if "docstring" not in change:
        assert changed != SOURCE
    assert digest(changed) == digest(SOURCE)


@pytest.mark.parametrize("change", OTHER)
def test_everything_else_counts(change: str) -> None:
    old, new = OTHER[change]
    assert old in SOURCE
    assert digest(SOURCE.replace(old, new)) != digest(SOURCE)


def test_what_python_calls_a_comment_does_not_count() -> None:
    """On the project's own code, by Python's tokenizer."""
    for file in sorted((ROOT / "brandmlm").rglob("*.py")):
        source = file.read_text(encoding="utf-8")
        lines = source.splitlines(keepends=True)
        for token in tokenize.generate_tokens(io.StringIO(source).readline):
            if token.type == tokenize.COMMENT:
                row, column = token.start
                lines[row - 1] = lines[row - 1][:column] + "#\n"
        assert digest("".join(lines)) == digest(source), file


def test_imports_are_followed_wherever_they_are(tmp_path: Path) -> None:
    files = {
        "house/__init__.py": "import json",
        "house/main.py": "def late():\n    with open('x'):\n        from house.rooms import kitchen\n",
        "house/rooms/__init__.py": "",
        "house/rooms/kitchen.py": "from . import bath\nfrom ..tools import saw as cutter\nimport torch.nn as nn\n",
        "house/rooms/bath.py": "try: pass\nexcept OSError:\n  import numpy\nelse:\n  from house.rooms.hall import *\n",
        "house/rooms/hall.py": "match 1:\n    case 1:\n        from PIL import Image\n",
        "house/tools.py": "if TYPE_CHECKING:\n    import house.unused\nelse:\n    saw = 1\n",
        "house/unused.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = find_closure("house.main", tmp_path)
    assert list(found.digests) == sorted(files.keys() - {"house/unused.py"})
    assert found.imported >= {"json", "torch.nn", "numpy", "PIL"}
    assert not any(name.startswith("house") for name in found.imported)
    (tmp_path / "house/tools.py").write_text("saw = \n")
    with pytest.raises(UserError, match=r"house/tools\.py: not valid Python \(.*line 1.*\); correct it"):
        find_closure("house.main", tmp_path)
