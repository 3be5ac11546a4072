"""What is known of a word: its ranks in the models, and the training rows that have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from rich.text import Text

from brandmlm.modeling.predictor import WordRank
from brandmlm.reporting.excerpt import excerpt
from brandmlm.reporting.formatting import VERDICT_STYLES, percent
from brandmlm.reporting.word_lineage import WordLineage

FATES: Final = {"kept": "kept: v1 and v2 learnt from it", "dropped": "dropped: v1 alone learnt from it"}


@dataclass(frozen=True)
class WordExplanation:
    word: str
    verdict: str  # wanted, unwanted, neutral or other
    ranks: Mapping[str, WordRank]  # by model: base, v1, v2
    lineage: WordLineage


def as_document(sentence: str, explanations: Sequence[WordExplanation]) -> dict[str, Any]:
    """Everything as one JSON object."""
    words = {
        each.word: {
            "verdict": each.verdict,
            "models": {model: rank._asdict() for model, rank in each.ranks.items()},
            **asdict(each.lineage),
        }
        for each in explanations
    }
    return {"sentence": sentence, "words": words}


def explanation_table(explanations: Sequence[WordExplanation]) -> Text:
    """A line per word: verdict, ranks and probabilities by model, claims and rows that v1 and v2 learnt from."""
    models = list(explanations[0].ranks)
    lines = [["word", "verdict", *(f"{name} rank" for name in models), *models, "claims: v1", "v2", "rows: v1", "v2"]]
    for each in explanations:
        counts = [each.lineage.claims, each.lineage.rows]
        lines.append(
            [
                each.word,
                each.verdict,
                *(f"{each.ranks[model].rank:,}" for model in models),
                *(percent(each.ranks[model].probability) for model in models),
                *(str(number) for count in counts for number in (sum(count.values()), count["kept"])),
            ]
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    table = Text()
    for index, line in enumerate(lines):
        word, verdict, *numbers = (
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        table.append(word, VERDICT_STYLES.get(explanations[index - 1].verdict) if index else None)
        table.append("  ".join(["", verdict, *numbers]).rstrip() + "\n")
    return table


def example_lines(explanation: WordExplanation, brand: Sequence[str]) -> list[str]:
    """The example rows of a word as lines of text; none if it has no examples."""
    lines = []
    for fate, title in FATES.items():
        examples = explanation.lineage.examples[fate]
        lines += [f"  {title}"] if examples else []
        for example in examples:
            lines += [
                f"    {excerpt(example.text, explanation.word, brand)}",
                f"      {example.source} {example.id}; holds: {', '.join(example.signals)}",
            ]
    return [f"{explanation.word}:", *lines] if lines else []
