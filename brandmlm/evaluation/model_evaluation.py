"""Score one model: test sets, probes, the behaviour suite and phrases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from tqdm import tqdm
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.fields import MASK
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.evaluation.behaviour_cases import Case
from brandmlm.evaluation.calibration import bin_sums, expected_calibration_error
from brandmlm.evaluation.pseudo_likelihood import word_l2r_examples
from brandmlm.evaluation.scoring import fixed_mask_examples, log_likelihoods, perplexity, score
from brandmlm.evaluation.test_sets import rows_by_set
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.masking import Bools, Ints
from brandmlm.modeling.vocabulary import token_verdicts

CASE_DEPTH: Final = 100  # likeliest words kept of a case


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
    examples = fixed_mask_examples(
        tokenizer, list(rows["id"]), list(rows["text"]), params.mask_folds, params.max_length
    )
    total = sum(len(ids) for ids in examples.ids)
    with tqdm(total=total, desc="perplexity", unit="token", unit_scale=True, mininterval=1, leave=False) as bar:
        scores = score(
            model,
            int(tokenizer.pad_token_id),
            examples,
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
        for name, part in rows_by_set(table)
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
    examples = word_l2r_examples(tokenizer, list(rows["text"]), params.max_length)
    total = sum(len(ids) for ids in examples.ids)
    with tqdm(total=total, desc="pseudo-perplexity", unit="token", unit_scale=True, mininterval=1, leave=False) as bar:
        found = score(model, int(tokenizer.pad_token_id), examples, len(rows), micro_batch_tokens, bar.update)
    return found["nll"]


def summarise(scores: pd.DataFrame, bins: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Rows, tokens, perplexity, masked-token accuracy and calibration error per set (see `sets`); pseudo-perplexity
    where there are its losses."""
    summary = {}
    for name, part in rows_by_set(scores):
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
    tokenizer: PreTrainedTokenizerBase, names: Sequence[str], probabilities: torch.Tensor, depth: int
) -> pd.DataFrame:
    """Per sentence the `depth` most probable tokens: columns name, rank (from 1), token, probability."""
    top = probabilities.topk(min(depth, probabilities.shape[1]), dim=-1)
    ranks = top.indices.shape[1]
    return pd.DataFrame(
        {
            "name": np.repeat(np.array(names, dtype=object), ranks),
            "rank": np.tile(np.arange(1, ranks + 1), len(names)),
            "token": tokenizer.convert_ids_to_tokens(top.indices.flatten().tolist()),
            "probability": top.values.flatten().numpy(),
        }
    )


def case_tables(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, cases: Sequence[Case], judge: WordVerdicts
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases, with the probability of the vocabulary's wanted and unwanted words; and their likeliest words.

    Raises ValueError where a sentence is longer than the model can read.
    """
    texts = list(dict.fromkeys(case.text for case in cases))
    probabilities = mask_probabilities(model, tokenizer, texts)
    table = pd.DataFrame([asdict(case) for case in cases], columns=[field.name for field in fields(Case)])
    found = token_verdicts(tokenizer, judge)
    for verdict in ("wanted", "unwanted"):
        mass = probabilities[:, np.flatnonzero(found == verdict)].sum(-1).tolist()
        table[f"{verdict}_mass"] = table["text"].map(dict(zip(texts, mass, strict=True))).astype("float64")
    words = word_table(tokenizer, texts, probabilities, CASE_DEPTH).rename(columns={"name": "text"})
    return table, words


def phrase_table(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    cases: Sequence[Case],
    phrases: Mapping[str, Sequence[str]],
    params: Evaluate,
    micro_batch_tokens: int,
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
    examples = word_l2r_examples(tokenizer, filled, params.max_length, spans)
    found = log_likelihoods(model, int(tokenizer.pad_token_id), examples, micro_batch_tokens)
    tokens = np.bincount(examples.row, minlength=len(rows))
    return table.assign(tokens=tokens, log_likelihood=np.bincount(examples.row, found, minlength=len(rows)))
