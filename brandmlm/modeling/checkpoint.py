"""Load and save checkpoints with a masked-LM head."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from safetensors import SafetensorError
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from brandmlm.core.errors import UserError


def load_checkpoint(
    folder: str | os.PathLike[str], device: torch.device | str = "cpu"
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a model (float32, eval mode, on `device`) and its tokenizer from a local folder; nothing is downloaded.

    Raises:
        UserError: the folder is missing or damaged, its masked-LM head is incomplete, or its tokenizer has no mask.
    """
    path = Path(folder)
    if not (path / "config.json").is_file():
        raise UserError(f"{path}: no checkpoint here; run `dvc repro` to make it")
    logging.disable_progress_bar()
    try:
        model, info = AutoModelForMaskedLM.from_pretrained(
            path, local_files_only=True, use_safetensors=True, dtype="float32", output_loading_info=True
        )
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True)
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(f"{path}: not a usable checkpoint ({error}); restore it with `dvc checkout`") from error
    if info["missing_keys"]:
        raise UserError(f"{path}: weights are missing ({min(info['missing_keys'])}); remake it with `dvc repro`")
    if tokenizer.mask_token_id is None:
        raise UserError(f"{path}: its tokenizer has no mask token; take the base of a masked language model")
    torch.nn.Module.to(model, device)
    model.eval()
    return model, tokenizer


def check_length(tokenizer: PreTrainedTokenizerBase, max_length: int, key: str) -> None:
    """Raise UserError, naming the `key` of params.yaml, if `max_length` exceeds the positions of the model."""
    if max_length > tokenizer.model_max_length:
        raise UserError(
            f"params.yaml: {key} is {max_length}, but the model takes at most {tokenizer.model_max_length} tokens; "
            "lower it"
        )


def save_checkpoint(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: str | os.PathLike[str]) -> None:
    """Write config, weights (safetensors) and tokenizer into a folder; the same model gives the same bytes."""
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
