"""What a masked language model knows: perplexity on fixed masks, and the words it puts into a probe's mask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from textwrap import shorten

import numpy as np
import pandas as pd
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.batches import Windows, frame, in_length_order, inputs, make_windows
from stages.heads import masked_logits
from stages.masking import IGNORED, Ints, fixed_passes


@dataclass(frozen=True)
class Questions:
    """Windows with some tokens masked: what a model is asked in an evaluation.

    `ids[q]`, `labels[q]`: int64 (length of q,), labels `IGNORED` where nothing is asked; `row[q]`: the text's index.
    """

    ids: list[Ints]
    labels: list[Ints]
    row: Ints


def fixed_questions(
    tokenizer: PreTrainedTokenizerBase,
    row_ids: Sequence[str],
    texts: Sequence[str],
    passes: int,
    max_length: int,
    asked: Iterable[int] | None = None,
) -> Questions:
    """Every token of every text masked exactly once over `passes` passes; `asked` keeps only these passes.

    Unknown tokens are not asked for (there is no right answer); special tokens never are.
    """
    before, after = frame(tokenizer)
    windows: Windows = make_windows(tokenizer, texts, max_length)
    own = windows.lengths - len(before) - len(after)
    total = np.bincount(windows.row, weights=own, minlength=len(texts)).astype(np.int64)
    pass_of = [fixed_passes(row_id, int(length), passes) for row_id, length in zip(row_ids, total, strict=True)]
    ids: list[Ints] = []
    labels: list[Ints] = []
    rows: list[int] = []
    for window, row, offset, length in zip(windows.ids, windows.row, windows.offset, own, strict=True):
        numbers = np.full(len(window), IGNORED, dtype=np.int64)
        numbers[len(before) : len(before) + length] = pass_of[row][offset : offset + length]
        numbers[window == tokenizer.unk_token_id] = IGNORED
        for number in range(passes) if asked is None else asked:
            masked = numbers == number
            if masked.any():
                ids.append(np.where(masked, tokenizer.mask_token_id, window))
                labels.append(np.where(masked, window, IGNORED))
                rows.append(int(row))
    return Questions(ids, labels, np.array(rows, dtype=np.int64))


@torch.inference_mode()
def score(
    model: PreTrainedModel,
    pad_id: int,
    questions: Questions,
    rows: int,
    micro_batch_tokens: int,
    progress: Callable[[int], object] = lambda tokens: None,
) -> pd.DataFrame:
    """Per text: `tokens` asked, `nll` (sum of their negative log-likelihoods, nats), `correct` (top-1 hits).

    `rows`: number of texts; `progress` is called with the number of tokens just scored.
    """
    device = next(model.parameters()).device
    nll = np.zeros(rows)
    correct = np.zeros(rows, dtype=np.int64)
    tokens = np.zeros(rows, dtype=np.int64)
    lengths = np.array([len(ids) for ids in questions.ids], dtype=np.int64)
    for batch in in_length_order(lengths, micro_batch_tokens):
        data = inputs([questions.ids[q] for q in batch], [questions.labels[q] for q in batch], pad_id)
        asked = data["labels"] != IGNORED
        right = data["labels"][asked].to(device)
        logits = masked_logits(
            model, data["input_ids"].to(device), data["attention_mask"].to(device), asked.to(device)
        ).float()
        loss = torch.nn.functional.cross_entropy(logits, right, reduction="none").double().cpu().numpy()
        hit = (logits.argmax(-1) == right).cpu().numpy()
        owner = questions.row[batch][np.nonzero(asked.numpy())[0]]
        np.add.at(nll, owner, loss)
        np.add.at(correct, owner, hit)
        np.add.at(tokens, owner, 1)
        progress(int(lengths[batch].sum()))
    return pd.DataFrame({"tokens": tokens, "nll": nll, "correct": correct})


@torch.inference_mode()
def mask_probabilities(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, sentences: Sequence[str]
) -> torch.Tensor:
    """The distribution over the vocabulary at each sentence's mask: float32 (sentences, vocabulary), on the CPU.

    Each sentence spells its mask `[MASK]` or as the tokenizer does, exactly once (ValueError otherwise). Sentences
    are scored one by one, so that a sentence's numbers do not depend on its neighbours' padding.
    """
    device = next(model.parameters()).device
    out = []
    for sentence in sentences:
        encoded = tokenizer(sentence.replace("[MASK]", tokenizer.mask_token), return_tensors="pt", truncation=True)
        masked = encoded["input_ids"] == tokenizer.mask_token_id
        if int(masked.sum()) != 1:
            room = tokenizer.model_max_length
            raise ValueError(f"{shorten(sentence, 80)!r}: needs exactly one [MASK] among its first {room} tokens")
        logits = masked_logits(
            model, encoded["input_ids"].to(device), encoded["attention_mask"].to(device), masked.to(device)
        )
        out.append(logits.float().softmax(-1).cpu())
    return torch.cat(out)


def perplexity(nll: float, tokens: int) -> float:
    """exp of the mean negative log-likelihood (nats) a token."""
    return float(np.exp(nll / tokens))
