"""Rows of tokens as a model reads them: a text per row and padding after it, or several texts packed into a row."""

from __future__ import annotations

from typing import NamedTuple

import torch

# Which positions of (batch, length): a bool tensor of that shape, or the indices of rows and columns.
Positions = torch.Tensor | tuple[torch.Tensor, torch.Tensor]


class Tokens(NamedTuple):
    """Rows of token ids, padded or packed.

    Attributes:
        ids: int64 (batch, length).
        attention_mask: int64 (batch, length): 1 at tokens and 0 at padding, or, packed, the number of the text.
        position_ids: place of each token in its text, int64 (batch, length); None: a text per row.
    """

    ids: torch.Tensor
    attention_mask: torch.Tensor
    position_ids: torch.Tensor | None = None


def unpack(tokens: Tokens, masked_positions: Positions) -> tuple[Tokens, Positions]:
    """The same texts and positions with a text per row."""
    if tokens.position_ids is None:
        return tokens, masked_positions
    present = tokens.attention_mask > 0
    begins = present & (tokens.position_ids == 0)
    row = (begins.flatten().cumsum(0) - 1).view_as(tokens.ids)
    shape = (int(begins.sum()), int(tokens.position_ids.max()) + 1)
    ids, mask = (of.new_zeros(shape) for of in (tokens.ids, tokens.attention_mask))
    at = (row[present], tokens.position_ids[present])
    ids[at], mask[at] = tokens.ids[present], 1
    return Tokens(ids, mask), (row[masked_positions], tokens.position_ids[masked_positions])
