"""An encoder computed without padding gives what the padded one does."""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertForMaskedLM, DistilBertConfig, DistilBertForMaskedLM, PreTrainedModel

from brandmlm.modeling import unpadded
from brandmlm.modeling.batching import best_packs, inputs, packed_inputs
from brandmlm.modeling.masked_lm import masked_logits
from brandmlm.modeling.masking import IGNORED
from brandmlm.training.loss import Objective
from brandmlm.training.workers import make_workers

VOCABULARY = 60


def make_model(family: str) -> PreTrainedModel:
    torch.manual_seed(0)
    if family == "bert":
        sizes = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 24}
        return BertForMaskedLM(BertConfig(vocab_size=VOCABULARY, **sizes)).eval()
    return DistilBertForMaskedLM(
        DistilBertConfig(vocab_size=VOCABULARY, dim=16, n_layers=2, n_heads=4, hidden_dim=24)
    ).eval()


MODELS = {family: make_model(family) for family in ("bert", "distilbert")}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("family", MODELS)
@settings(max_examples=15, deadline=None)
@given(lengths=st.lists(st.integers(1, 12), min_size=1, max_size=6), seed=st.integers(0, 1000))
def test_padding_left_out_changes_no_logit_and_no_gradient(
    family: str, packed: bool, lengths: list[int], seed: int
) -> None:
    rng = np.random.default_rng(seed)
    texts = [rng.integers(1, VOCABULARY, length) for length in lengths]
    labels = [np.where(rng.random(length) < 0.5, 5, IGNORED) for length in lengths]
    if packed:
        packs, width = best_packs(np.arange(len(texts)), np.array(lengths))
        batch = packed_inputs(texts, labels, packs, width, 0)
    else:
        batch = inputs(texts, labels, 0)
    masked = batch.pop("labels") != IGNORED
    results = []
    for wanted in (False, True):
        model = copy.deepcopy(MODELS[family])
        unpadded.enable(model, wanted)
        assert unpadded.is_enabled(model) == wanted
        logits = masked_logits(model, masked_positions=masked, **batch)
        logits.square().sum().backward()
        results.append((logits, [value.grad for value in model.parameters() if value.grad is not None]))
    (padded, gradients), (alone, own) = results
    torch.testing.assert_close(alone, padded, rtol=1e-4, atol=1e-5)
    for left, right in zip(own, gradients, strict=True):
        torch.testing.assert_close(left, right, rtol=1e-3, atol=1e-4)


def test_a_family_without_such_an_encoder_keeps_its_own() -> None:
    model = MODELS["bert"]
    model.config.model_type, kept = "roberta", model.config.model_type
    try:
        unpadded.enable(model)
        assert not unpadded.is_enabled(model)
    finally:
        model.config.model_type = kept


def test_on_a_gpu_it_is_for_bf16_alone() -> None:
    for dtype, computes in ((torch.bfloat16, True), (torch.float32, False)):
        model: Any = SimpleNamespace(device=torch.device("cuda"), dtype=dtype, **{unpadded.ATTRIBUTE: True})
        assert unpadded.is_enabled(model) == computes


def test_a_training_in_bf16_gives_its_replicas_what_it_needs() -> None:
    model = copy.deepcopy(MODELS["bert"])
    unpadded.enable(model)
    (replica,) = make_workers(Objective(model, bf16=True), 1).replicas
    own: Any = replica.objective.model
    assert own.dtype is torch.bfloat16 and unpadded.is_enabled(own)
    batch = inputs([np.array([7, 8, 9])], [np.array([IGNORED, 5, IGNORED])], 0)
    assert np.isfinite(float(replica.backward([batch], 1)))
