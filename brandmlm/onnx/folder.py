"""Write a model's folder in the layout of transformers.js: the model's own files, and ONNX files under `onnx/`.

The layout: https://huggingface.co/docs/transformers.js/custom_usage
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnx
import torch
from huggingface_hub import ModelCard

from brandmlm.core.errors import UserError
from brandmlm.evaluation.top_words import TOP, Agreement, compare_top
from brandmlm.modeling.predictor import Predictor, load
from brandmlm.onnx.conversion import to_onnx
from brandmlm.onnx.int8_weights import with_int8_weights
from brandmlm.onnx.session import mask_logits

FILES: Final = {"fp32": "onnx/model.onnx", "int8": "onnx/model_quantized.onnx"}

BLOCKS: Final = (32, 16, 8)  # weights with a scale of their own; the first is taken that keeps the words

# Words whose probabilities differ by less are tied: see `compare_top`.
TIES: Final = {"fp32": 0.001, "int8": 0.05}


@dataclass(frozen=True)
class Converted:
    """An ONNX file and how far it agrees with torch."""

    file: str  # from the folder
    size: int  # bytes
    note: str  # how its weights are stored
    agreement: Agreement


def convert(source: Path, out: Path, sentences: Sequence[str], precisions: Sequence[str]) -> list[Converted]:
    """Write ONNX files of a model and check each against torch.

    Args:
        source: folder of the model.
        out: folder to write `FILES` into.
        sentences: each with one `[MASK]`; the likeliest words there have to be the same.
        precisions: keys of `FILES`.

    Raises:
        UserError: The model cannot be loaded, or an ONNX file has other likeliest words.
    """
    predictor = load(source)
    original = predictor.probabilities(sentences).numpy()
    exact = to_onnx(predictor.model, predictor.tokenizer)
    done = []
    for precision in precisions:
        file = out / FILES[precision]
        file.parent.mkdir(exist_ok=True)
        for note, proto in _candidates(exact, precision):
            onnx.save(proto, file)
            found = softmax(mask_logits(file, predictor.tokenizer, sentences, torch.get_num_threads()))
            agreement = compare_top(original, found, TIES[precision])
            converted = Converted(FILES[precision], file.stat().st_size, note, agreement)
            if not agreement.changes:
                break
        else:
            raise UserError(f"{source}: {_difference(sentences, predictor, original, converted)}; nothing was written")
        done.append(converted)
    return done


def _candidates(exact: onnx.ModelProto, precision: str) -> Iterator[tuple[str, onnx.ModelProto]]:
    """Yield models to try, smallest first, each with a note on its weights."""
    if precision == "fp32":
        yield "32-bit weights", exact
        return
    for block in BLOCKS:
        yield f"8-bit weights in blocks of {block}", with_int8_weights(exact, block)


def softmax(logits: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Probabilities (rows, columns) of logits."""
    powers = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    shares: npt.NDArray[np.float32] = (powers / powers.sum(1, keepdims=True)).astype(np.float32)
    return shares


def _difference(
    sentences: Sequence[str], predictor: Predictor, original: npt.NDArray[np.float32], converted: Converted
) -> str:
    """What differs from torch, by the first sentence that does."""
    changes = converted.agreement.changes
    change = changes[0]
    came, left = (
        f"{predictor.vocabulary.form(token)!r} ({original[change.sentence, token]:.1%} by torch)"
        for token in (change.came, change.left)
    )
    return (
        f"with {converted.note} the {TOP} likeliest words change in {len(changes)} of {len(sentences)} probes, in "
        f"{sentences[change.sentence]!r} to {came} from {left}"
    )


def describe(converted: Converted) -> str:
    """A file, its size and its agreement with torch, in a line."""
    found = converted.agreement
    tied = found.sentences - found.same_words
    return (
        f"{converted.file}: {converted.note}, {converted.size / 1e6:.1f} MB; the {TOP} likeliest words of torch on "
        f"{found.same_words} of {found.sentences} probes ({found.same_order} in the same order)"
        + (f", on {tied} but for words within {TIES['int8']:.0%} of each other" if tied else "")
        + f"; probabilities differ by at most {found.shift:.2g}"
    )


def extend_card(card: Path, converted: Sequence[Converted]) -> None:
    """Add the ONNX files to a model card, for readers and for the hub."""
    document = ModelCard.load(card)
    document.data.tags = [*(document.data.tags or []), "onnx", "transformers.js"]
    lines = [
        "",
        "## ONNX",
        "",
        "For [ONNX Runtime](https://onnxruntime.ai) and "
        "[transformers.js](https://huggingface.co/docs/transformers.js), checked against torch on the brand's probes:",
        "",
        *(f"- `{each.file}`: {describe(each).partition(': ')[2]}." for each in converted),
        "",
        "8-bit weights are restored to 32 bits when the file is loaded: it is smaller, not faster.",
    ]
    document.text = document.text.rstrip("\n") + "\n" + "\n".join(lines) + "\n"
    card.write_text(str(document), encoding="utf-8", newline="\n")
