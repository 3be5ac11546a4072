"""The keep rule: an expression over signal names, parsed into UpTrain signals without evaluating anything.

    rule   = either
    either = both   { "|" both }
    both   = one    { "&" one }
    one    = "~" one | "(" either ")" | name

`~` binds tightest, then `&`, then `|`, as in Python.
"""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from brandmlm.core.errors import UserError

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # UpTrain's settings use a form of pydantic's Field that pydantic deprecates
    from uptrain.framework.signal import Signal


MAX_TOKENS: Final = 200  # bounds the recursion here and in UpTrain's signals, far below Python's limit

_TOKEN: Final = re.compile(r"(?P<name>[^\W\d]\w*)|(?P<mark>[&|~()])|(?P<blank>\s+)|(?P<other>.)", re.DOTALL)


@dataclass(frozen=True)
class Token:
    text: str  # empty at the end of the rule
    place: int  # character in the rule, from 1
    is_name: bool = False

    def __str__(self) -> str:
        return f"{self.text!r} at character {self.place}" if self.text else "the end"


def parse_rule(rule: str, names: Collection[str]) -> Signal:
    """Parse a keep rule into a UpTrain Signal over the columns `names`.

    Raises UserError that gives the token at fault, its place and the names there are.
    """
    return _Parser(rule, names).parse()


class _Parser:
    def __init__(self, rule: str, names: Collection[str]) -> None:
        self.names = tuple(names)
        self.tokens = list(self._tokens(rule))
        self.next = 0
        if len(self.tokens) > MAX_TOKENS:
            raise self._error(f"more than {MAX_TOKENS} names and operators")

    def parse(self) -> Signal:
        signal = self._either()
        if self._peek().text:
            raise self._error(f"{self._peek()} was not expected; an operator may be missing before it")
        return signal

    def _tokens(self, rule: str) -> Iterator[Token]:
        for found in _TOKEN.finditer(rule):
            token = Token(found.group(), found.start() + 1, is_name=found.lastgroup == "name")
            if found.lastgroup == "other":
                raise self._error(f"{token} is not allowed")
            if found.lastgroup != "blank":
                yield token
        yield Token("", len(rule) + 1)

    def _either(self) -> Signal:
        signal = self._both()
        while self._take("|"):
            signal = signal | self._both()
        return signal

    def _both(self) -> Signal:
        signal = self._one()
        while self._take("&"):
            signal = signal & self._one()
        return signal

    def _one(self) -> Signal:
        if self._take("~"):
            return ~self._one()
        if self._take("("):
            signal = self._either()
            if not self._take(")"):
                raise self._error(f"')' was expected, found {self._peek()}")
            return signal
        token = self._peek()
        if not token.is_name:
            raise self._error(f"a signal was expected, found {token}")
        if token.text not in self.names:
            near = difflib.get_close_matches(token.text, self.names, n=1)
            raise self._error(f"unknown signal {token}" + (f"; did you mean {near[0]!r}?" if near else ""))
        self.next += 1
        return Signal(token.text)

    def _peek(self) -> Token:
        return self.tokens[self.next]

    def _take(self, mark: str) -> bool:
        taken = self._peek().text == mark
        self.next += taken
        return taken

    def _error(self, fault: str) -> UserError:
        return UserError(
            f"params.yaml: filter.rule: {fault}; write signals ({', '.join(self.names)}) with & | ~ and parentheses"
        )
