"""The synthetic corpus and its counts as tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd

from brandmlm.data.corpus import LABELS, make_corpus
from brandmlm.data.synthesis.filling import ABOUT
from brandmlm.data.synthesis.sampling import Sample, Sentence


def synthetic_corpus(sentences: Sequence[Sentence]) -> pd.DataFrame:
    """The corpus table of drawn sentences, with the columns `word` (the labelled word), `about` (see `ABOUT`) and
    `polarity` (whether the sentence is a `claim` or a `denial` of that word)."""
    columns = ["text", "group", "label", "word", "about", "polarity"]
    table = pd.DataFrame([[getattr(sentence, name) for name in columns] for sentence in sentences], columns=columns)
    table["source"], table["rating"] = "synthetic", None
    return make_corpus(table.astype({"word": "string", "about": "string", "polarity": "string"}))


def count_sentences(sample: Sample, frames: int) -> dict[str, Any]:
    """The content of `counts.json`: fillings, sentences by label and brand, frames and groups."""
    labels = Counter(sentence.label for sentence in sample.sentences)
    about = Counter(sentence.about for sentence in sample.sentences)
    return {
        "space": sample.space,
        "sentences": len(sample.sentences),
        "equal_to_probe": sample.equal_to_probe,
        "labels": {label: labels[label] for label in LABELS},
        "about": {whose: about[whose] for whose in ABOUT},
        "frames": frames,
        "groups": len({sentence.group for sentence in sample.sentences}),
    }
