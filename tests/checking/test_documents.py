"""Documents as passages of prose: every character keeps its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.checking.allowed import allowed_phrases, blank_comments
from brandmlm.checking.documents import read_passages, read_text
from brandmlm.checking.markup import STAND_IN, blank_html, blank_macros, blank_markdown
from brandmlm.checking.sentences import sentences
from brandmlm.core.errors import UserError

PIECES = st.lists(
    st.sampled_from(
        ["a heavy shoe", " ", "\n", "\n\n", ".", "<b>", "</b>", "<p class='x'>", "<!-- x -->", "<", ">",
         "&amp;", "&", "{{name}}",
         "{", "}", "%name%", "[Order]", "[", "](http://x.y)", "`", "```\n", "**", "_", "# ", "- ", "|", "http://a.b/c",
         "<script>x</script>", "é", "😀", "\u2028", "\t"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(PIECES)
def test_blanking_keeps_every_place(text: str) -> None:
    for blank in (blank_html, blank_markdown, blank_macros, blank_comments):
        blanked = blank(text)
        assert len(blanked) == len(text)
        assert [i for i, mark in enumerate(blanked) if mark == "\n"] == [
            i for i, mark in enumerate(text) if mark == "\n"
        ]


@given(PIECES, st.sampled_from(["text", "markdown", "html"]))
def test_words_are_where_their_offsets_say(text: str, kind: str) -> None:
    passage = read_text(text, kind)
    for sentence in sentences(passage.text):
        for word in sentence.words:
            start = sentence.start + word.start
            line, column = passage.place(start)
            assert passage.text[start : start + len(word.text)] == word.text
            assert passage.text.split("\n")[line - 1][column - 1 :].startswith(word.text)


@pytest.mark.parametrize(
    "macro", ["{{name}}", "{name}", "${name}", "{% if x %}", "%first_name%", "[Order]", "<<name>>"]
)
def test_macros_are_no_words(macro: str) -> None:
    blanked = blank_macros(f"Hi {macro}, heavy")
    assert blanked == f"Hi {STAND_IN}{' ' * (len(macro) - 1)}, heavy"


@pytest.mark.parametrize(
    ("kind", "source", "prose"),
    [
        ("markdown", "A `heavy` word\n", ["A word"]),
        ("markdown", "# Title\n\n- one\n- two\n", ["Title", "one", "two"]),
        ("markdown", "A [light shoe](http://x.y/heavy) here", ["A light shoe here"]),
        ("html", "<p>One <b>shoe</b></p><p>Two</p>", ["One shoe", "Two"]),
        ("html", "<style>heavy</style><p>Soft</p><!-- ugly -->", ["Soft"]),
        ("text", "One. Two e.g. three.\nFour", ["One.", "Two e.g. three.", "Four"]),
    ],
)
def test_prose_of_a_document(kind: str, source: str, prose: list[str]) -> None:
    assert [" ".join(each.text.split()) for each in sentences(read_text(source, kind).text)] == prose


def test_tables_are_read_by_column_with_the_lines_of_their_records() -> None:
    data = b'id,text,note\n1,"A heavy\nshoe",short one\n2,An ugly hat,\n'
    assert [(each.field, each.line, each.source) for each in read_passages("a.csv", data, None)] == [
        ("text", 2, "A heavy\nshoe"),
        ("note", 2, "short one"),
        ("text", 4, "An ugly hat"),
    ]
    lines = b'{"text": "A heavy shoe", "n": 1}\n\n{"other": "not this", "text": "An ugly hat"}\n'
    assert [(each.line, each.source) for each in read_passages("a.jsonl", lines, "text")] == [
        (1, "A heavy shoe"),
        (3, "An ugly hat"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "column", "message"),
    [
        ("a.txt", b"caf\xe9", None, "line 1: not UTF-8"),
        ("a.txt", b"x", "text", "--column is for tables"),
        ("a.csv", b"a,b\n1,2\n", "text", "no column 'text'; name one of 'a', 'b'"),
        ("a.csv", b'a,b\n"1,2\n', None, "not a readable table"),
        ("a.jsonl", b"[1]\n", None, "line 1: not a JSON object"),
        ("a.jsonl", b'{"a": "b c"}\n', "text", "no record has the key 'text'"),
    ],
)
def test_mistakes_in_documents(name: str, data: bytes, column: str | None, message: str) -> None:
    with pytest.raises(UserError, match=f"^{name}: ") as raised:
        list(read_passages(name, data, column))
    assert message in str(raised.value)


def test_comments_that_allow_phrases() -> None:
    source = "a <!-- brand-mlm: allow Heavy, too  stiff -->\nb\nc\n# brand-mlm: allow dull\nd\n"
    allowed = allowed_phrases(source)
    assert allowed == {1: {"heavy", "too stiff"}, 2: {"heavy", "too stiff"}, 4: {"dull"}, 5: {"dull"}}
    assert "brand-mlm" not in blank_comments(source)
