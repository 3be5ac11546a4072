"""ONNX files of a model: they answer as torch does, take batches and padding, and are the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from bases import tiny_base, tiny_distilbert
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from onnx import numpy_helper

from brandmlm.core.errors import UserError
from brandmlm.evaluation.top_words import Agreement, Change, compare_top
from brandmlm.modeling.predictor import load
from brandmlm.onnx import folder as onnx_folder
from brandmlm.onnx.conversion import to_onnx
from brandmlm.onnx.folder import FILES, convert, describe, softmax
from brandmlm.onnx.int8_weights import quantize, with_int8_weights
from brandmlm.onnx.session import mask_logits

SENTENCES = (
    "Nike shoes are very [MASK].",
    "[MASK] is what I said.",
    "I wore these socks for a week in the rain, and they are not [MASK] at all.",
)


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_base(tmp_path_factory.mktemp("bases") / "bert")


@pytest.fixture(scope="module")
def exact(base: Path) -> onnx.ModelProto:
    predictor = load(base)
    return to_onnx(predictor.model, predictor.tokenizer)


def answers(proto: onnx.ModelProto, base: Path, file: Path) -> np.ndarray:
    onnx.save(proto, file)
    return softmax(mask_logits(file, load(base).tokenizer, SENTENCES, threads=1))


def test_the_exact_file_answers_as_torch_does_in_a_padded_batch(
    base: Path, exact: onnx.ModelProto, tmp_path: Path
) -> None:
    expected = load(base).probabilities(SENTENCES).numpy()
    assert np.abs(answers(exact, base, tmp_path / "model.onnx") - expected).max() < 1e-6
    assert [each.name for each in exact.graph.input] == ["input_ids", "token_type_ids", "attention_mask"]


def test_nothing_of_this_machine_is_in_the_file(exact: onnx.ModelProto) -> None:
    content = exact.SerializeToString()
    for place in (Path(__file__).parents[2], Path(torch.__file__).parent, Path.home()):
        assert str(place).encode() not in content


def test_a_file_with_8_bit_weights_is_small_and_close(base: Path, exact: onnx.ModelProto, tmp_path: Path) -> None:
    small = with_int8_weights(exact, 32)
    large = [each for each in map(numpy_helper.to_array, small.graph.initializer) if each.size > 5000]
    assert large and {each.dtype for each in large} == {np.dtype("uint8")}
    assert small.ByteSize() < 0.5 * exact.ByteSize()
    found = answers(small, base, tmp_path / "model.onnx")
    assert 0 < np.abs(found - load(base).probabilities(SENTENCES).numpy()).max() < 1e-3


def test_a_block_that_does_not_fit_leaves_a_matrix_as_it_is(exact: onnx.ModelProto) -> None:
    odd = with_int8_weights(exact, 7919)
    assert odd.SerializeToString() == exact.SerializeToString()


@given(arrays(np.float32, array_shapes(min_dims=2, max_dims=2), elements=st.floats(-1e3, 1e3, width=32)))
def test_a_rounded_value_is_half_a_step_away_at_most_and_zero_stays_zero(values: np.ndarray) -> None:
    integers, scale = quantize(np.concatenate([values, np.zeros_like(values[:, :1])], axis=1))
    restored = (integers[:, :-1].astype(np.float32) - integers[:, -1:]) * scale
    assert (np.abs(restored[:, :-1] - values) <= 1.01 * scale).all()
    assert (restored[:, -1] == 0).all()


P = np.array([[0.40, 0.30, 0.20, 0.10], [0.40, 0.30, 0.151, 0.149]], dtype=np.float32)


@pytest.mark.parametrize(
    ("swap", "sentence", "expected"),
    [
        (None, 0, (2, 2, ())),
        ((0, 1), 0, (1, 2, ())),  # another order of the same words
        ((2, 3), 0, (1, 1, (Change(0, 3, 2),))),
        ((2, 3), 1, (1, 1, ())),  # tied
    ],
)
def test_top_words_are_compared_up_to_ties(
    swap: tuple[int, int] | None, sentence: int, expected: tuple[int, int, tuple[Change, ...]]
) -> None:
    found = P.copy()
    if swap:
        found[sentence, list(swap)] = found[sentence, list(swap[::-1])]
    agreement = compare_top(P, found, tie=0.05, top=3)
    assert (agreement.same_order, agreement.same_words, agreement.changes) == expected
    assert agreement.shift == pytest.approx(0.0 if swap is None else abs(float(np.subtract(*P[sentence, list(swap)]))))


def test_a_file_that_changes_words_is_refused_by_what_changed(
    base: Path, exact: onnx.ModelProto, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rounding to two levels leaves little of a model."""
    tried = []

    def crude(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        tried.append(values.shape[1])
        integers, scale = quantize(values)
        return (integers > 127).astype(np.uint8) * 255, scale

    monkeypatch.setattr("brandmlm.onnx.int8_weights.quantize", crude)
    monkeypatch.setattr(onnx_folder, "to_onnx", lambda *_: exact)
    monkeypatch.setitem(onnx_folder.TIES, "int8", 0.0)
    with pytest.raises(
        UserError, match=r"blocks of 8 the 5 likeliest words change in . of 3 probes, in '.*\[MASK\].*by"
    ):
        convert(base, tmp_path, SENTENCES, ["int8"])
    assert set(tried) == {32, 16, 8}


def test_a_model_that_torch_cannot_convert_is_named(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise torch.onnx.OnnxExporterError("Failed to export the model.\nMore lines.")

    monkeypatch.setattr(torch.onnx, "export", fail)
    predictor = load(base)
    with pytest.raises(UserError, match=r"a model of the type bert \(Failed to export the model\.\); use another base"):
        to_onnx(predictor.model, predictor.tokenizer)


@pytest.mark.long
def test_the_bytes_are_the_same_each_time_and_other_models_convert(tmp_path: Path) -> None:
    source = tiny_distilbert(tmp_path / "distilbert")
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        exact, small = convert(source, tmp_path / name, SENTENCES, list(FILES))
        assert isinstance(exact.agreement, Agreement) and exact.agreement.same_order == 3
        assert "3 of 3 probes (3 in the same order)" in describe(exact) and "8-bit weights" in describe(small)
    for file in FILES.values():
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    assert {each.name for each in onnx.load(tmp_path / "one" / FILES["fp32"]).graph.input} == {
        "input_ids",
        "attention_mask",
    }
