"""Likeliest tokens of the probes that changed between two revisions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Predictions = Sequence[Mapping[str, Any]]  # rows of plots/tokens/<model>.json


@dataclass(frozen=True)
class TokenChange:
    """A probe whose likeliest tokens changed; both lists are by rank."""

    sentence: str
    entered: tuple[str, ...]
    left: tuple[str, ...]


def _labels_by_sentence(predictions: Predictions) -> dict[str, list[str]]:
    labels: dict[str, list[str]] = {}
    for row in sorted(predictions, key=lambda row: (row["order"], row["rank"])):
        labels.setdefault(row["sentence"], []).append(row["label"])
    return labels


def compare_tokens(base: Predictions, head: Predictions) -> list[TokenChange]:
    """For each probe of both sides, the tokens that entered the likeliest ones and those that left them."""
    before, after = _labels_by_sentence(base), _labels_by_sentence(head)
    return [
        TokenChange(
            sentence,
            tuple(label for label in labels if label not in before[sentence]),
            tuple(label for label in before[sentence] if label not in labels),
        )
        for sentence, labels in after.items()
        if sentence in before and set(labels) != set(before[sentence])
    ]
