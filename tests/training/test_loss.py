"""The contrastive loss: its value, its gradient, its words; the gradient of the whole objective."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from conftest import tiny_base
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedModel

from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.device import autocast
from brandmlm.modeling.masking import IGNORED
from brandmlm.training.contrast_words import ContrastWords, contrast_words
from brandmlm.training.corpus_dataset import as_dataset
from brandmlm.training.loss import MARGIN, ROWS_AT_ONCE, Objective, contrastive_loss

WORDS = ContrastWords(torch.tensor([1, 4, 7]), torch.tensor([2, 3]), (1.0, 3.0))
VOCABULARY = 9


def plain(logits: list[list[float]], right: list[int]) -> float:
    """The same, a token at a time, from probabilities."""
    total = 0.0
    for row, answer in zip(logits, right, strict=True):
        chances = np.exp(np.array(row) - max(row))
        chances /= chances.sum()
        wanted, unwanted = (sum(chances[n] for n in side.tolist()) for side in (WORDS.wanted, WORDS.unwanted))
        if answer in WORDS.wanted:
            total += math.log(1 + math.exp(MARGIN) * unwanted / wanted)
        elif answer in WORDS.unwanted:
            total += 3 * math.log(1 + math.exp(MARGIN) * wanted / unwanted)
    return total


@given(
    st.lists(
        st.tuples(
            st.lists(st.floats(-9, 9, width=32), min_size=VOCABULARY, max_size=VOCABULARY),
            st.integers(0, VOCABULARY - 1),
        ),
        max_size=6,
    )
)
def test_it_is_what_the_plain_formula_gives(asked: list[tuple[list[float], int]]) -> None:
    logits = torch.tensor([row for row, _ in asked], dtype=torch.float32).reshape(-1, VOCABULARY)
    right = torch.tensor([answer for _, answer in asked], dtype=torch.int64)
    expected = plain([row for row, _ in asked], right.tolist())
    assert float(contrastive_loss(logits, right, WORDS)) == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize(
    ("answer", "raised", "lowered"), [(4, WORDS.wanted, WORDS.unwanted), (2, WORDS.unwanted, WORDS.wanted)]
)
def test_it_raises_all_words_of_a_side_and_lowers_the_other(
    answer: int, raised: torch.Tensor, lowered: torch.Tensor
) -> None:
    logits = torch.zeros(1, VOCABULARY, requires_grad=True)
    contrastive_loss(logits, torch.tensor([answer]), WORDS).backward()
    assert logits.grad is not None
    assert (logits.grad[0, raised] < 0).all() and (logits.grad[0, lowered] > 0).all()
    rest = sorted(set(range(VOCABULARY)) - set(raised.tolist()) - set(lowered.tolist()))
    assert (logits.grad[0, rest] == 0).all()


def test_it_goes_on_where_the_likelihood_is_content() -> None:
    """A wanted word nearly sure: no gradient of its own moves the unwanted ones, the contrast's does, to its margin."""
    for gap, pushed in ((5.0, True), (MARGIN + 8, False)):
        logits = torch.zeros(1, VOCABULARY)
        logits[0, WORDS.unwanted] = -gap - math.log(2)
        logits[0, [1, 7]] = -30.0
        logits.requires_grad_()
        contrastive_loss(logits, torch.tensor([4]), WORDS).backward()
        assert logits.grad is not None
        assert (logits.grad[0, WORDS.unwanted].sum() > 0.5) == pushed


def test_the_objective_is_the_likelihood_and_the_weighted_contrast(tmp_path: Path) -> None:
    model, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    model.eval()
    good, bad, other = tokenizer.convert_tokens_to_ids(["comfortable", "heavy", "blue"])
    ids = torch.tensor([[101, 103, 2024, 103, 103, 102]])
    labels = torch.tensor([[IGNORED, good, IGNORED, bad, other, IGNORED]])
    part = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    words = ContrastWords(torch.tensor([good]), torch.tensor([bad]))
    logits = model(input_ids=ids).logits[labels != IGNORED]
    alone = torch.nn.functional.cross_entropy(logits, labels[labels != IGNORED], reduction="sum")
    expected = alone + 0.5 * contrastive_loss(logits, labels[labels != IGNORED], words)
    objective, nll = Objective(model, words=words, contrastive_weight=0.5)(**part)
    assert objective.item() == pytest.approx(expected.item(), rel=1e-5)
    assert nll.item() == pytest.approx(alone.item(), rel=1e-6)
    for without in (Objective(model), Objective(model, words=words), Objective(model, contrastive_weight=0.5)):
        objective, nll = without(**part)
        assert objective.item() == nll.item() == pytest.approx(alone.item(), rel=1e-6)


@pytest.mark.parametrize("contrastive_weight", [0.0, 2.0])
def test_anchor_rows_are_held_to_the_base_and_not_contrasted(contrastive_weight: float, tmp_path: Path) -> None:
    model, _ = load_checkpoint(tiny_base(tmp_path / "base"))
    base, _ = load_checkpoint(tiny_base(tmp_path / "other"))
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for value in base.parameters():
            value.add_(0.1 * torch.randn(value.shape, generator=generator))
    ids = torch.randint(200, 2000, (6, 40), generator=generator)
    words = ContrastWords(ids[:, 2].unique(), ids[:, 3].unique())
    labels = torch.full_like(ids, IGNORED)
    labels[:, 1:20] = ids[:, 1:20]
    anchored = torch.tensor([False, True, False, True, True, False])
    part = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}

    def logits(of: PreTrainedModel, rows: torch.Tensor) -> torch.Tensor:
        return of(input_ids=ids[rows]).logits[labels[rows] != IGNORED]

    right = labels[~anchored][labels[~anchored] != IGNORED]
    own = logits(model, ~anchored)
    divergence = torch.nn.functional.kl_div(
        logits(model, anchored).log_softmax(-1),
        logits(base, anchored).log_softmax(-1).detach(),
        reduction="sum",
        log_target=True,
    )
    expected = torch.nn.functional.cross_entropy(own, right, reduction="sum") + 3 * divergence
    expected = expected + contrastive_weight * contrastive_loss(own, right, words)
    expected.backward()
    plain = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    model.zero_grad()
    objective, nll = Objective(model, False, words, contrastive_weight, base, 3.0)(
        **part, anchored=anchored[:, None].expand_as(ids)
    )
    objective.backward()
    assert objective.item() == pytest.approx(expected.item(), rel=1e-5)
    whole = model(input_ids=ids).logits[labels != IGNORED]
    every = torch.nn.functional.cross_entropy(whole, labels[labels != IGNORED], reduction="sum")
    assert nll.item() == pytest.approx(every.item(), rel=1e-5)
    for name, value in model.named_parameters():
        if name in plain:
            torch.testing.assert_close(value.grad, plain[name], rtol=1e-3, atol=1e-3, msg=name)
    assert all(value.grad is None for value in base.parameters())


@pytest.mark.parametrize("asked", [0, 1, ROWS_AT_ONCE[True], 12 * ROWS_AT_ONCE[True] - 5])
@pytest.mark.parametrize("contrastive_weight", [0.0, 2.0])
@pytest.mark.parametrize(("bf16", "tolerance"), [(False, 1e-5), (True, 1e-2)])  # rounding of either
def test_its_gradient_is_that_of_the_plain_formulas(
    asked: int, contrastive_weight: float, bf16: bool, tolerance: float, tmp_path: Path
) -> None:
    model, _ = load_checkpoint(tiny_base(tmp_path / "base"))
    model.eval()
    generator = torch.Generator().manual_seed(8)
    ids = torch.randint(200, 2000, (8, 16), generator=generator)
    words = ContrastWords(ids[0, :5].unique(), ids[1, :5].unique(), (1.0, 2.5))
    labels = torch.full_like(ids, IGNORED)
    labels.view(-1)[:asked] = ids.view(-1)[:asked]
    part = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    right = labels[labels != IGNORED]
    with autocast(bf16, ids.device):
        logits = model(input_ids=ids).logits[labels != IGNORED].float()
    expected = torch.nn.functional.cross_entropy(logits, right, reduction="sum")
    expected = expected + contrastive_weight * contrastive_loss(logits, right, words)
    (0.1 * expected).backward()
    plain_gradients = {name: value.grad for name, value in model.named_parameters() if value.grad is not None}
    model.zero_grad()
    objective, _ = Objective(model, bf16, words, contrastive_weight)(**part)
    (0.1 * objective).backward()
    assert objective.item() == pytest.approx(expected.item(), rel=tolerance)
    size = torch.cat([value.flatten() for value in plain_gradients.values()]).norm().clamp(min=1)
    for name, value in model.named_parameters():
        if value.grad is None:
            assert name not in plain_gradients
        else:
            assert float((value.grad - plain_gradients[name]).norm() / size) <= tolerance, name


def test_sides_are_the_labelled_words_that_are_one_token(tmp_path: Path) -> None:
    _, tokenizer = load_checkpoint(tiny_base(tmp_path / "base"))
    rows = pd.DataFrame(
        [
            ("wanted", "comfortable"), ("wanted", "light"), ("wanted", "comfortable"), ("wanted", "good-looking"),
            ("unwanted", "heavy"), ("unwanted", "light"), ("neutral", "blue"), (None, None),
        ],
        columns=["label", "word"],
    )  # fmt: skip
    rows["text"] = "any"
    found = contrast_words(tokenizer, as_dataset(rows))
    assert found is not None
    assert tokenizer.convert_ids_to_tokens(found.wanted.tolist()) == ["comfortable"]
    assert tokenizer.convert_ids_to_tokens(found.unwanted.tolist()) == ["heavy"]
    assert found.weights == (1.0, pytest.approx(math.sqrt(4 / 2)))
    assert contrast_words(tokenizer, as_dataset(rows[rows["label"] == "wanted"])) is None
    assert contrast_words(tokenizer, as_dataset(rows.drop(columns="word"))) is None
