"""The keep rule against Python's own Boolean algebra, and the rules that are refused."""

from __future__ import annotations

import itertools

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.core.errors import UserError
from brandmlm.filtering.keep_rule import MAX_TOKENS, parse_rule

NAMES = ("brand", "product", "feature", "unwanted")
# All combinations of truth values: rules that agree here are equivalent.
TABLE = pl.DataFrame(list(itertools.product([False, True], repeat=len(NAMES))), schema=list(NAMES), orient="row")

blanks = st.sampled_from(["", " ", "  ", "\t", "\n"])
rules = st.recursive(
    st.tuples(blanks, st.sampled_from(NAMES), blanks).map("".join),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("&|"), inner).map("".join),
        st.tuples(blanks, st.just("~"), inner).map("".join),
        st.tuples(st.just("("), inner, st.just(")"), blanks).map("".join),
    ),
    max_leaves=20,
)


def by_python(rule: str) -> list[bool]:
    """numpy's & | ~ under Python's own grammar; only used for the rules generated above."""
    columns = {name: TABLE[name].to_numpy() for name in NAMES}
    return eval(f"({rule})", {"__builtins__": {}}, columns).tolist()


def by_rule(rule: str) -> list[bool]:
    return np.asarray(parse_rule(rule, NAMES).run(TABLE)).tolist()


@settings(deadline=None)
@given(rules)
def test_agrees_with_python_on_precedence_and_truth(rule: str) -> None:
    assert by_rule(rule) == by_python(rule)


@pytest.mark.parametrize("blank", [" ", "\n", "\t", "\r\n", "\x0c", "\u00a0"])
def test_white_space_of_every_kind_separates(blank: str) -> None:
    rule = f"{blank}brand{blank}&{blank}~{blank}product{blank}"
    assert by_rule(rule) == by_python("brand & ~product")


def test_not_binds_before_and_before_or() -> None:
    expected = [(not b) or (p and (not f)) for b, p, f, _ in TABLE.iter_rows()]
    assert by_rule("~brand | product & ~feature") == expected


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_parsed_or_refused_in_one_line(rule: str) -> None:
    try:
        signal = parse_rule(rule, NAMES)
    except UserError as error:
        assert "filter.rule" in str(error) and "\n" not in str(error)
        assert all(name in str(error) for name in NAMES)
    else:
        assert len(signal.run(TABLE)) == len(TABLE)


@pytest.mark.parametrize(
    ("rule", "parts"),
    [
        ("", ["a signal was expected", "the end"]),
        ("brand & prodct", ["'prodct' at character 9", "did you mean 'product'"]),
        ("brand and product", ["'and' at character 7"]),
        ("brand product", ["'product' at character 7", "operator"]),
        ("brand +  product", ["'+' at character 7", "not allowed"]),
        ("brand & ", ["a signal was expected, found the end"]),
        ("& brand", ["'&' at character 1"]),
        ("(brand | product", ["')' was expected, found the end"]),
        ("brand)", ["')' at character 6"]),
        ("()", ["')' at character 2"]),
        ("brand ~ product", ["'~' at character 7"]),
        ("True", ["'True' at character 1"]),
        ("__import__('os').system('true')", ['"\'" at character 12']),
        ("brand.__class__", ["'.' at character 6"]),
        ("brand & 1", ["'1' at character 9"]),
        ("brand(product)", ["'(' at character 6 was not expected", "operator"]),
        ("brand) | (product", ["')' at character 6"]),
        ("brand # product", ["'#' at character 7"]),
        ("lambda: brand", ["':' at character 7"]),
        ("\uff42rand", ["unknown signal '\uff42rand' at character 1"]),  # Python's parser would read "brand"
    ],
)
def test_names_the_token_at_fault(rule: str, parts: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        parse_rule(rule, NAMES)
    for part in ["filter.rule", ", ".join(NAMES), *parts]:
        assert part in str(caught.value)


def test_a_rule_too_long_or_too_deep_is_refused_and_the_longest_one_runs() -> None:
    for endless in ("(" * 5000, "~" * 5000 + "brand", " & ".join(["brand"] * 5000)):
        with pytest.raises(UserError, match=f"more than {MAX_TOKENS}"):
            parse_rule(endless, NAMES)
    depth = MAX_TOKENS // 2 - 1
    assert by_rule("(" * depth + "brand" + ")" * depth) == by_python("brand")
    assert by_rule("~" * (MAX_TOKENS - 2) + "brand") == by_python("brand")
