"""Logits and gradients at masked positions equal those of the model's full computation, for every known family."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import (
    AutoModelForMaskedLM,
    BertConfig,
    DistilBertConfig,
    ElectraConfig,
    ModernBertConfig,
    PretrainedConfig,
    PreTrainedModel,
    RobertaConfig,
)

from brandmlm.modeling import masked_lm as heads
from brandmlm.modeling.batching import best_packs, inputs, packed_inputs
from brandmlm.modeling.masked_lm import FAMILIES, masked_logits
from brandmlm.modeling.masking import IGNORED

VOCABULARY = 101
SMALL = {"vocab_size": VOCABULARY, "hidden_size": 24, "num_hidden_layers": 2, "num_attention_heads": 3}
CONFIGS: dict[str, PretrainedConfig] = {
    "bert": BertConfig(**SMALL, intermediate_size=40),
    "distilbert": DistilBertConfig(vocab_size=VOCABULARY, dim=24, n_layers=2, n_heads=3, hidden_dim=40),
    "roberta": RobertaConfig(**SMALL, intermediate_size=40, max_position_embeddings=40),
    "modernbert": ModernBertConfig(
        **SMALL, intermediate_size=40, pad_token_id=0, bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2
    ),
    "electra": ElectraConfig(**SMALL, intermediate_size=40, embedding_size=24),
}
KNOWN = sorted(FAMILIES)
SPARED = {
    "bert": ("attention.self.query", "attention.output.dense", "output"),
    "roberta": ("attention.self.query", "attention.output.dense", "output"),
    "distilbert": ("attention.q_lin", "attention.out_lin", "ffn.lin2"),
}


def tiny(family: str, attention: str = "eager") -> PreTrainedModel:
    """A random model with no dropout; its weights are larger than transformers starts with, so that logits differ."""
    torch.manual_seed(3)
    model = AutoModelForMaskedLM.from_config(CONFIGS[family], attn_implementation=attention)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.1)
    return model.eval()


MODELS = {(family, kind): tiny(family, kind) for family in SPARED for kind in ("eager", "sdpa")}


def batch() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Three padded sequences with masked tokens; one has none."""
    generator = torch.Generator().manual_seed(4)
    ids = torch.randint(5, VOCABULARY, (3, 12), generator=generator)
    attention_mask = (torch.arange(12)[None, :] < torch.tensor([12, 7, 9])[:, None]).long()
    labels = torch.full_like(ids, IGNORED)
    labels[0, [1, 5, 11]] = ids[0, [1, 5, 11]]
    labels[1, [2, 6]] = ids[1, [2, 6]]
    return ids * attention_mask, attention_mask, labels


def masked_loss(
    model: PreTrainedModel, ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Cross-entropy at masked positions, summed (nats)."""
    masked = labels != IGNORED
    logits = masked_logits(model, ids, attention_mask, masked)
    return torch.nn.functional.cross_entropy(logits.float(), labels[masked], reduction="sum")


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    return float((a - b).norm() / b.norm())


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("family", KNOWN)
def test_logits_are_those_of_the_full_computation(family: str, attention: str) -> None:
    model = tiny(family, attention)
    ids, attention_mask, labels = batch()
    masked = labels != IGNORED
    with torch.inference_mode():
        found = masked_logits(model, ids, attention_mask, masked)
        full = model(input_ids=ids, attention_mask=attention_mask).logits
    assert found.shape == (5, VOCABULARY)
    assert relative(found, full[masked]) <= 1e-6


@pytest.mark.parametrize("family", KNOWN)
def test_loss_and_every_gradient_equal_the_full_computation(family: str) -> None:
    ids, attention_mask, labels = batch()
    ours, full = tiny(family), tiny(family)
    loss = masked_loss(ours, ids, attention_mask, labels)
    loss.backward()
    expected = full(input_ids=ids, attention_mask=attention_mask, labels=labels).loss * (labels != IGNORED).sum()
    expected.backward()
    assert abs(loss.item() - expected.item()) <= 1e-6 * abs(expected.item())
    # Keys have a gradient that is zero but for rounding (softmax ignores what is common to all), so gradients are
    # compared against the size of the whole gradient.
    gradients = {name: p.grad for name, p in full.named_parameters() if p.grad is not None}
    size = torch.cat([gradient.flatten() for gradient in gradients.values()]).norm()
    found = {name: p.grad for name, p in ours.named_parameters() if p.grad is not None}
    assert found.keys() == gradients.keys()
    for name, gradient in gradients.items():
        assert float((found[name] - gradient).norm() / size) <= 1e-6, name


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("family", sorted(CONFIGS))
def test_packed_texts_have_the_logits_they_have_alone(family: str, attention: str) -> None:
    model = tiny(family, attention)
    ids, attention_mask, labels = batch()
    lengths = attention_mask.sum(1).tolist()
    texts = [(ids[row, :length].numpy(), labels[row, :length].numpy()) for row, length in enumerate(lengths)]
    packed = packed_inputs([row for row, _ in texts], [row for _, row in texts], [[2, 1], [0]], 20, 0)
    rows, columns = (packed.pop("labels") != IGNORED).nonzero(as_tuple=True)
    again = (torch.cat([rows, rows[:1]]), torch.cat([columns, columns[:1]]))  # a position may be asked for twice
    with torch.inference_mode():
        full = model(input_ids=ids, attention_mask=attention_mask).logits
        expected = full[torch.tensor([2, 1, 0])][(labels != IGNORED)[torch.tensor([2, 1, 0])]]
        found = masked_logits(model, **packed, masked_positions=again)
    assert relative(found, torch.cat([expected, expected[:1]])) <= 1e-5


@pytest.mark.parametrize("family", KNOWN)
def test_bf16_autocast_stays_near_fp32(family: str) -> None:
    model = tiny(family)
    ids, attention_mask, labels = batch()
    exact = masked_loss(model, ids, attention_mask, labels)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        rough = masked_loss(model, ids, attention_mask, labels)
    assert rough.dtype == torch.float32
    assert abs(rough.item() - exact.item()) <= 0.02 * exact.item()


def test_unknown_family_gets_the_same_numbers_and_one_warning(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "_warned", set())
    model = tiny("electra")
    ids, attention_mask, labels = batch()
    masked = labels != IGNORED
    with torch.inference_mode():
        found = [masked_logits(model, ids, attention_mask, masked) for _ in range(2)]
        full = model(input_ids=ids, attention_mask=attention_mask).logits
    assert torch.equal(found[0], full[masked]) and torch.equal(found[1], full[masked])
    said = capsys.readouterr().err
    assert said.count("electra") == 1 and said.count("\n") == 1


@pytest.mark.parametrize("family", KNOWN)
def test_the_head_runs_at_masked_positions_only(family: str) -> None:
    model = tiny(family)
    ids, attention_mask, labels = batch()
    rows: list[int] = []
    model.get_output_embeddings().register_forward_hook(lambda module, given, out: rows.append(given[0].shape[0]))
    masked_loss(model, ids, attention_mask, labels)
    assert rows == [5]


@pytest.mark.parametrize(("family", "module"), [(family, module) for family in SPARED for module in SPARED[family]])
def test_the_last_layer_runs_at_masked_positions_only(family: str, module: str) -> None:
    model = tiny(family)
    ids, attention_mask, labels = batch()
    shapes: list[tuple[int, ...]] = []
    for name, inside in model.base_model.named_modules():
        if name.endswith(f"layer.0.{module}") or name.endswith(f"layer.1.{module}"):
            inside.register_forward_hook(lambda module, given, out: shapes.append(tuple(out.shape)))
    masked_loss(model, ids, attention_mask, labels)
    assert shapes == [(3, 12, 24), (5, 24)]


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("family", sorted(SPARED))
@settings(max_examples=20, deadline=None)
@given(texts=st.lists(st.lists(st.booleans(), min_size=1, max_size=30), min_size=1, max_size=5), packed=st.booleans())
def test_the_last_layer_is_that_of_all_positions(
    family: str, attention: str, texts: list[list[bool]], packed: bool
) -> None:
    """Also with no masked token, with a row of them, and with more than fit into the narrowest table of queries."""
    model = MODELS[family, attention]
    ids = [np.arange(len(text)) % (VOCABULARY - 5) + 5 for text in texts]
    labels = [np.where(text, 5, IGNORED) for text in texts]
    if packed:
        order, lengths = np.arange(len(texts)), np.array([len(text) for text in texts])
        data = packed_inputs(ids, labels, *best_packs(order, lengths), 0)
    else:
        data = inputs(ids, labels, 0)
    masked = data.pop("labels") != IGNORED
    everywhere = torch.ones_like(masked)
    with torch.inference_mode():
        found = masked_logits(model, **data, masked_positions=masked)
        whole = masked_logits(model, **data, masked_positions=everywhere).view(*masked.shape, -1)[masked]
    assert torch.allclose(found, whole, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("family", sorted(SPARED))
def test_a_batch_without_masked_tokens_has_gradients_of_zero(family: str) -> None:
    model = tiny(family)
    ids, attention_mask, labels = batch()
    nothing, something = (
        masked_loss(model, ids, attention_mask, of) for of in (torch.full_like(labels, IGNORED), labels)
    )
    assert nothing.item() == 0
    something.backward()
    having = {name for name, value in model.named_parameters() if value.grad is not None}
    model.zero_grad()
    nothing.backward()
    gradients = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    assert gradients.keys() == having
    assert not any(bool(gradient.any()) for gradient in gradients.values())


@pytest.mark.parametrize("family", ["bert", "roberta", "distilbert"])
def test_odd_configurations_get_the_same_numbers(family: str) -> None:
    model = tiny(family)
    ids, attention_mask, labels = batch()
    masked = labels != IGNORED
    for key, value in (("chunk_size_feed_forward", 3), ("is_decoder", True)):
        config = copy.deepcopy(model.config)
        setattr(config, key, value)
        odd = AutoModelForMaskedLM.from_config(config, attn_implementation="eager").eval()
        odd.load_state_dict(model.state_dict())
        with torch.inference_mode():
            assert (
                relative(masked_logits(odd, ids, attention_mask, masked), odd(ids, attention_mask).logits[masked])
                <= 1e-6
            ), key
