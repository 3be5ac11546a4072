"""Merge an adapter into a base without a masked-LM head.

An adapter holds low-rank updates of the encoder (Hu et al. 2021, LoRA, section 4.1) in peft's format, and the head,
norms and biases as whole tensors. The merged model is a plain checkpoint.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from peft import PeftModel
from safetensors import SafetensorError
from safetensors.torch import load_file
from transformers import AutoModelForMaskedLM, PreTrainedModel
from transformers.utils import logging

from brandmlm.core import inputs
from brandmlm.core.errors import UserError
from brandmlm.core.files import sha256
from brandmlm.modeling.config_checks import check_config

CONFIG: Final = "adapter_config.json"

ADAPTER: Final = "adapter_model.safetensors"

HEAD: Final = "head.safetensors"  # whole tensors, named as in the checkpoint

FILES: Final = (CONFIG, ADAPTER, HEAD)


def check_adapter(folder: str | os.PathLike[str], digests: Mapping[str, str]) -> None:
    """Raise UserError if a file of the adapter is missing or its sha256 differs from the pinned one.

    Args:
        digests: pinned sha256 by file name; files without a pin are not compared.
    """
    for name in FILES:
        path = Path(folder) / name
        if not path.is_file():
            raise UserError(f"{path}: not found; restore it with `git checkout {folder}`")
        if name in digests and sha256(path) != digests[name]:
            raise UserError(
                f"{path}: its sha256 is not the one pinned in params.yaml (adapter_digests); restore the file with "
                f"`git checkout {folder}`, or pin the new digest if the change is meant"
            )


def merge(
    base: str | os.PathLike[str], adapter: str | os.PathLike[str], digests: Mapping[str, str] | None = None
) -> PreTrainedModel:
    """Add the adapter's updates to the weights of `base` and replace its head, norms and biases.

    Returns:
        A plain masked language model (float32, eval mode). The same files give the same weights.

    Raises:
        UserError: a file is missing, altered, or does not fit the base.
    """
    for name in digests or {}:
        inputs.note(Path(adapter, name))
    check_adapter(adapter, digests or {})
    check_config(Path(base))
    verbosity = logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()  # the report of a newly initialised head: it is replaced below
    try:
        model, info = AutoModelForMaskedLM.from_pretrained(
            base, local_files_only=True, use_safetensors=True, dtype="float32", output_loading_info=True
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # between peft and transformers
            warnings.simplefilter("error", UserWarning)  # peft only warns about a key that is not in the model
            merged: PreTrainedModel = PeftModel.from_pretrained(model, str(adapter)).merge_and_unload(safe_merge=True)
        whole = {name: value.float() for name, value in load_file(Path(adapter) / HEAD).items()}
        unknown = set(merged.load_state_dict(whole, strict=False).unexpected_keys)
    except (OSError, ValueError, KeyError, RuntimeError, UserWarning, SafetensorError) as error:
        raise UserError(
            f"{adapter}: does not fit the checkpoint in {base} ({error}); take the base it was trained for"
        ) from error
    finally:
        logging.set_verbosity(verbosity)
    merged.tie_weights()
    own = {name for name, value in merged.named_parameters()}
    missing = (set(info["missing_keys"]) & own) - set(whole)
    if unknown or missing:
        raise UserError(f"{Path(adapter) / HEAD}: does not fit the checkpoint in {base}: {min(unknown | missing)}")
    merged.eval()
    return merged
