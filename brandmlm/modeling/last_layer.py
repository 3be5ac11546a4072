"""Self-attention of an encoder's last layer at masked positions only; the result is the same to rounding.

Nothing reads the last layer at other positions, so their queries, scores and output are left out. Keys and values are
of all positions.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from brandmlm.modeling.token_rows import Positions

QUERIES_MULTIPLE: Final = 16  # products of few shapes: oneDNN compiles a kernel for each


class Queries(NamedTuple):
    """Masked positions arranged by row.

    Attributes:
        rows, columns: of each masked position, int64 (masked,).
        places: of each masked position among those of its row, int64 (masked,).
        table: the index of the masked position at each place of each row, 0 where there is none, int64 (batch, places).
    """

    rows: torch.Tensor
    columns: torch.Tensor
    places: torch.Tensor
    table: torch.Tensor


def arrange(rows: torch.Tensor, columns: torch.Tensor, shape: torch.Size) -> Queries:
    """Arrange one or more positions of a batch of the given shape; each may be asked for more than once."""
    masked = torch.zeros(shape, dtype=torch.bool, device=rows.device)
    masked[rows, columns] = True
    places = (masked.cumsum(1) - 1)[rows, columns]
    most = -(-int(masked.sum(1).max()) // QUERIES_MULTIPLE) * QUERIES_MULTIPLE
    table = rows.new_zeros(shape[0], min(most, shape[1]))
    table[rows, places] = torch.arange(len(rows), device=rows.device)
    return Queries(rows, columns, places, table)


def attend(
    own: Any, names: Sequence[str], hidden: torch.Tensor, mask: torch.Tensor | None, masked_positions: Positions
) -> tuple[torch.Tensor, torch.Tensor]:
    """Attention at masked positions before its output projection, and the layer's input there: (masked, hidden) each.

    Args:
        own: transformers' module of self-attention.
        names: of its projections to queries, keys and values.
        hidden: the layer's input, (batch, length, hidden).
        mask: in the form that attention takes, (batch, 1, 1 or length, length).
    """
    rows, columns = (
        masked_positions.nonzero(as_tuple=True) if isinstance(masked_positions, torch.Tensor) else masked_positions
    )
    masked = len(rows)
    if not masked:  # one that is dropped again, so that the weights have a gradient
        rows = columns = rows.new_zeros(1)
    queries = arrange(rows, columns, hidden.shape[:2])
    query, key, value = (getattr(own, name) for name in names)
    at = hidden[rows, columns]
    # Unlike indexing, an embedding has a fast backward pass.
    asked = torch.nn.functional.embedding(queries.table, query(at))
    if mask is not None:
        batch = torch.arange(len(hidden), device=hidden.device)[:, None]
        mask = mask.expand(-1, -1, hidden.shape[1], -1)[batch, :, columns[queries.table]].transpose(1, 2)
    heads = [
        of.unflatten(-1, (-1, own.attention_head_size)).transpose(1, 2) for of in (asked, key(hidden), value(hidden))
    ]
    eager = sys.modules[type(own).__module__].eager_attention_forward
    function = ALL_ATTENTION_FUNCTIONS.get_interface(own.config._attn_implementation, eager)
    dropout = own.dropout.p if own.training else 0.0
    attended, _ = function(own, *heads, mask, dropout=dropout, scaling=own.scaling)
    return attended.flatten(2)[rows, queries.places][:masked], at[:masked]
