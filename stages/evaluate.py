"""Evaluate one model: perplexity and accuracy on fixed masks per set, and the words it offers for every probe and every
case of the behaviour suite.

In: a checkpoint, the test rows, a general-English text (one sentence a line), the lexicon, the probes.
Out: a folder with `rows.parquet` (per row: set, id, source, tokens, nll, correct, and pseudo_nll where it is asked
for), `calibration.parquet` (per set and bin of confidence: tokens, confidence, correct), `probes.parquet` (per probe:
rank, token, probability), `probes.json` (per probe: wanted and unwanted probability mass), `summary.json`, and of the
suite `cases.parquet` (per case: part, capability, text, origin, wanted_mass, unwanted_mass), `words.parquet` (per text
of a case: rank, token, probability) and `phrases.parquet` (per claim and phrase: part, text, phrase, verdict, tokens,
log_likelihood).
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
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import read_corpus, write_table
from brandmlm.evaluation.behaviour_cases import make_cases
from brandmlm.evaluation.model_evaluation import case_tables, phrase_table, score_sets, summarise, word_table
from brandmlm.evaluation.test_sets import read_general, test_sets
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.checkpoint import check_length, load_checkpoint
from brandmlm.modeling.device import autocast, set_up, use_bf16
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.vocabulary import single_tokens


class Params(Sections):
    evaluate: Evaluate
    execution: Execution


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="what the model is called in the progress lines: base, full or filtered")
    parser.add_argument("--model", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--test", type=Path, required=True, help="test rows (parquet)")
    parser.add_argument("--general", type=Path, required=True, help="general English, one sentence a line")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--probes", type=Path, required=True, help="the brand's probe sentences (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parse_stage(parser)
    params = Params.read()
    started = time.monotonic()

    lexicon, probes, behaviour = load_lexicon(args.lexicon), load_probes(args.probes), load_behaviour(args.probes)
    cases = make_cases(behaviour, lexicon.brand)
    rows = test_sets(read_corpus(args.test), read_general(args.general), params.evaluate.synthetic_rows)
    device = set_up(params.execution)
    model, tokenizer = load_checkpoint(args.model, device)
    check_length(tokenizer, params.evaluate.max_length, "evaluate.max_length")

    # The words offered are asked for in full precision; sums of thousands of losses need it less.
    bf16 = use_bf16(params.execution, device)
    with autocast(bf16, device):
        scores, bins = score_sets(model, tokenizer, rows, params.evaluate, params.execution.micro_batch_tokens)
    summary = summarise(scores, bins)
    try:
        probabilities = mask_probabilities(model, tokenizer, [probe.text for probe in probes])
        answered, words = case_tables(model, tokenizer, cases, WordVerdicts(lexicon))
    except ValueError as error:
        raise UserError(f"{args.probes}: {error}; shorten it") from None
    wanted = probabilities[:, single_tokens(tokenizer, lexicon.wanted.all)].sum(-1).tolist()
    unwanted = probabilities[:, single_tokens(tokenizer, lexicon.unwanted.all)].sum(-1).tolist()
    masses = [
        {**probe.model_dump(), "wanted_mass": good, "unwanted_mass": bad}
        for probe, good, bad in zip(probes, wanted, unwanted, strict=True)
    ]
    predictions = word_table(tokenizer, [probe.id for probe in probes], probabilities, params.evaluate.depth)
    listed = {
        verdict: (*getattr(lexicon, verdict).all, *getattr(behaviour.phrases, verdict))
        for verdict in ("wanted", "unwanted")
    }
    with autocast(bf16, device):
        phrases = phrase_table(model, tokenizer, cases, listed, params.evaluate, params.execution.micro_batch_tokens)
    with atomic_folder(args.out) as out:
        write_table(scores, out / "rows.parquet")
        write_table(bins, out / "calibration.parquet")
        write_table(predictions.rename(columns={"name": "probe"}), out / "probes.parquet")
        write_table(answered, out / "cases.parquet")
        write_table(words, out / "words.parquet")
        write_table(phrases, out / "phrases.parquet")
        write_json(out / "probes.json", masses)
        write_json(out / "summary.json", {"sets": summary})
    shown = ", ".join(f"{name} {values['perplexity']:.1f}" for name, values in summary.items())
    tokens = int(scores["tokens"].sum())
    say(
        f"evaluate {args.name}: perplexity {shown}; {tokens:,} tokens in {len(scores):,} rows, {len(probes)} probes, "
        f"{len(cases)} cases, "
        f"{time.monotonic() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
