"""Metrics that earlier revisions have under another name, so that they can be compared with today's."""

from __future__ import annotations

import re
from typing import Final

# Pattern of an old full name: the current name, or None for a metric that was removed. The first match counts.
RENAMED: Final[tuple[tuple[str, str | None], ...]] = (
    # Of the best checkpoint, before its weights are interpolated with the base's.
    (r"(training\.\w+)\.best_validation_loss", r"\1.best_checkpoint_loss"),
    # exp of the loss above; `validation_perplexity` is of the saved weights, so the two cannot be compared.
    (r"training\.\w+\.best_validation_perplexity", None),
    (r"(rows\.clean\.[\w-]+\.dropped)\.not_english", r"\1.other_language"),
)


def current_name(name: str) -> str | None:
    """The name that a metric has today; None if there is no such metric any more."""
    for pattern, replacement in RENAMED:
        if found := re.fullmatch(pattern, name):
            return replacement and found.expand(replacement)
    return name


def with_current_names(metrics: dict[str, float]) -> dict[str, float]:
    """The metrics of a revision by the names that they have today."""
    return {current: value for name, value in metrics.items() if (current := current_name(name)) is not None}
