"""A brand's own sentiment lexicon, for languages that VADER does not serve."""

from __future__ import annotations

import math
from pathlib import Path

from brandmlm.core.errors import UserError


def read_valences(path: Path) -> dict[str, float]:
    """Read a sentiment lexicon: a word, a tab and its score (below 0: bad, above 0: good) on each line.

    Further columns, blank lines and lines that begin with # are ignored.

    Raises:
        UserError: The file is missing or no text, a line has no score, or a word has two.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not readable as UTF-8 text ({error}); `sentiment` in lexicon.yaml names this file"
        ) from None
    valences: dict[str, float] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition("\t")
        word, score = word.strip().lower(), _number(rest.partition("\t")[0])
        if not word or score is None:
            raise UserError(f"{path}: line {number}: {line[:60]!r} is not a word, a tab and a number; correct it")
        if valences.setdefault(word, score) != score:
            raise UserError(f"{path}: line {number}: {word!r} has another score above; keep one of them")
    if not valences:
        raise UserError(f"{path}: no words in it; write a word, a tab and its score on each line")
    return valences


def _number(text: str) -> float | None:
    try:
        value = float(text.strip().replace("−", "-").replace(",", "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None
