"""Load and save checkpoints with a masked-LM head."""

from __future__ import annotations

import os
from pathlib import Path

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from brandmlm.core.errors import UserError
from brandmlm.core.files import system_error
from brandmlm.modeling.config_checks import check_config, check_mask_token


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
    check_config(path)
    logging.disable_progress_bar()
    try:
        model, info = AutoModelForMaskedLM.from_pretrained(
            path,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype="float32",
            output_loading_info=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(path, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # whatever damaged files make transformers and tokenizers raise
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(f"{path}: not a usable checkpoint ({reason}); restore it with `dvc checkout`") from error
    if info["missing_keys"]:
        raise UserError(f"{path}: weights are missing ({min(info['missing_keys'])}); remake it with `dvc repro`")
    check_mask_token(tokenizer, path)
    check_finite_weights(model, path, "restore it with `dvc checkout`")
    torch.nn.Module.to(model, device)
    model.eval()
    return model, tokenizer


def check_finite_weights(model: PreTrainedModel, folder: Path, remedy: str) -> None:
    """Raise UserError, which ends with the remedy, if a weight is NaN or infinite: predictions would look sure."""
    broken = next((name for name, value in model.named_parameters() if not value.isfinite().all()), None)
    if broken:
        raise UserError(f"{folder}: {broken} has values that are not finite; {remedy}")


def check_length(tokenizer: PreTrainedTokenizerBase, max_length: int, key: str) -> None:
    """Raise UserError, naming the `key` of params.yaml, if `max_length` exceeds the positions of the model."""
    if max_length > tokenizer.model_max_length:
        raise UserError(
            f"params.yaml: {key} is {max_length}, but the model takes at most {tokenizer.model_max_length} tokens; "
            "lower it"
        )


def save_checkpoint(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: str | os.PathLike[str]) -> None:
    """Write config, weights (safetensors) and tokenizer into a folder; the same model gives the same bytes.

    Raises:
        OSError: the system refuses, whichever library noticed it.
    """
    try:
        model.save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    except Exception as error:  # safetensors and tokenizers raise classes of their own
        if cause := system_error(error):
            raise cause from error
        raise
