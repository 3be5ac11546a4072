"""Scores of a model on the test rows: losses per row, calibration bins, and a summary per test set."""

from __future__ import annotations

import numpy as np
import pandas as pd
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.params.evaluate import Evaluate
from brandmlm.core.progress import progress_counter
from brandmlm.evaluation.calibration import bin_sums, expected_calibration_error
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.pseudo_likelihood import word_l2r_examples
from brandmlm.evaluation.scoring import ScoredBatch, perplexity, score
from brandmlm.evaluation.test_sets import rows_by_set
from brandmlm.modeling.inference import MaskedExamples


def score_rows(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    rows: pd.DataFrame,
    params: Evaluate,
    micro_batch_tokens: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Score test rows on fixed masks.

    Args:
        rows: columns set, id, source, table, text.
        micro_batch_tokens: most tokens in one forward pass, padding counted.

    Returns:
        The rows that have a masked token, with the columns tokens, nll, correct (see `scoring.score`) in place of text,
        and pseudo_nll if `params.pseudo_perplexity`; and the calibration bins of each set (`bin_sums`, column set).
    """
    ids, texts = list(rows["id"]), list(rows["text"])
    examples = fixed_mask_examples(tokenizer, ids, texts, params.mask_folds, params.max_length)
    scores, batches = _score(model, tokenizer, examples, len(rows), micro_batch_tokens, "perplexity")
    table = pd.concat([rows.drop(columns="text"), scores], axis=1)
    if params.pseudo_perplexity:
        examples = word_l2r_examples(tokenizer, texts, params.max_length)
        losses, _ = _score(model, tokenizer, examples, len(rows), micro_batch_tokens, "pseudo-perplexity")
        table["pseudo_nll"] = losses["nll"]
    row = np.concatenate([batch.row for batch in batches])
    confidence = np.concatenate([batch.confidence for batch in batches])
    correct = np.concatenate([batch.correct for batch in batches])
    bins = [
        bin_sums(confidence[inside], correct[inside]).assign(set=name)
        for name, part in rows_by_set(table)
        if (inside := np.isin(row, part.index)).any()
    ]
    return table[table["tokens"] > 0].reset_index(drop=True), pd.concat(bins, ignore_index=True)


def _score(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    examples: MaskedExamples,
    rows: int,
    micro_batch_tokens: int,
    title: str,
) -> tuple[pd.DataFrame, list[ScoredBatch]]:
    """`scoring.score` with its progress shown; also its batches."""
    batches: list[ScoredBatch] = []

    def keep(batch: ScoredBatch) -> None:
        batches.append(batch)
        bar.update(batch.tokens)

    total = sum(len(ids) for ids in examples.ids)
    with progress_counter(title, total, "token") as bar:
        return score(model, int(tokenizer.pad_token_id), examples, rows, micro_batch_tokens, keep), batches


def summarise_sets(rows: pd.DataFrame, bins: pd.DataFrame) -> dict[str, dict[str, float]]:
    """Number of rows and tokens, perplexity, masked-token accuracy and calibration error (ECE) of each test set; also
    pseudo-perplexity where `rows` has its losses. `rows`, `bins`: from `score_rows`."""
    summary = {}
    for name, part in rows_by_set(rows):
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
