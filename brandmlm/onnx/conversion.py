"""Convert a masked language model to ONNX in fp32; the same model gives the same bytes."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import onnx
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.core.errors import UserError

OPSET: Final = 18

OUTPUT: Final = "logits"  # float32 (batch, length, vocabulary)


class _Logits(torch.nn.Module):
    """A model as a function from its input tensors, in the order of their names, to the logits."""

    def __init__(self, model: PreTrainedModel, names: list[str]) -> None:
        super().__init__()
        self.model = model
        self.names = names

    def forward(self, *tensors: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.model(**dict(zip(self.names, tensors, strict=True))).logits
        return logits


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence what the exporter says about packages that nothing here needs, and about its own future."""
    logger = logging.getLogger("torch.onnx")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def input_names(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """The tokenizer's outputs that the model takes, such as input_ids: each int64 (batch, length)."""
    taken = inspect.signature(model.forward).parameters
    return [name for name in tokenizer.model_input_names if name in taken]


def to_onnx(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> onnx.ModelProto:
    """The model in fp32; batch size and length are free.

    Raises:
        UserError: torch cannot convert a model of this type.
    """
    names = input_names(model, tokenizer)
    encoded = tokenizer(["a b c", "a"], padding=True, return_tensors="pt")
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length", max=tokenizer.model_max_length)
    try:
        with _quiet():
            program = torch.onnx.export(
                _Logits(model, names).eval(),
                tuple(encoded[name] for name in names),
                dynamo=True,
                verbose=False,
                input_names=names,
                output_names=[OUTPUT],
                dynamic_shapes=(tuple({0: batch, 1: length} for _ in names),),
                opset_version=OPSET,
            )
    except torch.onnx.OnnxExporterError as error:
        reason = str(error).strip().partition("\n")[0]
        raise UserError(
            f"torch.onnx cannot convert a model of the type {model.config.model_type} ({reason}); use another base"
        ) from error
    if program is None:  # only where an exporter of another kind is asked for
        raise RuntimeError("torch.onnx returned no program")
    proto: onnx.ModelProto = program.model_proto
    _strip(proto)
    onnx.checker.check_model(proto)
    return proto


def _strip(proto: onnx.ModelProto) -> None:
    """Remove what the exporter records about the source code, with paths of this machine in it."""
    del proto.metadata_props[:], proto.graph.metadata_props[:]
    proto.doc_string = proto.graph.doc_string = ""
    graph = proto.graph
    for part in (*graph.node, *graph.input, *graph.output, *graph.value_info, *graph.initializer):
        del part.metadata_props[:]
        part.doc_string = ""
