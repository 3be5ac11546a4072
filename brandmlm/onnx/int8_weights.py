"""Store the matrices of an ONNX model as 8-bit integers."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
import onnx
from onnx import helper, numpy_helper

MIN_ELEMENTS: Final = 1024  # of a matrix that is worth it


def quantize(values: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float32]]:
    """Round values to 8-bit integers, a scale and a zero point per row: value ≈ (integer - zero point) * scale.

    Args:
        values: (blocks, block size).

    Returns:
        The integers, with the zero point as the last column: (blocks, block size + 1); the scales: (blocks, 1).
    """
    low = np.minimum(values.min(1, keepdims=True), 0.0)
    high = np.maximum(values.max(1, keepdims=True), 0.0)
    scale = ((high - low) / 255).astype(np.float32)
    scale[scale == 0] = 1.0
    zero = np.rint(-low / scale)
    integers = np.clip(np.rint(values / scale) + zero, 0, 255)
    return np.concatenate([integers, zero], axis=1).astype(np.uint8), scale


def with_int8_weights(proto: onnx.ModelProto, block: int) -> onnx.ModelProto:
    """A copy that stores its matrices as 8-bit integers, each `block` of weights with a scale and a zero point.

    ONNX Runtime folds the arithmetic that restores fp32 weights when it loads the file. So the file is small, and
    a model computes as fast and as exactly as one with those weights in fp32: activations are not rounded. Rounding
    them too, as `onnxruntime.quantization.quantize_dynamic` does, changes the five likeliest words of half of the
    probes.

    A matrix whose size is no multiple of `block`, and one of fewer than `MIN_ELEMENTS`, stays as it is.
    """
    copy = onnx.ModelProto()
    copy.CopyFrom(proto)
    graph = copy.graph
    tensors, nodes = [], []
    for tensor in graph.initializer:
        weights = numpy_helper.to_array(tensor)
        if weights.dtype != np.float32 or weights.ndim != 2 or weights.size < MIN_ELEMENTS or weights.size % block:
            tensors.append(tensor)
            continue
        integers, scale = quantize(weights.reshape(-1, block))
        new_tensors, new_nodes = _restoring(tensor.name, integers, scale, weights.shape)
        tensors += new_tensors
        nodes += new_nodes
    nodes += graph.node
    del graph.node[:], graph.initializer[:]
    graph.node.extend(nodes)
    graph.initializer.extend(tensors)
    onnx.checker.check_model(copy)
    return copy


def _restoring(
    name: str, integers: npt.NDArray[np.uint8], scale: npt.NDArray[np.float32], shape: tuple[int, ...]
) -> tuple[list[onnx.TensorProto], list[onnx.NodeProto]]:
    """Tensors and nodes that compute the matrix `name`. No DequantizeLinear, which ONNX Runtime would not fold."""
    arrays = {
        "integers": integers[:, :-1],
        "zero": integers[:, -1:],
        "scale": scale,
        "shape": np.array(shape, dtype=np.int64),
    }
    steps: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("Cast", ["integers"], "floats", {"to": onnx.TensorProto.FLOAT}),
        ("Cast", ["zero"], "zero_float", {"to": onnx.TensorProto.FLOAT}),
        ("Sub", ["floats", "zero_float"], "centred", {}),
        ("Mul", ["centred", "scale"], "blocks", {}),
        ("Reshape", ["blocks", "shape"], "", {}),
    ]

    def place(part: str) -> str:
        return f"{name}.{part}" if part else name

    tensors = [numpy_helper.from_array(np.ascontiguousarray(array), name=place(part)) for part, array in arrays.items()]
    nodes = [
        helper.make_node(operator, [place(part) for part in parts], [place(out)], name=place(f"{out}_node"), **options)
        for operator, parts, out, options in steps
    ]
    return tensors, nodes
