"""Load a base checkpoint as a masked language model, with its tokenizer.

Weights are read from safetensors only, because other formats can run code, and code in a checkpoint is never run. If a
checkpoint has no masked-LM head, a new one is initialised, always equally.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer, PreTrainedModel, PreTrainedTokenizerBase
from transformers.utils import logging

from brandmlm.core.errors import UserError
from brandmlm.modeling.checkpoint import check_finite_weights
from brandmlm.modeling.config_checks import check_config, check_mask_token

HEAD_SEED: Final = 0

# By prefix of their weights: heads that predict no words for a mask, or that transformers cannot read.
UNUSABLE_HEADS: Final = {
    "discriminator_predictions.": "an ELECTRA discriminator, which predicts replaced tokens; use its generator",
    "mask_predictions.": "a DeBERTa-v3 discriminator, which predicts replaced tokens; use another base",
    "lm_predictions.": "DeBERTa's published masked-LM head, which transformers cannot read; use another base",
}


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """Silence the progress bars and reports of transformers; this project reports what is missing in a checkpoint."""
    verbosity = logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)


def load_model(folder: Path) -> tuple[PreTrainedModel, bool]:
    """Load a checkpoint as a masked language model, in float32.

    Returns:
        The model, and whether its masked-LM head is new.

    Raises:
        UserError: Weights are missing, not finite, or of other shapes than in the config, or the head is unusable.
    """
    check_config(folder)
    try:
        with quiet_transformers():
            model, info = AutoModelForMaskedLM.from_pretrained(
                folder,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                dtype="float32",
                output_loading_info=True,
            )
    except Exception as error:  # whatever a strange config makes transformers raise
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise UserError(f"{folder}: cannot be loaded as a masked language model ({reason}); use another base") from None
    for prefix, head_name in UNUSABLE_HEADS.items():
        if any(name.startswith(prefix) for name in info["unexpected_keys"]):
            raise UserError(f"{folder}: {head_name}")
    missing = set(info["missing_keys"])
    # Tied weights are copies of others, which the checkpoint need not contain.
    names = set(dict(model.named_parameters())) - set(model.all_tied_weights_keys)
    head = {name for name in names if not name.startswith(f"{model.base_model_prefix}.")}
    lacking = sorted(missing & names)
    fresh = bool(head) and head <= missing
    if lacking and (not fresh or not missing & names <= head):
        raise UserError(
            f"{folder}: weights are missing ({lacking[0]}, {len(lacking)} in all); use a complete checkpoint"
        )
    if fresh:
        init_head(model, head)
    check_finite_weights(model, folder, "download the checkpoint again")
    return model, fresh


def init_head(model: PreTrainedModel, head: set[str]) -> None:
    """Initialise the parameters named in `head` as the published code of BERT does (Devlin et al. 2019): matrices
    N(0, initializer_range) from a fixed seed, norms 1, biases 0. The decoder is tied to the word embeddings."""
    generator = torch.Generator().manual_seed(HEAD_SEED)
    output, embeddings = model.get_output_embeddings(), model.get_input_embeddings()
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            if name not in head:
                continue
            if value.ndim > 1:
                value.normal_(0.0, getattr(model.config, "initializer_range", 0.02), generator=generator)
            else:
                value.fill_(0.0 if name.endswith("bias") else 1.0)
    output.weight = embeddings.weight
    model.config.tie_word_embeddings = True


def max_positions(model: PreTrainedModel) -> int | None:
    """The maximum length of a sequence, in tokens; None if the model has none."""
    table = getattr(getattr(model.base_model, "embeddings", None), "position_embeddings", None)
    if isinstance(table, torch.nn.Embedding):
        # RoBERTa numbers positions from the one after the padding's own.
        return table.num_embeddings - (0 if table.padding_idx is None else table.padding_idx + 1)
    bound: int | None = getattr(model.config, "max_position_embeddings", None)
    return bound


def load_tokenizer(folder: Path, model: PreTrainedModel) -> PreTrainedTokenizerBase:
    """Load a checkpoint's tokenizer, without its settings for truncation and padding, which the stages choose.

    Raises:
        UserError: It cannot be loaded, has no mask token or no fast version, or has more tokens than the model.
    """
    try:
        with quiet_transformers():
            tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except Exception as error:  # the tokenizers library raises no narrower class
        reason = str(error).strip().partition("\n")[0]
        raise UserError(f"{folder}: the tokenizer cannot be loaded ({reason}); download its files again") from None
    check_mask_token(tokenizer, folder)
    if not tokenizer.is_fast:
        name = type(tokenizer).__name__
        raise UserError(f"{folder}: its tokenizer ({name}) has no fast version (tokenizer.json); use another base")
    embeddings = model.get_input_embeddings()
    rows = embeddings.num_embeddings if isinstance(embeddings, torch.nn.Embedding) else model.config.vocab_size
    if len(tokenizer) > rows:
        raise UserError(
            f"{folder}: its tokenizer has {len(tokenizer):,} tokens, the model {rows:,}; use the model's own tokenizer"
        )
    backend = getattr(tokenizer, "backend_tokenizer", None)
    if backend is not None:
        backend.no_truncation()
        backend.no_padding()
    for setting in ("max_length", "stride", "truncation_strategy", "pad_to_multiple_of"):
        tokenizer.init_kwargs.pop(setting, None)
    tokenizer.model_max_length = max_positions(model) or tokenizer.model_max_length
    return tokenizer
