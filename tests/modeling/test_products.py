"""Fast products of inference against torch's own."""

from __future__ import annotations

import pytest
import torch

from brandmlm.modeling.products import fast_products


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("shape", [(5, 24), (2, 3, 24), (0, 24), (1, 24)])
def test_linear_layers_agree_with_torch(shape: tuple[int, ...], bias: bool) -> None:
    torch.manual_seed(1)
    layer, inputs = torch.nn.Linear(24, 7, bias=bias), torch.randn(shape)
    with torch.inference_mode():
        expected = layer(inputs)
        with fast_products():
            found = layer(inputs)
            strided = layer(inputs.mT.contiguous().mT)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(strided, expected, atol=1e-6, rtol=1e-6)


def test_other_types_are_left_to_torch() -> None:
    layer = torch.nn.Linear(8, 3).double()
    inputs = torch.randn(2, 8, dtype=torch.float64)
    with torch.inference_mode():
        expected = layer(inputs)
        with fast_products():
            assert torch.equal(layer(inputs), expected)
