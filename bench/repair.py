"""Measure how `repair` scales on long odd texts, which make a careless pattern backtrack.

`python -m bench.repair` prints processor seconds at one size and at four times that size: a ratio near 4 is linear
time, one near 16 is quadratic.
"""

from __future__ import annotations

import time
from typing import Final

from brandmlm.text.repair import repair

PIECES: Final = (
    "a",
    ". ",
    "!",
    "<",
    "<p>",
    "<br>",
    "<hr>a<!-- b -->",
    "<style>c</style>",
    "<div>",
    "1 2 3 ",
    "a.b.",
    "12345678 ",
    "a@",
    "www.",
    " .x",
    "\n",
    "&amp;",
    "-",
    "a @ b ",
    "a at b dot ",
    "a-at-b-dot-",
    "@a_",
    "0 ",
    "22 ",
    "4111-",
    "1.2.",
    "1:",
    "a::",
    "AB12 ",
    "(1) ",
    "+1 ",
    "insta ",
    "call 1",
    "order 12-",
)
LENGTH: Final = 50_000  # characters, at the smaller size


def odd_text(piece: str, length: int) -> str:
    """Return a text of about `length` characters: one piece repeated, then another character."""
    return piece * (length // len(piece)) + "x"


def seconds(text: str) -> float:
    started = time.process_time()
    repair(text)
    return time.process_time() - started


def main() -> None:
    print(f"{'piece':<12} {LENGTH:>9,} {4 * LENGTH:>9,} {'ratio':>7}")
    for piece in PIECES:
        short, long = (seconds(odd_text(piece, length)) for length in (LENGTH, 4 * LENGTH))
        print(f"{piece!r:<12} {short:9.3f} {long:9.3f} {long / max(short, 1e-3):7.1f}")


if __name__ == "__main__":
    main()
