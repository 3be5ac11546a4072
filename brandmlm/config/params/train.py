"""The section `train` of `params.yaml`."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from brandmlm.config.params.section import Positive, Section, Seed, Share


class Train(Section):
    seed: Seed
    tokens: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup_ratio: Share
    batch_tokens: Annotated[int, Field(gt=0, le=100_000_000)]
    max_length: Annotated[int, Field(ge=8, le=1_000_000)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    mlm_probability: Annotated[float, Field(gt=0, lt=1)]
    target_word_probability: Annotated[float, Field(gt=0, lt=1)]
    contrastive_weight: Annotated[float, Field(ge=0)]
    anchor_weight: Annotated[float, Field(ge=0)]
    replay_share: Annotated[float, Field(ge=0, le=10)]
    real_repeats: Annotated[int, Field(ge=1, le=100)]
    drop_final_punctuation: Share
    num_evals: Annotated[int, Field(gt=0, le=10_000)]
    validation_rows: Positive
    wise_ft_alpha: Share
