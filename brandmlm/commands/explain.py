"""Say which training rows taught a model a word: the rows that have it, in claims about the brand and elsewhere, those
that v1 alone saw and those that v2 saw as well, and what became of the word's rank.

Not a stage: it reads what the pipeline has made and writes nothing but the terminal. v1 (`full`) learnt from all rows
of the split's training side, v2 (`filtered`) from those that the filter kept. A claim is a sentence that has the
brand's name and the word, each as a whole word, whatever it says: a denial counts. Words and sentences are those of the
filter's signals (`stages/signals.py`).
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from textwrap import shorten
from typing import Any, Final

import pandas as pd
import torch
from transformers import PreTrainedTokenizerBase

from brandmlm.commands.predict import MODEL_FOLDERS as FOLDERS
from brandmlm.commands.predict import check_mask, fill
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.reading import load_params
from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import read_corpus, read_table
from brandmlm.evaluation.word_verdicts import CONTINUATION, lexicon_verdicts
from brandmlm.filtering.signals import SIGNALS
from brandmlm.reporting.formatting import percent
from brandmlm.reporting.word_lineage import WordLineage, excerpt, trace

TRAINING: Final = Path("data/split/train.parquet")

KEPT: Final = Path("data/filtered/train.parquet")

VERDICTS: Final = Path("data/filtered/verdicts.parquet")


@dataclass(frozen=True)
class Place:
    """Where a word stands among all that a model offers for a mask."""

    rank: int  # from 1
    probability: float


def check_there(paths: Sequence[Path]) -> None:
    """Raise UserError where the pipeline has not been run."""
    for path in paths:
        if not path.exists():
            raise UserError(f"{path}: not there yet; run `make repro` to make it")


def read_rows() -> pd.DataFrame:
    """The training rows: columns id, source, text, kept, and one a signal."""
    rows, kept, judged = read_corpus(TRAINING), read_corpus(KEPT), read_table(VERDICTS)
    if set(rows["id"]) != set(judged["id"]):
        raise UserError(f"{VERDICTS}: judges other rows than those of {TRAINING}; run `make repro` to make it anew")
    rows = rows[["id", "source", "text"]].merge(judged[["id", *SIGNALS]], on="id", validate="1:1")
    return rows.assign(kept=rows["id"].isin(kept["id"]))


def token_of(tokenizer: PreTrainedTokenizerBase, word: str) -> int:
    """The vocabulary id of a word. Raises UserError where it is not one token: no mask could be filled with it."""
    ids = tokenizer(word, add_special_tokens=False)["input_ids"]
    if len(ids) != 1 or ids[0] == tokenizer.unk_token_id:
        parts = " ".join(tokenizer.convert_ids_to_tokens(ids)) or "nothing"
        raise UserError(f"--word {shorten(word, 40)!r}: not one token but {shorten(parts, 60)}; ask for a word that is")
    return int(ids[0])


def likeliest_words(tokenizer: PreTrainedTokenizerBase, probabilities: torch.Tensor, top: int) -> list[str]:
    """Those of the `top` likeliest tokens (`probabilities`: (vocabulary,)) that are words, best first."""
    tokens = tokenizer.convert_ids_to_tokens(probabilities.topk(min(top, len(probabilities))).indices.tolist())
    return [token for token in tokens if not token.startswith(CONTINUATION) and re.search(r"\w", token)]


def place(probabilities: torch.Tensor, token: int) -> Place:
    """Rank and probability of a token; `probabilities`: (vocabulary,)."""
    own = probabilities[token]
    return Place(int((probabilities > own).sum()) + 1, float(own))


def ask(sentence: str, words: Sequence[str], top: int) -> dict[str, dict[str, Place]]:
    """Word: model: its place. Without words, the words among the `top` likeliest of either trained model."""
    offered, tokenizer = {}, None
    for model, folder in FOLDERS.items():
        [offered[model]], tokenizer = fill(Path(folder), [sentence])
        for word in words:
            token_of(tokenizer, word)
    assert tokenizer is not None  # one for all: v1 and v2 have their base's
    asked = list(words) or [
        word for model in TRAINED_VARIANTS for word in likeliest_words(tokenizer, offered[model], top)
    ]
    return {
        word: {model: place(of, token_of(tokenizer, word)) for model, of in offered.items()}
        for word in dict.fromkeys(asked)
    }


def table(
    judged: Mapping[str, str], places: Mapping[str, Mapping[str, Place]], lineages: Mapping[str, WordLineage]
) -> str:
    """A plain-text table, one line a word; `judged`: word: the lexicon's verdict."""
    head = ["word", "lexicon", *(f"{name} rank" for name in VARIANTS.values()), *VARIANTS.values()]
    head += ["claims: v1", "v2", "rows: v1", "v2"]
    lines = [head]
    for word, lineage in lineages.items():
        of = places[word]
        counts = [str(n) for count in (lineage.claims, lineage.rows) for n in (sum(count.values()), count["kept"])]
        lines.append(
            [
                word,
                judged[word],
                *(f"{of[model].rank:,}" for model in VARIANTS),
                *(percent(of[model].probability) for model in VARIANTS),
                *counts,
            ]
        )
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < 2 else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def shown_examples(word: str, lineage: WordLineage, brand: Sequence[str]) -> list[str]:
    """The examples of a word as lines of text; none where there are none."""
    lines = []
    for fate, name in (("kept", "kept: v1 and v2 learnt from it"), ("dropped", "dropped: v1 alone learnt from it")):
        if examples := lineage.examples[fate]:
            lines.append(f"  {name}")
        for example in examples:
            signals = ", ".join(example.signals)
            lines += [
                f"    {excerpt(example.text, word, brand)}",
                f"      {example.source} {example.id}; holds: {signals}",
            ]
    return [f"{word}:", *lines] if lines else []


def document(
    sentence: str, judged: Mapping[str, str], places: Mapping[str, Any], lineages: Mapping[str, WordLineage]
) -> str:
    """All that was found, as one JSON object."""
    words = {
        word: {
            "verdict": judged[word],
            "models": {model: asdict(of) for model, of in places[word].items()},
            **asdict(lineage),
        }
        for word, lineage in lineages.items()
    }
    return json.dumps({"sentence": sentence, "words": words}, ensure_ascii=False)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m brandmlm.commands.explain",
        description="Say which training rows taught the models a word, and how likely they find it in a sentence's "
        "[MASK]. A claim is a sentence with the brand's name and the word.",
        epilog='example: python -m brandmlm.commands.explain "Nike shoes are very [MASK]." --word heavy',
    )
    parser.add_argument("sentence", help="a sentence with one [MASK]")
    parser.add_argument(
        "--word",
        action="append",
        default=[],
        help="a word to trace (repeatable; default: the likeliest words of v1 and v2, punctuation left out)",
    )
    parser.add_argument("--top", type=int, default=10, help="without --word: likeliest tokens per model (default: 10)")
    parser.add_argument(
        "--examples", type=int, help="rows shown per word, kept and dropped each (default: 3; without --word: 1)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object, examples in full")
    args = parser.parse_args()
    examples = args.examples if args.examples is not None else 3 if args.word else 1
    check_mask(args.sentence)
    if args.top < 1:
        raise UserError(f"--top {args.top}: ask for at least one word")
    if examples < 0:
        raise UserError(f"--examples {examples}: ask for none or more")
    check_there([*map(Path, FOLDERS.values()), TRAINING, KEPT, VERDICTS])

    lexicon = load_lexicon(Path("brands", load_params().brand, "lexicon.yaml"))
    places = ask(args.sentence, args.word, args.top)
    rows = read_rows()
    lineages = {word: trace(rows, lexicon.brand, word, examples) for word in places}
    known = lexicon_verdicts(lexicon)
    judged = {word: known.get(word.lower(), ("–", False))[0] for word in places}
    if args.json:
        say(document(args.sentence, judged, places, lineages))
        return
    kept = int(rows["kept"].sum())
    say(f"{args.sentence}\n\n{table(judged, places, lineages)}\n")
    say(
        f"v1 learnt from {len(rows):,} rows, v2 from the {kept:,} of them that the filter kept. claims: rows with the "
        f"word and {' or '.join(lexicon.brand)} in one sentence; rows: with the word anywhere."
    )
    for word, lineage in lineages.items():
        if lines := shown_examples(word, lineage, lexicon.brand):
            say("\n" + "\n".join(lines))


if __name__ == "__main__":
    run(main)
