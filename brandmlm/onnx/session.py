"""Run an ONNX masked language model with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import onnxruntime
from transformers import PreTrainedTokenizerBase

from brandmlm.modeling.batching import pad, present
from brandmlm.modeling.inference import encode_masked
from brandmlm.onnx.conversion import OUTPUT

BATCH: Final = 16  # sentences in one run


def mask_logits(
    file: Path, tokenizer: PreTrainedTokenizerBase, sentences: Sequence[str], threads: int
) -> npt.NDArray[np.float32]:
    """The logits at each sentence's mask, on the CPU: (sentences, vocabulary).

    Sentences of unequal length share a batch, so that the attention mask counts, too.

    Raises:
        MaskCountError: a sentence does not have exactly one mask among the tokens that fit into the model.
    """
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    encoded = [encode_masked(tokenizer, sentence) for sentence in sentences]
    rows = []
    for start in range(0, len(encoded), BATCH):
        ids, positions = zip(*encoded[start : start + BATCH], strict=True)
        mask = present(ids).astype(np.int64)
        feeds = {
            "input_ids": pad(ids, int(tokenizer.pad_token_id)),
            "attention_mask": mask,
            "token_type_ids": np.zeros_like(mask),
        }
        [logits] = session.run([OUTPUT], {name: feeds[name] for name in names})
        rows.append(logits[np.arange(len(ids)), list(positions)])
    return np.concatenate(rows)
