"""Why a model says a word: the training rows that taught it, kept and dropped."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from brandmlm.modeling.predictor import WordRank
from brandmlm.page.brand_words import LISTS, Snapshot
from brandmlm.reporting.excerpt import excerpt
from brandmlm.reporting.word_lineage import trace

EXAMPLES: Final = 5  # kept and dropped rows shown, each

EXCERPT: Final = 160  # characters of an example


def why_document(
    word: str, ranks: Mapping[str, WordRank | None], rows: pd.DataFrame, snapshot: Snapshot
) -> dict[str, Any]:
    """The verdict on a word and what decided it, its rank in each model, and the rows that have it.

    Args:
        ranks: by model; None where the word is not one token.
        rows: columns id, source, text, kept and one per signal.
    """
    brand = snapshot.lexicon.brand
    lineage = trace(rows, brand, word, EXAMPLES)
    place = snapshot.place(word)
    return {
        "word": word,
        "verdict": snapshot.verdicts(word),
        "place": LISTS[place] if place else None,
        "ranks": [{"model": model, **(rank._asdict() if rank else {"rank": None})} for model, rank in ranks.items()],
        "rows": lineage.rows,
        "claims": lineage.claims,
        "brand": list(brand),
        "examples": {
            fate: [
                {"text": excerpt(each.text, word, brand, EXCERPT), "source": each.source, "signals": each.signals}
                for each in examples
            ]
            for fate, examples in lineage.examples.items()
        },
    }
