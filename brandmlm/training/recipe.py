"""The recipe and the execution of a training that is started without `params.yaml`, such as in a notebook."""

from __future__ import annotations

from typing import Any, Final

from pydantic import ValidationError

from brandmlm.config.params.execution import Execution
from brandmlm.config.params.train import Train
from brandmlm.core.errors import UserError

# The values of params.yaml, which a test compares with these.
RECIPE: Final = Train(
    seed=5,
    tokens=200_000,
    learning_rate=3e-4,
    weight_decay=0.01,
    warmup_ratio=0.1,
    batch_tokens=None,
    max_length=128,
    dropout=0.0,
    mlm_probability=0.25,
    target_word_probability=0.5,
    contrastive_weight=2.0,
    anchor_weight=6.0,
    replay_share=0.4,
    real_repeats=2,
    drop_final_punctuation=0.7,
    num_evals=4,
    validation_rows=500,
    wise_ft_alpha=0.9,
)

EXECUTION: Final = Execution(
    device="auto", precision="auto", threads=0, processes=1, checkpoint_s=60, micro_batch_tokens=2048, compile=False
)


def make_recipe(params: Train | None, values: dict[str, Any]) -> Train:
    """`params`, by default the recipe of the sample profile, with some values replaced.

    Raises:
        UserError: a value is unknown or out of range.
    """
    try:
        return Train.model_validate((params or RECIPE).model_dump() | values)
    except ValidationError as error:
        fault = error.errors()[0]
        raise UserError(
            f"train: {'.'.join(map(str, fault['loc']))}: {fault['msg']}; it is {fault['input']!r}"
        ) from None
