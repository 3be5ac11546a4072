"""Inference with a masked language model: logits at masked positions, and the distribution over a sentence's mask."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from textwrap import shorten
from typing import Final, TypeVar

import numpy as np
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.fields import MASK
from brandmlm.modeling.batching import by_budget, inputs
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED, Ints
from brandmlm.modeling.products import fast_products

Result = TypeVar("Result")

SENTENCE_TOKENS: Final = 2048  # tokens of sentences in one forward pass


class MaskCountError(ValueError):
    """A sentence without exactly one mask among the tokens that fit into the model."""


@dataclass(frozen=True)
class MaskedExamples:
    """Chunks with some tokens masked.

    `ids[i]`, `labels[i]`: int64 (length of example i,), labels are `IGNORED` at positions that are not predicted;
    `row[i]`: index of the text that example i comes from.
    """

    ids: Sequence[Ints]
    labels: Sequence[Ints]
    row: Ints


def map_batches(
    function: Callable[[Ints, torch.Tensor, torch.Tensor], Result],
    model: PreTrainedModel,
    pad_id: int,
    examples: MaskedExamples,
    batches: Iterable[Ints],
) -> Iterator[tuple[Ints, Result]]:
    """Run the model on batches of examples, and a function on the logits of each.

    On a CPU each batch runs on one core, and as many batches at a time as torch has threads: threads inside an
    operation synchronise at each of them, and these products are small.

    Args:
        function: called with the indices of a batch's examples, their logits, float32 (masked positions, vocabulary),
            and labels (masked positions,), both on the model's device, in the thread that computed them. Its result
            should be small: those of a few batches are in memory.

    Yields:
        The indices of a batch's examples and the function's result, in the order of the batches.
    """
    device = next(model.parameters()).device
    cast = torch.is_autocast_enabled(device.type)
    dtype = torch.get_autocast_dtype(device.type)

    def run(batch: Ints) -> tuple[Ints, Result]:
        data = inputs([examples.ids[i] for i in batch], [examples.labels[i] for i in batch], pad_id)
        masked_positions = data["labels"] != IGNORED
        # Inference mode, autocast and the choice of products are settings of a thread.
        with torch.inference_mode(), torch.autocast(device.type, dtype, enabled=cast):
            with nullcontext() if cast else fast_products():
                logits = masked_logits(
                    model, data["input_ids"].to(device), data["attention_mask"].to(device), masked_positions.to(device)
                )
            return batch, function(batch, logits.float(), data["labels"][masked_positions].to(device))

    threads = torch.get_num_threads() if device.type == "cpu" else 1
    if threads == 1:
        yield from map(run, batches)
        return
    with ThreadPoolExecutor(threads, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        waiting: deque[Future[tuple[Ints, Result]]] = deque()
        for batch in batches:
            waiting.append(pool.submit(run, batch))
            if len(waiting) > 2 * threads:  # one that runs and one that waits for each thread
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def encode_masked(tokenizer: PreTrainedTokenizerBase, sentence: str) -> tuple[Ints, int]:
    """Tokenise a sentence with one mask, spelt `[MASK]` or as the tokenizer does.

    Returns:
        The token ids, int64 (length,), and the mask's position.

    Raises:
        MaskCountError: there is not exactly one mask among the tokens that fit into the model.
    """
    own = str(tokenizer.mask_token)
    spelt = MASK if MASK in sentence else own
    before, _, after = sentence.partition(spelt)
    # The mask of a vocabulary that marks word beginnings includes the blank before the word.
    before = before.rstrip()
    encoded = tokenizer(f"{before}{own}{after}", truncation=True)
    position = encoded.char_to_token(len(before))
    # A mask token that is a plain word may also be in the text; it is not what is asked.
    others = 0 if own.isalnum() else encoded["input_ids"].count(tokenizer.mask_token_id) - 1
    if sentence.count(spelt) != 1 or position is None or others:
        room = tokenizer.model_max_length
        raise MaskCountError(f"{shorten(sentence, 80)!r}: needs exactly one [MASK] among its first {room} tokens")
    return np.array(encoded["input_ids"], dtype=np.int64), int(position)


@torch.inference_mode()
def mask_probabilities(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, sentences: Sequence[str]
) -> torch.Tensor:
    """The distribution over the vocabulary at each sentence's mask: float32 (sentences, vocabulary), on the CPU.

    Each sentence spells its mask `[MASK]` or as the tokenizer does. Sentences of equal length share a forward pass:
    without padding a sentence's probabilities do not depend on its neighbours.

    Raises:
        MaskCountError: a sentence does not have exactly one mask among the tokens that fit into the model.
    """
    encoded = [encode_masked(tokenizer, sentence) for sentence in sentences]
    ids = [tokens for tokens, _ in encoded]
    labels = [np.where(np.arange(len(tokens)) == position, tokens, IGNORED) for tokens, position in encoded]
    examples = MaskedExamples(ids, labels, np.arange(len(ids)))
    lengths = np.array([len(tokens) for tokens in ids], dtype=np.int64)
    batches = (
        batch
        for length in np.unique(lengths)
        for batch in by_budget(np.flatnonzero(lengths == length), lengths, SENTENCE_TOKENS, padded=True)
    )
    out = torch.empty((len(sentences), model.config.vocab_size))

    def keep(batch: Ints, logits: torch.Tensor, _: torch.Tensor) -> None:
        out[batch] = logits.softmax(-1).cpu()

    for _ in map_batches(keep, model, int(tokenizer.pad_token_id), examples, batches):
        pass
    return out
