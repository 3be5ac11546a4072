"""Try sentences on the trained models: the words each one puts into the mask, side by side.

Not a stage: it reads what the pipeline has made and writes nothing but the terminal.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from textwrap import shorten
from typing import Final

import torch
from transformers import PreTrainedTokenizerBase

from brandmlm.config.brand.fields import MASK
from brandmlm.config.params.reading import load_params
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.device import set_up
from brandmlm.modeling.inference import mask_probabilities

MODEL_FOLDERS: Final = {"base": "data/base", "full": "data/models/full", "filtered": "data/models/filtered"}

Prediction = list[tuple[str, float]]


def check_mask(sentence: str) -> None:
    """Raise UserError where a sentence has not exactly one mask."""
    if sentence.count(MASK) != 1:
        raise UserError(f"{shorten(sentence, 80)!r}: write {MASK} exactly once, where the word is wanted")


def fill(folder: Path, sentences: list[str]) -> tuple[torch.Tensor, PreTrainedTokenizerBase]:
    """What the model in a folder offers for the masks, as `mask_probabilities` gives it, and its tokenizer."""
    device = set_up(load_params().execution)
    model, tokenizer = load_checkpoint(folder, device)
    try:
        return mask_probabilities(model, tokenizer, sentences), tokenizer
    except ValueError as error:
        raise UserError(str(error)) from None


def predict(folder: Path, sentences: list[str], top: int) -> list[Prediction]:
    """Per sentence the `top` most probable (token, probability), best first."""
    probabilities, tokenizer = fill(folder, sentences)
    if top > probabilities.shape[1]:
        raise UserError(f"--top {top}: {folder} knows {probabilities.shape[1]} tokens; ask for fewer")
    best = probabilities.topk(top, dim=-1)
    return [
        [(str(token), float(value)) for token, value in zip(tokenizer.convert_ids_to_tokens(i), v, strict=True)]
        for i, v in zip(best.indices.tolist(), best.values.tolist(), strict=True)
    ]


def read_sentences(data: bytes) -> list[str]:
    """The lines that are not blank. Raises UserError where the bytes are no UTF-8, whatever the locale is."""
    try:
        return [line.strip() for line in data.decode("utf-8-sig").splitlines() if line.strip()]
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UserError(f"standard input: line {line}: not UTF-8; save the sentences with that encoding") from None


def side_by_side(sentence: str, columns: dict[str, Prediction]) -> str:
    """A plain-text table: a row a rank, a column a model."""
    width = max(len(token) for column in columns.values() for token, _ in column)
    head = "      " + "   ".join(f"{name:<{width + 7}}" for name in columns)
    lines = [sentence, head.rstrip()]
    for rank, row in enumerate(zip(*columns.values(), strict=True), start=1):
        cells = "   ".join(f"{token:<{width}}  {value:5.3f}" for token, value in row)
        lines.append(f"{rank:>4}  {cells}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m brandmlm.commands.predict",
        description="Print the words that each model puts into a sentence's [MASK], with their probabilities.",
        epilog='example: python -m brandmlm.commands.predict "Nike shoes are very [MASK]." --top 5',
    )
    parser.add_argument("sentence", nargs="*", help="a sentence with one [MASK]; none: a line each from standard input")
    parser.add_argument(
        "--model", action="append", choices=list(MODEL_FOLDERS), help="a model to ask (repeatable; default: all)"
    )
    parser.add_argument("--top", type=int, default=10, help="words per sentence and model (default: 10)")
    parser.add_argument("--json", action="store_true", help="one JSON object a sentence and line")
    args = parser.parse_args()
    if args.top < 1:
        raise UserError(f"--top {args.top}: ask for at least one word")
    sentences = args.sentence or read_sentences(sys.stdin.buffer.read())
    if not sentences:
        raise UserError('no sentence given; try: python -m brandmlm.commands.predict "Nike shoes are very [MASK]."')
    for sentence in sentences:
        check_mask(sentence)
    names = list(dict.fromkeys(args.model or MODEL_FOLDERS))
    answers = {name: predict(Path(MODEL_FOLDERS[name]), sentences, args.top) for name in names}
    for index, sentence in enumerate(sentences):
        columns = {name: answers[name][index] for name in names}
        if args.json:
            say(json.dumps({"sentence": sentence, "models": columns}, ensure_ascii=False))
        else:
            say(side_by_side(sentence, columns) + "\n")


if __name__ == "__main__":
    run(main)
