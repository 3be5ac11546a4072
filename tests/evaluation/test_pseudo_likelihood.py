"""Pseudo-log-likelihood with the within-word correction, against minicons."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT, dvc, set_params, tiny_base
from minicons.scorer import MaskedLMScorer
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.evaluation.pseudo_likelihood import word_l2r_examples
from brandmlm.evaluation.scoring import score
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.masking import IGNORED

TEXTS = ["Nike shoes are overpriced.", "A comfy, breathable hoodie!", "ok", "good-looking tshirts"]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    return load_checkpoint(Path(tiny_base(tmp_path_factory.mktemp("tiny"))))


@pytest.mark.parametrize("micro_batch", [20, 10_000])
def test_a_text_s_score_agrees_with_minicons(
    loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase], micro_batch: int
) -> None:
    model, tokenizer = loaded
    examples = word_l2r_examples(tokenizer, TEXTS, 64)
    ours = -score(model, tokenizer.pad_token_id, examples, len(TEXTS), micro_batch)["nll"].to_numpy()
    scorer = MaskedLMScorer(model, "cpu", tokenizer=tokenizer)
    # Its own way to encode calls a method that transformers 5 no longer has; it takes encoded texts as well.
    encoded = tokenizer(TEXTS, padding=True, return_tensors="pt")
    prepared = scorer.prepare_text(encoded, PLL_metric="within_word_l2r")
    theirs = [float(each.sum()) for each in scorer.compute_stats(prepared, return_tensors=True)]
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)


def test_a_span_is_one_word_and_alone_asked_for(loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase]) -> None:
    _, tokenizer = loaded
    examples = word_l2r_examples(tokenizer, ["these good-looking shoes"], 64, [(6, 18)])
    masked = [tokenizer.convert_ids_to_tokens(ids)[1:-1] for ids in examples.ids]
    mask = tokenizer.mask_token
    assert masked == [
        ["these", mask, mask, mask, "shoes"],
        ["these", "good", mask, mask, "shoes"],
        ["these", "good", "-", mask, "shoes"],
    ]
    labelled = [int(labels[labels != IGNORED][0]) for labels in examples.labels]
    assert tokenizer.convert_ids_to_tokens(labelled) == ["good", "-", "looking"]


@pytest.mark.slow
def test_it_is_a_metric_where_params_ask_for_it(built: Path) -> None:
    before = json.loads((built / "data/eval/base/summary.json").read_text())["sets"]
    set_params(built, {"evaluate.pseudo_perplexity": True, "evaluate.synthetic_rows": 5})
    dvc(built, "repro", "evaluate@base")
    after = json.loads((built / "data/eval/base/summary.json").read_text())["sets"]
    assert "pseudo_perplexity" not in before["real"]
    assert after["real"]["perplexity"] == pytest.approx(before["real"]["perplexity"], rel=1e-6)
    rows = pd.read_parquet(built / "data/eval/base/rows.parquet")
    general = rows[rows["set"] == "general"]
    expected = np.exp(general["pseudo_nll"].sum() / general["tokens"].sum())
    assert after["general"]["pseudo_perplexity"] == pytest.approx(expected, rel=1e-5)
    # The first sentence, by itself and in full precision.
    model, tokenizer = load_checkpoint(built / "data/base")
    text = (ROOT / "sample/general/everyday.txt").read_text(encoding="utf-8").splitlines()[0]
    alone = score(model, tokenizer.pad_token_id, word_l2r_examples(tokenizer, [text], 128), 1, 2048)
    assert general.iloc[0]["pseudo_nll"] == pytest.approx(alone["nll"][0], rel=0.02)
