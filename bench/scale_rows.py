"""Many varied rows in the sample's three schemas, for `bench/scale.py`: the sample's sentences recombined.

A word is exchanged in most sentences, so that texts differ as those of a shop do. About one text in ten is an exact
duplicate, one in twenty a near-duplicate; others hold HTML, mojibake, addresses, numbers, or another language.
"""

from __future__ import annotations

import csv
import html
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from brandmlm.core.code_digest import PROJECT

TABLES: Final = {"reviews": 0.8, "products": 0.18, "catalogue": 0.02}  # share of the rows

_FOREIGN: Final = (
    "Los zapatos llegaron tarde y la talla no era la correcta.",
    "Die Schuhe sind sehr bequem und die Lieferung war schnell.",
    "Le service client ne répond jamais et le colis est perdu.",
    "La consegna è stata veloce ma la scatola era rotta.",
)

_REMEMBERED: Final = 200_000  # texts that may come again


def _sentences(text: str) -> list[str]:
    return [each for each in re.split(r"(?<=[.!?])\s+", text) if 20 < len(each) < 220]


class _Texts:
    """An endless supply of texts; the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        rows = [
            row for name in TABLES for row in csv.DictReader((PROJECT / f"sample/{name}.csv").open(encoding="utf-8"))
        ]
        cells = [cell for row in rows for cell in row.values() if cell]
        general = (PROJECT / "sample/general/everyday.txt").read_text(encoding="utf-8").splitlines()
        self._sentences = [each for text in [*cells, *general] for each in _sentences(text)]
        self._words = sorted({word for text in self._sentences for word in re.findall(r"[a-z]{3,12}", text)})
        self._past: list[str] = []

    def _sentence(self) -> str:
        words = self._random.choice(self._sentences).split(" ")
        for _ in range(self._random.randrange(3) if len(words) > 4 else 0):
            words[self._random.randrange(1, len(words) - 1)] = self._random.choice(self._words)
        return " ".join(words)

    def _fresh(self) -> str:
        kind = self._random.random()
        if kind < 0.02:
            return " ".join(self._random.choices(_FOREIGN, k=2)) + f" {self._random.randrange(99)}"
        text = " ".join(self._sentence() for _ in range(1 + min(7, int(self._random.expovariate(0.5)))))
        if kind < 0.05:
            return f"<p>{html.escape(text)}</p><br/><ul><li>{self._sentence()}</li></ul>"
        if kind < 0.07:
            return f"{text} Write to dave{self._random.randrange(9999)}@example.com please."
        if kind < 0.11:
            order, phone = self._random.randrange(10**11), self._random.randrange(9999)
            return f"{text} Order C{order:011d}, call +44 20 7946 {phone:04d}."
        return text.replace("'", "â€™") + " cafÃ©" if kind < 0.13 else text

    def __next__(self) -> str:
        kind = self._random.random()
        if self._past and kind < 0.15:
            text = self._random.choice(self._past)
            return text if kind < 0.1 else f"{text} {self._random.choice(self._words)}"
        text = self._fresh()
        if len(self._past) < _REMEMBERED:
            self._past.append(text)
        return text

    def __iter__(self) -> Iterator[str]:
        return self

    def date(self) -> str:
        year, month, day = (self._random.randrange(*limits) for limits in ((2010, 2023), (1, 13), (1, 29)))
        return f"{year}-{month:02d}-{day:02d}"

    def stars(self) -> int:
        return self._random.randrange(1, 6)

    def name(self) -> str:
        return f"{self._random.choice(self._words)} {self._random.choice(self._words)}".title()


def write_tables(rows: int, folder: Path, seed: int = 1) -> None:
    """Write `reviews.csv`, `products.csv` and `catalogue.csv` with so many rows in all."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = _Texts(seed)
    for name, share in TABLES.items():
        with (PROJECT / f"sample/{name}.csv").open(encoding="utf-8", newline="") as source:
            header = next(csv.reader(source))
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, header, restval="")
            writer.writeheader()
            for number in range(round(rows * share)):
                writer.writerow({key: value for key, value in _row(name, number, texts).items() if key in header})


def _row(table: str, number: int, texts: _Texts) -> dict[str, object]:
    """A row of one of the three tables, with the columns that the pipeline reads."""
    text = next(texts)
    if table == "reviews":
        author = f"Reviewer {number}" if number % 5 < 3 else texts.name()
        title = text[:40].rsplit(" ", 1)[0] + "…" if number % 2 else ""
        return {"Reviewer": author, "Title": title, "Content": text, "Star_rating": texts.stars(), "Date": texts.date()}
    if table == "products":
        return {"Product Name": f"Nike {texts.name()}", "Description": text, "Brand": "Nike", "Rating": texts.stars()}
    markup = f"<div><p><b>{texts.name().upper()}</b></p><br/><p>{html.escape(text)}</p></div>"
    return {"name": f"Nike {texts.name()}", "raw_description": markup, "description": text}
