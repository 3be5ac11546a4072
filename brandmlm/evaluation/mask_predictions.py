"""What a model predicts at the mask of probes and behaviour cases: likeliest tokens, mass of wanted and unwanted words,
log-likelihood of phrases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.probes import Probe
from brandmlm.evaluation.behaviour_cases import Case
from brandmlm.evaluation.pseudo_likelihood import word_l2r_examples
from brandmlm.evaluation.scoring import log_likelihoods
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.vocabulary import Vocabulary, token_verdicts

CASE_DEPTH: Final = 100  # likeliest tokens kept per case


@dataclass(frozen=True)
class VocabularyVerdicts:
    """The verdict on each token of a vocabulary: str (vocabulary,)."""

    inside: npt.NDArray[np.str_]
    first: npt.NDArray[np.str_]  # where the token is the first word of its sentence

    @classmethod
    def of(cls, tokenizer: PreTrainedTokenizerBase, verdict_of: Callable[[str], str]) -> VocabularyVerdicts:
        """Judge all tokens."""
        inside = token_verdicts(tokenizer, verdict_of)
        same = Vocabulary(tokenizer).marks_first_word
        return cls(inside, inside if same else token_verdicts(tokenizer, verdict_of, first=True))


def verdict_masses(
    probabilities: torch.Tensor, verdicts: VocabularyVerdicts, first: Sequence[bool]
) -> dict[str, list[float]]:
    """Probability mass of the vocabulary's wanted and of its unwanted words, by metric: one value per sentence.

    Args:
        probabilities: float32 (sentences, vocabulary).
        first: per sentence, whether the mask is its first word.
    """
    masses = {}
    for verdict in ("wanted", "unwanted"):
        inside, opening = (
            probabilities[:, np.flatnonzero(every == verdict)].sum(-1, dtype=torch.float64)
            for every in (verdicts.inside, verdicts.first)
        )
        masses[f"{verdict}_mass"] = torch.where(torch.tensor(first, dtype=torch.bool), opening, inside).tolist()
    return masses


def likeliest_tokens(
    vocabulary: Vocabulary, names: Sequence[str], probabilities: torch.Tensor, first: Sequence[bool], depth: int
) -> pd.DataFrame:
    """The `depth` likeliest tokens of each sentence: columns name, rank (from 1), token, probability.

    Args:
        names: of the sentences.
        probabilities: float32 (sentences, vocabulary).
        first: per sentence, whether the mask is its first word.
    """
    top = probabilities.topk(min(depth, probabilities.shape[1]), dim=-1)
    ranks = top.indices.shape[1]
    return pd.DataFrame(
        {
            "name": np.repeat(np.array(names, dtype=object), ranks),
            "rank": np.tile(np.arange(1, ranks + 1), len(names)),
            "token": [
                vocabulary.form(token_id, opening)
                for ids, opening in zip(top.indices.tolist(), first, strict=True)
                for token_id in ids
            ],
            "probability": top.values.flatten().numpy(),
        }
    )


def probe_tables(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    probes: Sequence[Probe],
    verdicts: VocabularyVerdicts,
    depth: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The probes with their masses, and the `depth` likeliest tokens of each (columns probe, rank, token, probability).

    Raises:
        MaskCountError: a sentence is longer than the model can read.
    """
    vocabulary = Vocabulary(tokenizer)
    probabilities = mask_probabilities(model, tokenizer, [probe.text for probe in probes])
    first = [vocabulary.opens_with_mask(probe.text) for probe in probes]
    masses = verdict_masses(probabilities, verdicts, first)
    table = pd.DataFrame([probe.model_dump() for probe in probes]).assign(**masses)
    tokens = likeliest_tokens(vocabulary, [probe.id for probe in probes], probabilities, first, depth)
    return table, tokens.rename(columns={"name": "probe"})


def case_tables(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, cases: Sequence[Case], verdicts: VocabularyVerdicts
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cases with their masses, and the likeliest tokens of each text (columns text, rank, token, probability).

    Raises:
        MaskCountError: a sentence is longer than the model can read.
    """
    texts = list(dict.fromkeys(case.text for case in cases))
    vocabulary = Vocabulary(tokenizer)
    probabilities = mask_probabilities(model, tokenizer, texts)
    first = [vocabulary.opens_with_mask(text) for text in texts]
    table = pd.DataFrame([asdict(case) for case in cases], columns=[field.name for field in fields(Case)])
    for name, masses in verdict_masses(probabilities, verdicts, first).items():
        table[name] = table["text"].map(dict(zip(texts, masses, strict=True))).astype("float64")
    words = likeliest_tokens(vocabulary, texts, probabilities, first, CASE_DEPTH).rename(columns={"name": "text"})
    return table, words


def phrase_table(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    cases: Sequence[Case],
    phrases: Mapping[str, Sequence[str]],
    max_length: int,
    micro_batch_tokens: int,
) -> pd.DataFrame:
    """Pseudo-log-likelihood (nats) of each phrase in place of the mask of each case of the capability `phrase`.

    Args:
        phrases: by verdict; those of a single token are skipped, since the mask's own distribution covers them.
        max_length: tokens per chunk.
        micro_batch_tokens: most tokens in one forward pass, padding counted.

    Returns:
        Columns part, text, phrase, verdict, tokens (of the phrase), log_likelihood.
    """
    rows = [
        (case.part, case.text, phrase, verdict)
        for case in cases if case.capability == "phrase"
        for verdict, listed in phrases.items()
        for phrase in dict.fromkeys(listed) if len(tokenizer.tokenize(f" {phrase}")) > 1
    ]  # fmt: skip
    table = pd.DataFrame(rows, columns=["part", "text", "phrase", "verdict"])
    filled = [text.replace(MASK, phrase) for _, text, phrase, _ in rows]
    starts = [text.index(MASK) for _, text, _, _ in rows]
    spans = [(start, start + len(row[2])) for start, row in zip(starts, rows, strict=True)]
    examples = word_l2r_examples(tokenizer, filled, max_length, spans)
    found = log_likelihoods(model, int(tokenizer.pad_token_id), examples, micro_batch_tokens)
    tokens = np.bincount(examples.row, minlength=len(rows))
    return table.assign(tokens=tokens, log_likelihood=np.bincount(examples.row, found, minlength=len(rows)))
