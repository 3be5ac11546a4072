"""The section `train` of `params.yaml`."""

from __future__ import annotations

import math
from typing import Annotated, Final

from pydantic import Field

from brandmlm.config.params.section import Positive, Section, Seed, Share

# Tokens per step of a training of so many tokens; steps grow with the square root of the tokens (`bench/README.md`).
STEP_TOKENS: Final = 1024
STEP_TOKENS_AT: Final = 200_000
STEP_MULTIPLE: Final = 128


class Train(Section):
    seed: Seed
    tokens: Positive
    learning_rate: Annotated[float, Field(gt=0)]
    weight_decay: Annotated[float, Field(ge=0)]
    warmup_ratio: Share
    batch_tokens: Annotated[int, Field(gt=0, le=100_000_000)] | None = None
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

    @property
    def step_tokens(self) -> int:
        """Tokens per optimizer step: `batch_tokens`, or else as many as suit a training of `tokens`."""
        if self.batch_tokens is not None:
            return self.batch_tokens
        tokens = STEP_TOKENS * math.sqrt(self.tokens / STEP_TOKENS_AT)
        return max(1, round(tokens / STEP_MULTIPLE)) * STEP_MULTIPLE
