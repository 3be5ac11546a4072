"""The count of floating-point operations against torch's own counter."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoModelForMaskedLM, BertConfig, DistilBertConfig, PretrainedConfig, RobertaConfig

from bench.rates import matrix_rate, model_flops
from brandmlm.modeling.masking import IGNORED
from brandmlm.training.loss import Objective
from brandmlm.training.steps import Step
from brandmlm.training.throughput import PaddingCount, Throughput, peak_memory

CONFIGS: list[PretrainedConfig] = [
    BertConfig(vocab_size=99, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40),
    DistilBertConfig(vocab_size=99, dim=24, n_layers=2, n_heads=3, hidden_dim=40),
    RobertaConfig(vocab_size=99, hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40),
]


@pytest.mark.parametrize("config", CONFIGS, ids=lambda config: config.model_type)
def test_operations_are_counted_as_torch_counts_them(config: PretrainedConfig) -> None:
    model = AutoModelForMaskedLM.from_config(config, attn_implementation="eager")
    ids = torch.randint(5, 99, (4, 32))
    labels = torch.full_like(ids, IGNORED)
    labels[:, 8:24] = 50
    with FlopCounterMode(display=False) as counter:
        Objective(model)(ids, torch.ones_like(ids), labels)[0].backward()
    found = model_flops(model, np.full(4, 32), masked=64)
    assert found == pytest.approx(counter.get_total_flops(), rel=0.01)


def test_measures_are_positive() -> None:
    cpu = torch.device("cpu")
    assert matrix_rate(cpu, bf16=False) > 1e8
    assert peak_memory(cpu) > 50e6


def test_padding_is_counted_in_the_steps_that_are_taken() -> None:
    masks = [torch.tensor([[1, 1, 2, 0], [1, 1, 1, 1]]), torch.tensor([[1, 0], [1, 0]])]
    steps = [Step([{"attention_mask": masks[0]}, {"attention_mask": masks[1]}], 1, 9), Step([], 1, 9)]
    count = PaddingCount()
    assert list(count.over(steps)) == steps
    assert count.proportion == pytest.approx(3 / 12)
    said = str(Throughput(9, 3.0, 1.0, count.proportion, 10**6))
    assert said.startswith("9 tokens in 3.0 s, 3 tokens/s, 1.0 s of validation, peak memory 1 MB; ")
    assert said.endswith("; 25.0% of the computed positions held no token")
