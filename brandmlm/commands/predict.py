"""`brand-mlm predict`: the words that each model puts into a sentence's mask, side by side."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from json import dumps as dump_json
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.console import Console
from rich.text import Text

from brandmlm.commands.project import (
    MODELS,
    check_brand,
    check_present,
    enter_project,
    find_root,
    in_project,
    lexicon_path,
)
from brandmlm.config.brand.fields import MASK
from brandmlm.core.errors import UserError, printable
from brandmlm.reporting.formatting import VERDICT_STYLES

if TYPE_CHECKING:
    import torch

    from brandmlm.modeling.predictor import Prediction

    Columns = Mapping[str, Sequence[Prediction]]  # by model

EXAMPLE: Final = 'brand-mlm predict "Nike shoes are very [MASK]." --model v2 --top 5'


def check_mask(sentence: str) -> None:
    """Raise UserError if a sentence does not have exactly one mask."""
    if sentence.count(MASK) != 1:
        raise UserError(f"{shorten(sentence, 80)!r}: write {MASK} exactly once, where the word is wanted")


def read_sentences(data: bytes) -> list[str]:
    """The lines of standard input that are not blank. Raises UserError if they are not UTF-8, whatever the locale."""
    try:
        return [line.strip() for line in data.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"standard input: line {line}: not UTF-8; save the sentences with that encoding") from None


def model_folders(names: Sequence[str]) -> dict[str, Path]:
    """The folder of each model that `--model` names: base, v1, v2 or a path. Changes into the project if there is one.

    Raises:
        UserError: A name is neither, or the model is not there.
    """
    folders = {name: MODELS.get(name) or Path(name).absolute() for name in names}
    for name in names:
        if name not in MODELS and not folders[name].is_dir():
            raise UserError(f"--model {name}: neither {', '.join(MODELS)} nor a folder; name one of them")
    if find_root(Path.cwd()) or any(name in MODELS for name in names):
        enter_project(", or name a model's folder with --model")
    check_present(list(folders.values()))
    if any(name in MODELS for name in names):
        check_brand()
    return folders


def device() -> torch.device | str:
    """Where to run: as the project's `execution` says, on the CPU outside a project."""
    from brandmlm.config.params.reading import load_params
    from brandmlm.modeling.device import set_up

    return set_up(load_params().execution) if in_project() else "cpu"


def token_verdicts(tokens: Iterable[str]) -> dict[str, str]:
    """The verdict on each token by the words of the project's brand; empty outside a project."""
    from brandmlm.config.brand.lexicon import load_lexicon
    from brandmlm.evaluation.word_verdicts import WordVerdicts

    if not in_project():
        return {}
    verdict = WordVerdicts(load_lexicon(lexicon_path()))
    return {token: verdict(token) for token in tokens}


def side_by_side(sentence: str, columns: Columns, verdicts: Mapping[str, str]) -> Text:
    """A table with a row per rank and a column per model; wanted and unwanted words are coloured."""
    width = max(len(printable(prediction.token)) for column in columns.values() for prediction in column)
    head = "      " + "   ".join(f"{name:<{width + 7}}" for name in columns)
    table = Text(f"{printable(sentence)}\n{head.rstrip()}\n")
    for rank, row in enumerate(zip(*columns.values(), strict=True), start=1):
        table.append(f"{rank:>4}")
        for place, (token, probability) in enumerate(row):
            table.append("   " if place else "  ")
            shown = printable(token)
            table.append(shown, VERDICT_STYLES.get(verdicts.get(token, "")))
            table.append(f"{' ' * (width - len(shown))}  {probability:5.3f}")
        table.append("\n")
    return table


def show(sentences: Sequence[str], answers: Sequence[Columns]) -> None:
    """Print a table per sentence: coloured in a terminal, plain text elsewhere."""
    console = Console(highlight=False, soft_wrap=True)
    verdicts = {}
    if console.is_terminal:
        verdicts = token_verdicts({token for columns in answers for column in columns.values() for token, _ in column})
    for sentence, columns in zip(sentences, answers, strict=True):
        console.print(side_by_side(sentence, columns, verdicts))
    if verdicts:
        console.print(
            Text.assemble(("wanted", VERDICT_STYLES["wanted"]), ", ", ("unwanted", VERDICT_STYLES["unwanted"]))
        )


def predict(
    sentences: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SENTENCE", help="A sentence with one [MASK]; without any, one per line of standard input."
        ),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(metavar="MODEL", help="base, v1, v2 or a model's folder; repeatable. Default: all three."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Words per sentence and model.")] = 10,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per sentence and line.")] = False,
) -> None:
    """Show the words that each model puts into a sentence's [MASK]."""
    texts = sentences or ([] if sys.stdin.isatty() else read_sentences(sys.stdin.buffer.read()))
    if not texts:
        raise UserError(f"no sentence given; try: {EXAMPLE}")
    for text in texts:
        check_mask(text)
    folders = model_folders(list(dict.fromkeys(model or MODELS)))

    from brandmlm.modeling.predictor import load

    where = device()
    predictions = {name: load(folder, where).predict_all(texts, top) for name, folder in folders.items()}
    answers: list[Columns] = [{name: predictions[name][index] for name in folders} for index in range(len(texts))]
    if not json:
        show(texts, answers)
        return
    for text, columns in zip(texts, answers, strict=True):
        print(dump_json({"sentence": text, "models": columns}, ensure_ascii=False), flush=True)
