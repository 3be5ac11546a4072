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
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.brand import MASK, load_behaviour, load_lexicon, load_probes
from stages.calibration import bin_sums, expected_calibration_error
from stages.checkpoint import check_length, load_checkpoint
from stages.cli import UserError, run, say
from stages.corpus import read_corpus, row_id, write_table
from stages.device import autocast, set_up, use_bf16
from stages.files import atomic_folder, write_json
from stages.judgement import Judge
from stages.masking import Bools, Ints
from stages.params import Evaluate, Params, load_params
from stages.pseudo_likelihood import word_l2r_questions
from stages.scoring import fixed_questions, log_likelihoods, mask_probabilities, perplexity, score
from stages.sets import parts
from stages.suite import Case
from stages.suite import cases as make_cases
from stages.vocabulary import judged, single_tokens

CASE_DEPTH: Final = 100  # likeliest words kept of a case


def read_general(path: Path) -> pd.DataFrame:
    """The general-English text, one sentence a line, as rows with id, source and text."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not readable as UTF-8 text ({error}); give a file with one sentence a line") from None
    texts = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if not texts:
        raise UserError(f"{path}: no sentence in it; give a file with one sentence a line")
    return pd.DataFrame({"id": [row_id(text) for text in texts], "source": "general", "text": texts})


def test_sets(test: pd.DataFrame, general: pd.DataFrame, synthetic_rows: int) -> pd.DataFrame:
    """The rows every model is scored on: columns set, id, source, text.

    Of the synthetic rows the first `synthetic_rows` by id are taken: ids are hashes, so that is a fixed sample.
    """
    columns = ["set", "id", "source", "text"]
    synthetic = test["source"] == "synthetic"
    parts = [
        test[~synthetic].assign(set="real"),
        test[synthetic].sort_values("id").head(synthetic_rows).assign(set="synthetic"),
        general.assign(set="general"),
    ]
    return pd.concat([part[columns] for part in parts], ignore_index=True)


def score_sets(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: pd.DataFrame,
    params: Evaluate,
    micro_batch_tokens: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`rows` with columns tokens, nll and correct (and pseudo_nll where it is asked for) for the text, those without a
    token to ask left out; and per set the `calibration.bin_sums`, with a column set."""
    seen: list[tuple[Ints, npt.NDArray[np.float64], Bools]] = []
    questions = fixed_questions(tokenizer, list(rows["id"]), list(rows["text"]), params.passes, params.max_length)
    total = sum(len(ids) for ids in questions.ids)
    with tqdm(total=total, desc="perplexity", unit="token", unit_scale=True, mininterval=1, leave=False) as bar:
        scores = score(
            model,
            int(tokenizer.pad_token_id),
            questions,
            len(rows),
            micro_batch_tokens,
            bar.update,
            lambda *told: seen.append(told),
        )
    table = pd.concat([rows.drop(columns="text"), scores], axis=1)
    if params.pseudo_perplexity:
        table["pseudo_nll"] = pseudo_losses(model, tokenizer, rows, params, micro_batch_tokens)
    owner, confidence, correct = (np.concatenate(told) for told in zip(*seen, strict=True))
    bins = [
        bin_sums(confidence[inside], correct[inside]).assign(set=name)
        for name, part in parts(table)
        if (inside := np.isin(owner, part.index)).any()
    ]
    return table[table["tokens"] > 0].reset_index(drop=True), pd.concat(bins, ignore_index=True)


def pseudo_losses(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: pd.DataFrame,
    params: Evaluate,
    micro_batch_tokens: int,
) -> pd.Series:
    """Per row the sum of its tokens' negative log-likelihoods (nats), each asked for by itself: `pseudo_likelihood`."""
    questions = word_l2r_questions(tokenizer, list(rows["text"]), params.max_length)
    total = sum(len(ids) for ids in questions.ids)
    with tqdm(total=total, desc="pseudo-perplexity", unit="token", unit_scale=True, mininterval=1, leave=False) as bar:
        found = score(model, int(tokenizer.pad_token_id), questions, len(rows), micro_batch_tokens, bar.update)
    return found["nll"]


def summarise(scores: pd.DataFrame, bins: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Rows, tokens, perplexity, masked-token accuracy and calibration error per set (see `sets`); pseudo-perplexity
    where there are its losses."""
    summary = {}
    for name, part in parts(scores):
        tokens = int(part["tokens"].sum())
        summary[name] = {
            "rows": len(part),
            "tokens": tokens,
            "perplexity": perplexity(float(part["nll"].sum()), tokens),
            "accuracy": float(part["correct"].sum()) / tokens,
            "ece": expected_calibration_error(bins[bins["set"] == name]),
        }
        if "pseudo_nll" in part:
            summary[name]["pseudo_perplexity"] = perplexity(float(part["pseudo_nll"].sum()), tokens)
    return summary


def word_table(
    tokenizer: PreTrainedTokenizerBase, asked: Sequence[str], probabilities: torch.Tensor, depth: int
) -> pd.DataFrame:
    """Per sentence the `depth` most probable tokens: columns asked (its name), rank (from 1), token, probability."""
    top = probabilities.topk(min(depth, probabilities.shape[1]), dim=-1)
    ranks = top.indices.shape[1]
    return pd.DataFrame(
        {
            "asked": np.repeat(np.array(asked, dtype=object), ranks),
            "rank": np.tile(np.arange(1, ranks + 1), len(asked)),
            "token": tokenizer.convert_ids_to_tokens(top.indices.flatten().tolist()),
            "probability": top.values.flatten().numpy(),
        }
    )


def case_tables(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, cases: Sequence[Case], judge: Judge
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases, with the probability of the vocabulary's wanted and unwanted words; and their likeliest words.

    Raises ValueError where a sentence is longer than the model can read.
    """
    texts = list(dict.fromkeys(case.text for case in cases))
    probabilities = mask_probabilities(model, tokenizer, texts)
    table = pd.DataFrame([asdict(case) for case in cases], columns=[field.name for field in fields(Case)])
    found = judged(tokenizer, judge)
    for verdict in ("wanted", "unwanted"):
        mass = probabilities[:, np.flatnonzero(found == verdict)].sum(-1).tolist()
        table[f"{verdict}_mass"] = table["text"].map(dict(zip(texts, mass, strict=True))).astype("float64")
    words = word_table(tokenizer, texts, probabilities, CASE_DEPTH).rename(columns={"asked": "text"})
    return table, words


def phrase_table(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    cases: Sequence[Case],
    phrases: Mapping[str, Sequence[str]],
    params: Params,
) -> pd.DataFrame:
    """The log-likelihood (nats) of each phrase in the place of each claim's mask, given its number of tokens.

    `phrases`: by verdict; those of one token are left out, which the mask itself offers. What is computed: the
    pseudo-log-likelihood of the phrase's tokens (see `pseudo_likelihood`).
    """
    rows = [
        (case.part, case.text, phrase, verdict)
        for case in cases if case.capability == "phrase"
        for verdict, listed in phrases.items()
        for phrase in dict.fromkeys(listed) if len(tokenizer.tokenize(phrase)) > 1
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["part", "text", "phrase", "verdict"])
    filled = [text.replace(MASK, phrase) for _, text, phrase, _ in rows]
    starts = [text.index(MASK) for _, text, _, _ in rows]
    spans = [(start, start + len(row[2])) for start, row in zip(starts, rows, strict=True)]
    questions = word_l2r_questions(tokenizer, filled, params.evaluate.max_length, spans)
    found = log_likelihoods(model, int(tokenizer.pad_token_id), questions, params.execution.micro_batch_tokens)
    tokens = np.bincount(questions.row, minlength=len(rows))
    return table.assign(tokens=tokens, log_likelihood=np.bincount(questions.row, found, minlength=len(rows)))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.evaluate", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="what the model is called in the progress lines: base, full or filtered")
    parser.add_argument("--model", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--test", type=Path, required=True, help="test rows (parquet)")
    parser.add_argument("--general", type=Path, required=True, help="general English, one sentence a line")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--probes", type=Path, required=True, help="the brand's probe sentences (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parser.parse_args()
    params = load_params()
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
        answered, words = case_tables(model, tokenizer, cases, Judge(lexicon))
    except ValueError as error:
        raise UserError(f"{args.probes}: {error}; shorten it") from None
    wanted = probabilities[:, single_tokens(tokenizer, lexicon.wanted.all)].sum(-1).tolist()
    unwanted = probabilities[:, single_tokens(tokenizer, lexicon.unwanted.all)].sum(-1).tolist()
    masses = [
        {**probe.model_dump(), "wanted_mass": good, "unwanted_mass": bad}
        for probe, good, bad in zip(probes, wanted, unwanted, strict=True)
    ]
    offers = word_table(tokenizer, [probe.id for probe in probes], probabilities, params.evaluate.depth)
    listed = {
        verdict: (*getattr(lexicon, verdict).all, *getattr(behaviour.phrases, verdict))
        for verdict in ("wanted", "unwanted")
    }
    with autocast(bf16, device):
        phrases = phrase_table(model, tokenizer, cases, listed, params)
    with atomic_folder(args.out) as out:
        write_table(scores, out / "rows.parquet")
        write_table(bins, out / "calibration.parquet")
        write_table(offers.rename(columns={"asked": "probe"}), out / "probes.parquet")
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
