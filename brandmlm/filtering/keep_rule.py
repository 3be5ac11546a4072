"""The keep rule: signal names combined with `&`, `|`, `~` and parentheses, compiled to UpTrain signals.

The tokens are checked first, so that a message names the token at fault and its place. What remains is a subset of
Python, whose parser settles precedence: `~` binds tightest, then `&`, then `|`. Nothing of a rule is evaluated.
"""

from __future__ import annotations

import ast
import difflib
import re
import warnings
from collections.abc import Collection
from typing import Final

from brandmlm.core.errors import UserError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # UpTrain's settings use arguments of pydantic's Field that are deprecated
    from uptrain.framework.signal import Signal

MAX_TOKENS: Final = 200  # bounds the recursion here and in UpTrain's signals, far below Python's limit

_TOKEN: Final = re.compile(r"[^\W\d]\w*|\S")


def parse_rule(rule: str, names: Collection[str]) -> Signal:
    """Compile a keep rule to an UpTrain signal over the columns `names`.

    Raises:
        UserError: The rule is malformed or names an unknown signal; the message quotes the token and its place.
    """
    tokens = [(found.group(), found.start() + 1) for found in _TOKEN.finditer(rule)]
    fault = _find_fault(tokens, names)
    if fault is not None:
        raise UserError(
            f"params.yaml: filter.rule: {fault}; write signals ({', '.join(names)}) with & | ~ and parentheses"
        )
    return _compile(ast.parse(" ".join(text for text, _ in tokens), mode="eval").body)


def _find_fault(tokens: list[tuple[str, int]], names: Collection[str]) -> str | None:
    """What is wrong with a rule's tokens (text, place from 1), if anything is."""
    for text, place in tokens:
        if not text.isidentifier() and text not in "&|~()":
            return f"{text!r} at character {place} is not allowed"
    if len(tokens) > MAX_TOKENS:
        return f"more than {MAX_TOKENS} names and operators"
    depth = 0  # of open parentheses
    operand_next = True  # whether a signal is expected, or else an operator
    for text, place in tokens:
        found = f"{text!r} at character {place}"
        if not operand_next:
            if text in "&|":
                operand_next = True
            elif text == ")" and depth:
                depth -= 1
            elif depth:
                return f"')' was expected, found {found}"
            else:
                return f"{found} was not expected; an operator may be missing before it"
        elif text == "(":
            depth += 1
        elif text.isidentifier():
            if text not in names:
                near = difflib.get_close_matches(text, names, n=1)
                return f"unknown signal {found}" + (f"; did you mean {near[0]!r}?" if near else "")
            operand_next = False
        elif text != "~":
            return f"a signal was expected, found {found}"
    if operand_next:
        return "a signal was expected, found the end"
    return "')' was expected, found the end" if depth else None


def _compile(node: ast.expr) -> Signal:
    match node:
        case ast.Name(id=name):
            return Signal(name)
        case ast.UnaryOp(op=ast.Invert(), operand=operand):
            return ~_compile(operand)
        case ast.BinOp(left=left, op=ast.BitAnd(), right=right):
            return _compile(left) & _compile(right)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _compile(left) | _compile(right)
    raise AssertionError(f"unreachable: {ast.dump(node)}")
