"""Perplexity against a plain slow computation; mask predictions against transformers' own pipeline."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from conftest import tiny_base
from transformers import PreTrainedModel, PreTrainedTokenizerBase, pipeline

from brandmlm.data.corpus import row_id
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.evaluation.pseudo_likelihood import word_l2r_examples
from brandmlm.evaluation.scoring import log_likelihoods, perplexity, score
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.masking import fixed_mask_folds

TEXTS = [
    "Nike shoes are very comfortable.",
    "I ordered two pairs in size 9.5 and both arrived late; the refund took 3 weeks!",
    "ok",
    "A long text that has to be cut into chunks, " + "because it goes on and on about running shoes " * 6,
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def loaded(folder: Path) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    return load_checkpoint(folder)


def slow_perplexity(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folds: int, room: int) -> float:
    """One chunk and one mask fold at a time, full logits, plain Python sums."""
    total, count = 0.0, 0
    for text in TEXTS:
        tokens = tokenizer(text, add_special_tokens=False)["input_ids"]
        fold_of = fixed_mask_folds(row_id(text), len(tokens), folds)
        pieces = math.ceil(len(tokens) / (room - 2))
        bounds = [int(len(tokens) * piece / pieces) for piece in range(pieces + 1)]
        for start, end in pairwise(bounds):
            for fold in range(folds):
                own = list(tokens[start:end])
                masked = [i for i in range(len(own)) if fold_of[start + i] == fold]
                for i in masked:
                    own[i] = tokenizer.mask_token_id
                ids = torch.tensor([[tokenizer.cls_token_id, *own, tokenizer.sep_token_id]])
                with torch.no_grad():
                    logits = model(input_ids=ids).logits[0]
                for i in masked:
                    total -= float(logits[i + 1].log_softmax(-1)[tokens[start + i]])
                    count += 1
    return math.exp(total / count)


@pytest.mark.parametrize("micro_batch", [40, 100_000])
def test_perplexity_agrees_with_a_slow_computation(
    loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase], micro_batch: int
) -> None:
    model, tokenizer = loaded
    examples = fixed_mask_examples(tokenizer, [row_id(text) for text in TEXTS], TEXTS, 7, 24)
    scores = score(model, tokenizer.pad_token_id, examples, len(TEXTS), micro_batch)
    fast = perplexity(scores["nll"].sum(), scores["tokens"].sum())
    assert fast == pytest.approx(slow_perplexity(model, tokenizer, 7, 24), rel=1e-4)
    lengths = [len(tokenizer(text, add_special_tokens=False)["input_ids"]) for text in TEXTS]
    assert scores["tokens"].tolist() == lengths
    assert (scores["correct"] <= scores["tokens"]).all()


def test_top_tokens_agree_with_the_fill_mask_pipeline(
    loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase], folder: Path
) -> None:
    model, tokenizer = loaded
    sentences = ["Nike shoes are very [MASK]", "Nike [MASK] shoes are very comfortable", "Paris is in [MASK]."]
    best = mask_probabilities(model, tokenizer, sentences).topk(10, dim=-1)
    fill = pipeline("fill-mask", model=str(folder), top_k=10)
    for row, sentence in enumerate(sentences):
        expected = fill(sentence)
        assert best.indices[row].tolist() == [answer["token"] for answer in expected]
        np.testing.assert_allclose(best.values[row].numpy(), [answer["score"] for answer in expected], rtol=1e-4)


@pytest.mark.parametrize("micro_batch", [40, 100_000])
def test_log_likelihoods_are_those_of_each_example_by_itself(
    loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase], micro_batch: int
) -> None:
    model, tokenizer = loaded
    phrases = ["good looking shoes", "ugly looking shoes", "late again", "late late", "late again"]
    texts = [f"Nike shoes are {phrase} in size 9" for phrase in phrases]
    spans = [(15, 15 + len(phrase)) for phrase in phrases]
    examples = word_l2r_examples(tokenizer, texts, 24, spans)
    assert len({ids.tobytes() for ids in examples.ids}) < len(examples.ids)
    found = log_likelihoods(model, tokenizer.pad_token_id, examples, micro_batch)
    for ids, label, value in zip(examples.ids, examples.labels, found, strict=True):
        place = int(np.flatnonzero(label >= 0)[0])
        with torch.no_grad():
            logs = model(input_ids=torch.tensor(ids[None])).logits[0, place].log_softmax(-1)
        assert value == pytest.approx(float(logs[label[place]]), rel=1e-4)


def test_a_sentence_without_exactly_one_mask_is_refused(
    loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase],
) -> None:
    for sentence in ("no mask", "[MASK] and [MASK]"):
        with pytest.raises(ValueError, match="exactly one"):
            mask_probabilities(*loaded, [sentence])
