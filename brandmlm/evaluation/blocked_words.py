"""Base with the lists blocked: what base would say if the unwanted words that training uses were never decoded.

It needs no training, so that a trained model has to do better where a list does not help: on words that no list has, on
denials, on claims about rivals. Base's own tables have all of it: without the blocked words, the probabilities of the
others are divided by what is left.
"""

from __future__ import annotations

from typing import Final

import pandas as pd

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.evaluation.evaluation_tables import BLOCKED_MASS

BLOCKED: Final = "blocked"  # in place of a model's name


def block_words(cases: pd.DataFrame, words: pd.DataFrame, lexicon: Lexicon) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Base's cases (without those of phrases) and likeliest words, with the lexicon's `unwanted.used` blocked.

    Args:
        cases: Base's, with the `CASE_NUMBERS`, `BLOCKED_MASS` and kl.
        words: Base's: text, rank, token, probability and others; as many as are known, since ranks move up.
        lexicon: Of the brand.
    """
    cases = cases[cases["capability"] != "phrase"].copy()
    left = 1 - cases[BLOCKED_MASS]
    cases["unwanted_mass"] = ((cases["unwanted_mass"] - cases[BLOCKED_MASS]) / left).clip(lower=0)
    for name in ("wanted_mass", "wanted_held_out_mass", "unwanted_held_out_mass"):
        cases[name] /= left
    cases["kl"] = float("nan")  # infinite: blocked words have no probability
    blocked = {word.lower() for word in lexicon.unwanted.used}
    kept = words[~words["token"].str.lower().isin(blocked)].sort_values(["text", "rank"])
    kept = kept.assign(rank=kept.groupby("text").cumcount() + 1)
    share = kept["text"].map(dict(zip(cases["text"], left, strict=True)))
    return cases.assign(model=BLOCKED), kept.assign(model=BLOCKED, probability=kept["probability"] / share)
