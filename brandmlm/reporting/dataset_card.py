"""The card of the data set of sentences."""

from __future__ import annotations

from typing import Final

import pandas as pd
from huggingface_hub import DatasetCard, DatasetCardData

_TEXT: Final = """# Sentences about {brand}

{count:,} sentences made from word lists and sentence frames (`lexicon.yaml`, `templates.yaml`) to fine-tune a masked
language model, `{model}`, for the brand {brand}. They praise and blame the same products: they are training material,
and nobody's opinion.

| label | sentences | meaning |
|---|---:|---|
{rows}

Columns of `sentences.parquet`: {columns}. `label` is about the word in the frame's slot. The reviews and product pages
that the model was also trained on are not in this data set.
"""

_MEANINGS: Final = {
    "wanted": "says what the brand wants to be said",
    "unwanted": "says what it does not want to be said",
    "neutral": "neither",
}


def sentences_card(sentences: pd.DataFrame, brand: str, language: str, model: str, license_id: str) -> str:
    """The card as Markdown with a YAML header.

    Args:
        sentences: The synthetic corpus.
        brand: Its name.
        language: ISO 639.
        model: The repository of the model, owner/name.
        license_id: As the hub abbreviates it; empty if none is stated.
    """
    counts = sentences["label"].value_counts()
    rows = [f"| `{label}` | {counts.get(label, 0):,} | {meaning} |" for label, meaning in _MEANINGS.items()]
    data = DatasetCardData(
        language=language,
        license=license_id or None,
        task_categories=["fill-mask"],
        tags=["synthetic", "masked-lm"],
        pretty_name=f"Sentences about {brand}",
    )
    text = _TEXT.format(
        brand=brand, count=len(sentences), model=model, rows="\n".join(rows),
        columns=", ".join(f"`{name}`" for name in sentences.columns),
    )  # fmt: skip
    return str(DatasetCard(f"---\n{data.to_yaml()}\n---\n\n{text}"))
