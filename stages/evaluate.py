"""Evaluate one model: perplexity and accuracy on fixed masks, and its predictions for every probe and behaviour case.

In: a checkpoint, the test rows and the kinds of their sources, a folder of general English (`everyday.txt` and
`mixed.txt` with one sentence per line, `minimal_pairs.tsv`), the lexicon, the probes.
Out: a folder with the tables of `brandmlm.evaluation.evaluation_tables`, `plain.npy`, `probes.json`, `summary.json`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.config.params.execution import Execution
from brandmlm.config.params.sections import Sections
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, read_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import read_corpus
from brandmlm.evaluation.evaluation_tables import write_evaluation
from brandmlm.evaluation.minimal_pairs import read_pairs
from brandmlm.evaluation.model_evaluation import evaluate_model, evaluation_data
from brandmlm.evaluation.test_sets import read_english, select_test_rows
from brandmlm.modeling.checkpoint import check_length, load_checkpoint
from brandmlm.modeling.device import set_up
from brandmlm.modeling.inference import MaskCountError
from brandmlm.modeling.vocabulary import warn_of_split_words


class Params(Sections):
    evaluate: Evaluate
    execution: Execution


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="name of the model in the progress line: base, full or filtered")
    parser.add_argument("--model", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--test", type=Path, required=True, help="test rows (parquet)")
    parser.add_argument("--tables", type=Path, required=True, help="tables.json: by source, review, product or text")
    parser.add_argument("--general", type=Path, required=True, help="folder of general English")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--probes", type=Path, required=True, help="the brand's probe sentences (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parse_stage(parser)
    params = Params.read()
    started = time.monotonic()

    english = read_english(args.general)
    pairs = read_pairs(args.general / "minimal_pairs.tsv")
    rows = select_test_rows(read_corpus(args.test), english, read_json(args.tables), params.evaluate)
    probes, behaviour = load_probes(args.probes), load_behaviour(args.probes)
    lexicon = load_lexicon(args.lexicon)
    data = evaluation_data(rows, pairs, lexicon, probes, behaviour)
    device = set_up(params.execution)
    model, tokenizer = load_checkpoint(args.model, device)
    check_length(tokenizer, params.evaluate.max_length, "evaluate.max_length")
    warn_of_split_words(tokenizer, (*lexicon.wanted.all, *lexicon.unwanted.all), str(args.lexicon))
    try:
        evaluation = evaluate_model(model, tokenizer, data, params.evaluate, params.execution.micro_batch_tokens)
    except MaskCountError as error:
        raise UserError(f"{args.probes}: {error}; shorten it") from None
    with atomic_folder(args.out) as out:
        write_evaluation(evaluation, out)

    perplexities = ", ".join(f"{name} {of['perplexity']:.1f}" for name, of in evaluation.sets.items())
    say(
        f"evaluate {args.name}: perplexity {perplexities}; {int(evaluation.rows['tokens'].sum()):,} tokens in "
        f"{len(evaluation.rows):,} rows, {len(data.probes)} probes, {len(data.cases)} cases, "
        f"{time.monotonic() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
