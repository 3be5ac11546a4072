"""Numbers and words as text, for terminals and Markdown."""

from __future__ import annotations

import re
from typing import Final

from brandmlm.config.variants import VARIANT_NOTES, VARIANTS
from brandmlm.core.errors import printable

_JOINER: Final = "\u2060"  # invisible, and no blank: GitHub links nothing across it

# What GitHub makes links of, cut behind its first character: mentions, issues, commits, addresses. A name such as
# `train@full` is none of them, and people copy it.
_LINKED: Final = re.compile(
    r"@(?=\w)(?:(?<!\w@)|(?=[\w-]+\.))|#(?=\d)|\bGH(?=-\d)|\b[0-9a-f](?<=(?=\d*[a-f])(?=[a-f]*\d).)(?=[0-9a-f]{6,39}\b)|\bhttps?(?=://)|\bwww(?=\.)",
    re.IGNORECASE,
)

VERDICT_STYLES: Final = {"wanted": "bold green", "unwanted": "bold red"}  # of words in a terminal, as rich names them


def number(value: float) -> str:
    """About three significant digits: 1,234, 361, 72.4, 3.85."""
    size = abs(value)
    return f"{value:,.0f}" if size >= 99.95 else f"{value:.1f}" if size >= 9.995 else f"{value:.2f}"


def percent(share: float) -> str:
    """About two significant digits: 100 %, 12 %, 1.2 %, 0.03 %."""
    value = 100 * share
    if 0 < value < 0.001:
        return "<0.001 %"
    digits = 0 if value >= 9.95 or value == 0 else 1 if value >= 0.995 else 2 if value >= 0.0995 else 3
    return f"{value:.{digits}f} %"


def exact_percent(share: float) -> str:
    """One decimal from 1 % on: 33.4 %, 0.03 %."""
    return f"{100 * share:.1f} %" if share >= 0.01 else percent(share)


def escape(text: str) -> str:
    """Text as Markdown shows it literally, also inside a table: no markup, no HTML, no link or mention of GitHub's."""
    return re.sub(r"([\\`*_~|<>#&\[\]])", r"\\\1", _LINKED.sub(rf"\g<0>{_JOINER}", printable(text)))


def code(text: str) -> str:
    """Text as inline code, whatever backticks it has; not for tables."""
    line = printable(text)
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") or not line.strip() else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def code_cell(text: str) -> str:
    """Text as inline code inside a table, which bars would divide."""
    return code(text).replace("|", r"\|")


def marked(token: str, verdict: str) -> str:
    """A token in Markdown: bold if wanted, struck out and crossed if unwanted."""
    shown = escape(token)
    return {"wanted": f"**{shown}**", "unwanted": f"~~{shown}~~ ✗"}.get(verdict, shown)


def model_legend() -> str:
    """A sentence that says what base, v1 and v2 are."""
    notes = "; ".join(f"`{label}`: {VARIANT_NOTES[model]}" for model, label in VARIANTS.items())
    return notes[0].upper() + notes[1:] + "."
