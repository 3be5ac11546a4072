"""Audit the removal of personal data: survivors by kind and form, and innocent texts that changed.

`python -m bench.personal_data [--reviews 10000] [--innocents 2000] [--seed 1] [--show 3]`
"""

from __future__ import annotations

import argparse
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from bench.innocent_reviews import innocent_reviews
from bench.seeded_reviews import SeededReview, seeded_reviews
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.data.brand_context import BrandContext
from brandmlm.text.placeholders import PLACEHOLDER
from brandmlm.text.repair import repair
from brandmlm.text.reviewer_name import scrub_name

# As in cleaning: the lexicon's words are products, whatever the reviewer is called.
LEXICON: Final = Path(__file__).parents[1] / "brands" / "nike" / "lexicon.yaml"

_WINDOW = 5  # A trace is this many letters and digits in a row.


@dataclass
class Audit:
    """Counts by kind and form, with the texts that failed."""

    seeded: Counter[tuple[str, str]] = field(default_factory=Counter)
    survivors: Counter[tuple[str, str]] = field(default_factory=Counter)
    examples: dict[tuple[str, str], list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    innocents: int = 0
    changed: list[tuple[str, str]] = field(default_factory=list)

    def rate(self, kind: str) -> float:
        """Return the share of planted items of a kind that survived."""
        return sum(count for (of, _), count in self.survivors.items() if of == kind) / sum(
            count for (of, _), count in self.seeded.items() if of == kind
        )


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold().replace("ø", "o").replace("ą", "a"))
    return "".join(mark for mark in plain if not unicodedata.combining(mark))


def survives(review: SeededReview, repaired: str) -> bool:
    """Whether a trace of the planted item is left in the repaired text."""
    folded = _fold(repaired)
    if review.kind in ("e-mail", "handle", "name"):
        return any(re.search(rf"(?<![^\W_]){re.escape(secret.casefold())}", folded) for secret in review.secrets)
    left = re.sub(r"[\W_]", "", PLACEHOLDER.sub("", folded))
    for secret in review.secrets:
        trace = re.sub(r"[\W_]", "", secret.casefold())
        size = min(_WINDOW, len(trace))
        if any(trace[start : start + size] in left for start in range(len(trace) - size + 1)):
            return True
    return False


def audit(reviews: int, innocents: int, seed: int) -> Audit:
    """Repair seeded and innocent texts and count what survived and what changed."""
    found, brand = Audit(innocents=innocents), BrandContext.of(load_lexicon(LEXICON))
    for review in seeded_reviews(reviews, seed):
        key = (review.kind, review.form)
        found.seeded[key] += 1
        repaired = scrub_name(repair(review.text, brand.handles), review.author, brand.never_names)
        if survives(review, repaired):
            found.survivors[key] += 1
            found.examples[key].append((review.text, repaired))
    for author, text in innocent_reviews(innocents, seed):
        repaired = scrub_name(repair(text, brand.handles), author, brand.never_names)
        if PLACEHOLDER.search(repaired):
            found.changed.append((text, repaired))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Audit the removal of personal data.")
    parser.add_argument("--reviews", type=int, default=10_000)
    parser.add_argument("--innocents", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="examples of each form that survived, and innocents")
    arguments = parser.parse_args()
    found = audit(arguments.reviews, arguments.innocents, arguments.seed)
    kinds = sorted({kind for kind, _ in found.seeded})
    print(f"{'kind':<10} {'planted':>8} {'left':>6} {'rate':>7}")
    for kind in kinds:
        planted = sum(count for (of, _), count in found.seeded.items() if of == kind)
        left = sum(count for (of, _), count in found.survivors.items() if of == kind)
        print(f"{kind:<10} {planted:8,} {left:6,} {left / planted:7.2%}")
        for key, count in sorted(found.survivors.items()):
            if key[0] == kind:
                print(f"   {key[1]:<24} {count:4} of {found.seeded[key]}")
                for text, repaired in found.examples[key][: arguments.show]:
                    print(f"      {text!r}\n   -> {repaired!r}")
    print(f"innocents changed: {len(found.changed)} of {found.innocents:,}")
    for text, repaired in found.changed[: 10 * arguments.show]:
        print(f"      {text!r}\n   -> {repaired!r}")


if __name__ == "__main__":
    main()
