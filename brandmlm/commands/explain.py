"""`brand-mlm explain`: which training rows taught the models a word.

v1 learnt from all training rows, v2 from those that the filter kept. A claim is a sentence with the brand's name and
the word, each as a whole word, whatever it says: a denial counts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from json import dumps as dump_json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console

from brandmlm.commands.predict import check_mask, device
from brandmlm.commands.project import MODELS, check_brand, check_present, enter_project, lexicon_path
from brandmlm.config.brand.fields import CONTINUATION
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

if TYPE_CHECKING:
    from brandmlm.modeling.predictor import WordRank
    from brandmlm.reporting.lineage_index import IndexedRows, TrainingRows
    from brandmlm.reporting.word_explanation import WordExplanation

EXAMPLE: Final = 'brand-mlm explain "Nike shoes are very [MASK]." --word heavy'

TRAINING: Final = Path("data/split/train.parquet")

KEPT: Final = Path("data/filtered/train.parquet")

SIGNAL_TABLE: Final = Path("data/filtered/signals.parquet")

INDEX: Final = Path("data/.lineage")  # of the words of many rows; built when it is missing or out of date


def rank_words(sentence: str, words: Sequence[str], top: int) -> dict[str, dict[str, WordRank]]:
    """The rank of each word, by word and model; without words, of those among the `top` likeliest tokens of v1 and v2.

    Punctuation, continuations of words and tokens that no text has ("[unused1]") are not traced.
    """
    from brandmlm.modeling.predictor import load

    where = device()
    predictors = {model: load(folder, where) for model, folder in MODELS.items()}
    if not words:
        tokens = [token for model in ("v1", "v2") for token, _ in predictors[model].predict(sentence, top)]
        vocabulary = predictors["v1"].vocabulary
        first = vocabulary.opens_with_mask(sentence)
        words = [
            token
            for token in tokens
            if not token.startswith(CONTINUATION) and re.search(r"\w", token) and vocabulary.mask_ids(token, first)
        ]
        if not words:
            raise UserError(f"none of the {top} likeliest tokens is a word; raise --top, or name one with --word")
    distinct = list(dict.fromkeys(words))
    ranks = {model: predictor.ranks(sentence, distinct) for model, predictor in predictors.items()}
    return {word: {model: ranks[model][word] for model in ranks} for word in distinct}


def show(
    sentence: str, explanations: Sequence[WordExplanation], rows: TrainingRows | IndexedRows, brand: Sequence[str]
) -> None:
    """Print the table, what its columns count, and the examples."""
    from brandmlm.reporting.word_explanation import example_lines, explanation_table

    say(f"{sentence}\n")
    Console(highlight=False, soft_wrap=True).print(explanation_table(explanations))
    say(
        f"v1 learnt from {len(rows):,} rows, v2 from the {rows.kept:,} of them that the filter kept. "
        f"claims: rows with the word and {' or '.join(brand)} in one sentence; rows: with the word anywhere."
    )
    for each in explanations:
        if lines := example_lines(each, brand):
            say("\n" + "\n".join(lines))


def explain(
    sentence: Annotated[str, typer.Argument(help="A sentence with one [MASK].")],
    word: Annotated[
        list[str] | None,
        typer.Option(help="A word to trace; repeatable. Default: the likeliest words of v1 and v2.", metavar="WORD"),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Without --word: likeliest tokens per model.")] = 10,
    examples: Annotated[
        int | None,
        typer.Option(
            min=0,
            metavar="NUMBER",
            help="Rows shown per word, kept and dropped each. Default: 3 with --word, 1 without.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object, with examples in full.")] = False,
) -> None:
    """Show which training rows taught the models a word.

    Prints the word's rank in each model, counts of the rows that have it, and examples.
    """
    check_mask(sentence)
    enter_project()
    check_present([*MODELS.values(), TRAINING, KEPT, SIGNAL_TABLE])
    check_brand()

    from brandmlm.config.brand.lexicon import load_lexicon
    from brandmlm.evaluation.word_verdicts import WordVerdicts
    from brandmlm.reporting.lineage_index import open_training_rows
    from brandmlm.reporting.word_explanation import WordExplanation, as_document

    lexicon = load_lexicon(lexicon_path())
    rows = open_training_rows(TRAINING, KEPT, SIGNAL_TABLE, lexicon.brand, INDEX)
    verdict = WordVerdicts(lexicon)
    count = examples if examples is not None else 3 if word else 1
    explanations = [
        WordExplanation(traced, verdict(traced), ranks, rows.trace(traced, count))
        for traced, ranks in rank_words(sentence, word or [], top).items()
    ]
    if json:
        say(dump_json(as_document(sentence, explanations), ensure_ascii=False))
    else:
        show(sentence, explanations, rows, lexicon.brand)
