"""Tokenise a corpus into memory-mapped files, so that the memory of a training does not grow with its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from datasets import Dataset, Features, List, Value
from transformers import PreTrainedTokenizerBase

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import row_id
from brandmlm.evaluation.masked_examples import fixed_mask_examples
from brandmlm.modeling.chunks import make_chunks, target_word_masks
from brandmlm.modeling.inference import MaskedExamples
from brandmlm.modeling.masking import Ints
from brandmlm.training.corpus_dataset import BATCH_ROWS, lean_arrow, no_temporary_file
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.steps import TokenizedRows

TOKENS: Final = List(Value("int32"))

FLAGS: Final = List(Value("uint8"))  # 0 or 1: Arrow packs booleans into bits, which numpy cannot view

MASK_FOLDS: Final = 7  # a fixed seventh of the tokens is few enough to validate often

Batch = dict[str, list[Any]]


class ListColumn(Sequence[npt.NDArray[Any]]):
    """A column of lists of numbers; an item is a view of the memory-mapped file, (length,)."""

    def __init__(self, column: pa.ChunkedArray, order: Ints | None = None) -> None:
        """
        Args:
            order: indices of the items in the column, by default all.
        """
        self.column = column
        self.pieces = [(piece.offsets.to_numpy(), piece.values.to_numpy()) for piece in column.chunks]
        self.starts = np.cumsum([0, *(len(piece) for piece in column.chunks)])
        self.order = order

    def __len__(self) -> int:
        return len(self.column) if self.order is None else len(self.order)

    def __getitem__(self, index: Any) -> Any:
        item = int(index if self.order is None else self.order[index])
        piece = int(np.searchsorted(self.starts, item, side="right")) - 1
        offsets, values = self.pieces[piece]
        place = item - int(self.starts[piece])
        return values[offsets[place] : offsets[place + 1]]

    @property
    def lengths(self) -> Ints:
        """int64 (items,)."""
        every = np.concatenate([np.diff(offsets) for offsets, _ in self.pieces]).astype(np.int64)
        return every if self.order is None else every[self.order]

    def take(self, order: Ints) -> ListColumn:
        """The items of the given indices."""
        return ListColumn(self.column, order if self.order is None else self.order[order])


def _map(
    rows: Dataset, columns: Sequence[str], function: Callable[..., Batch], features: Features, file: Path
) -> pa.Table:
    """Map batches of rows to batches of other rows in a file, memory-mapped."""
    known = [column for column in columns if column in rows.column_names]
    try:
        with lean_arrow():
            mapped = rows.select_columns(known).map(
                function,
                batched=True,
                batch_size=BATCH_ROWS,
                with_indices=True,
                remove_columns=known,
                features=features,
                cache_file_name=str(file),
                load_from_cache_file=False,
                new_fingerprint=file.stem,  # else the function and all that it refers to are hashed
            )
    except OSError as error:
        raise no_temporary_file(file, error) from error
    return mapped.data


def tokenize_rows(tokenizer: PreTrainedTokenizerBase, rows: Dataset, max_length: int, file: Path) -> TokenizedRows:
    """Cut the texts into chunks of at most `max_length` tokens and find the rows' target words in them.

    Args:
        rows: columns text and, if texts have target words, word.
        file: to write; the caller deletes it after the training.

    Raises:
        UserError: no text has a token.
    """

    def chunk(batch: Batch, indices: list[int]) -> Batch:
        chunks = make_chunks(tokenizer, batch["text"], max_length)
        words = batch.get("word", [None] * len(indices))
        masks = target_word_masks(tokenizer, chunks, words)
        return {
            "input_ids": list(chunks.ids),
            "target_words": [mask.astype(np.uint8) for mask in masks],
            "row": [indices[number] for number in chunks.row],
        }

    features = Features({"input_ids": TOKENS, "target_words": FLAGS, "row": Value("int64")})
    table = _map(rows, ["text", "word"], chunk, features, file)
    if not table.num_rows:
        raise UserError("rows: no text has a token; give texts to train on")
    ids, target_words = ListColumn(table.column("input_ids")), ListColumn(table.column("target_words"))
    row = np.concatenate([piece.to_numpy() for piece in table.column("row").chunks])
    return TokenizedRows(ids, target_words, ids.lengths, row)


def mask_rows(
    tokenizer: PreTrainedTokenizerBase, rows: Dataset, max_length: int, file: Path, context: DistributedContext
) -> MaskedExamples:
    """This process's share of the masked examples for validation: the first of `MASK_FOLDS` folds of the tokens.

    Args:
        rows: columns text and, unless it is to be computed from the text, id.
        file: to write; the caller deletes it after the training.

    Raises:
        UserError: none of the texts' tokens is in the fold.
    """

    def mask(batch: Batch, indices: list[int]) -> Batch:
        ids = batch.get("id") or [row_id(text) for text in batch["text"]]
        examples = fixed_mask_examples(tokenizer, ids, batch["text"], MASK_FOLDS, max_length, only_folds=[0])
        row = [indices[number] for number in examples.row]
        return {"input_ids": list(examples.ids), "labels": list(examples.labels), "row": row}

    features = Features({"input_ids": TOKENS, "labels": TOKENS, "row": Value("int64")})
    table = _map(rows, ["id", "text"], mask, features, file)
    if not table.num_rows:
        raise UserError("validation: no token is masked in so few texts; give more of them")
    row = np.concatenate([piece.to_numpy() for piece in table.column("row").chunks])
    ids, labels = ListColumn(table.column("input_ids")), ListColumn(table.column("labels"))
    own = context.shard(np.argsort(-ids.lengths, kind="stable"))  # as many long and short ones for each process
    return MaskedExamples(ids.take(own), labels.take(own), row[own])
