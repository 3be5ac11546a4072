"""Text from elsewhere in pages, cards and terminals: shown as it is, never acted on."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from brandmlm.commands.predict import side_by_side
from brandmlm.config.params.base import HubBase, PackageBase
from brandmlm.core.command_line import say
from brandmlm.core.errors import printable
from brandmlm.modeling.predictor import Prediction
from brandmlm.reporting.formatting import code_cell, escape
from brandmlm.reporting.lineage import describe_base

JOINER = "\u2060"
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable("table")


def shown(markdown: str) -> str:
    """The text of a cell as a browser shows it; fails on markup of any kind but code."""
    html = MARKDOWN.render(f"| a | b |\n|---|---|\n| {markdown} | end |\n")
    cells = re.findall(r"<td>(.*?)</td>", html, re.DOTALL)
    assert len(cells) == 2 and cells[1] == "end", html
    text = re.sub(r"</?code>", "", cells[0])
    assert "<" not in text, html
    for entity, mark in {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}.items():
        text = text.replace(entity, mark)
    return text.replace(JOINER, "")


NASTY = "<img src=x onerror=alert(1)> a|b `c` **d** ~~e~~ [f](g) &lt; \\| _h_ ![i](j)"


@given(st.text(alphabet=st.sampled_from("ab1 @#|`*_~<>&;[]()!\\{}-+.:/\"'"), max_size=30) | st.just(NASTY))
def test_escaped_text_is_shown_as_it_is(text: str) -> None:
    text = " ".join(text.split())
    assert shown(f"x{escape(text)}x") == f"x{text}x"


@given(st.text(alphabet=st.sampled_from("ab|`*_<&\\ "), min_size=1, max_size=20))
def test_code_keeps_its_cell(text: str) -> None:
    shown(f"x{code_cell(text)}x")
    if "\\" not in text and text.strip():
        html = MARKDOWN.render(f"| a |\n|---|\n| {code_cell(text)} |\n")
        assert html.count("<code>") == 1


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("@alice", f"@{JOINER}alice"),
        ("(@alice)", f"(@{JOINER}alice)"),
        ("ann@example.com", f"ann@{JOINER}example.com"),
        ("train@full", "train@full"),
        ("see #12", rf"see \#{JOINER}12"),
        ("GH-12", f"GH{JOINER}-12"),
        ("0123abc", f"0{JOINER}123abc"),
        ("deadbeef1" * 4, f"d{JOINER}{('deadbeef1' * 4)[1:]}"),
        ("https://example.com", f"https{JOINER}://example.com"),
        ("defaced 12345678 ##ing @ #", r"defaced 12345678 \#\#ing @ \#"),
    ],
)
def test_nothing_becomes_a_link_or_a_mention(text: str, cut: str) -> None:
    assert escape(text) == cut


def test_a_base_s_name_is_no_markup() -> None:
    base = PackageBase(kind="package", package="a`b|c", folder="f", digests={}, adapter="d|`e")
    assert shown(describe_base(base)) == "package a`b|c, adapter d|`e merged in"
    hub = HubBase(kind="hub", repository="owner/_name_", revision="@alice|<b>", license=None)
    assert shown(describe_base(hub)) == "owner/_name_, revision @alice|<b>"


def test_a_terminal_gets_no_control_characters(capsys: pytest.CaptureFixture[str]) -> None:
    assert printable("a\x1b[2J\x9b\u202e\ud800b\u00e9\u00a0") == "a\\x1b[2J\\x9b\\u202e\\ud800b\u00e9\u00a0"
    say("one\x1b]0;title\x07\ntwo")
    assert capsys.readouterr().out == "one\\x1b]0;title\\x07\ntwo\n"
    table = side_by_side("a\x1b[2J [MASK].", {"v1": [Prediction("to\x1b[1mken", 0.5)]}, {})
    assert "\x1b" not in table.plain and "to\\x1b[1mken  0.500" in table.plain
