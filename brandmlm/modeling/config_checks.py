"""What a checkpoint's `config.json` and tokenizer may say, checked before transformers acts on it.

A config decides how much memory a model takes, and it can name attention kernels to fetch. The weights are the measure
of its sizes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

from safetensors import SafetensorError, safe_open
from transformers import PreTrainedTokenizerBase

from brandmlm.core.errors import UserError

MAX_BYTES: Final = 10_000_000  # of a config: some list a label for each of many classes

# The most of each size, by its names in the configs of transformers.
LIMITS: Final = {
    **dict.fromkeys(("num_hidden_layers", "num_layers", "n_layers", "n_layer"), 1_000),
    **dict.fromkeys(("num_attention_heads", "n_heads", "n_head", "num_hidden_groups", "inner_group_num"), 1_000),
    **dict.fromkeys(("hidden_size", "dim", "embedding_size", "d_model"), 100_000),
    **dict.fromkeys(("intermediate_size", "hidden_dim"), 1_000_000),
    **dict.fromkeys(("max_position_embeddings", "type_vocab_size"), 1_000_000),
    "vocab_size": 10_000_000,
}

# Sizes that are a dimension of some weight.
DIMENSIONS: Final = ("hidden_size", "dim", "intermediate_size", "hidden_dim", "vocab_size")

ATTENTION: Final[tuple[object, ...]] = (None, "eager", "sdpa")  # implementations inside transformers

_NOT_A_WORD: Final = re.compile(r"[^\w\s▁Ġ'-]")


def read_config(folder: Path) -> dict[str, Any]:
    """Read `config.json`. Raises UserError if it is no JSON object."""
    file = folder / "config.json"
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
        config = json.loads(data) if len(data) <= MAX_BYTES else None
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror}); restore it") from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{file}: not valid JSON ({str(error)[:100]}); restore it") from None
    if not isinstance(config, dict) or not isinstance(config.get("model_type"), str):
        raise UserError(f"{file}: not the config of a model (no model_type); restore it")
    return config


def _dimensions(folder: Path) -> tuple[set[int], int]:
    """All dimensions of the weights, and the number of weights."""
    dimensions: set[int] = set()
    count = 0
    for file in sorted(folder.glob("model*.safetensors")):
        try:
            with safe_open(file, framework="pt") as weights:
                for name in weights.keys():  # noqa: SIM118 (no mapping)
                    dimensions.update(weights.get_slice(name).get_shape())
                    count += 1
        except (SafetensorError, OSError) as error:
            raise UserError(f"{file}: truncated or altered ({error}); restore it") from None
    return dimensions, count


def check_config(folder: Path) -> None:
    """Check the config of a checkpoint against bounds and against its weights.

    Raises:
        UserError: a value that transformers would not refuse, or only after it took all memory or fetched code.
    """
    config = read_config(folder)
    file = folder / "config.json"
    dimensions, weights = _dimensions(folder)
    for name, most in LIMITS.items():
        value = config.get(name, 1)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value <= most:
            if name == "type_vocab_size" and value == 0:
                continue
            raise UserError(f"{file}: {name} is {str(value)[:40]!r}, not a number from 1 to {most:,}; restore the file")
        if name in config and weights and name in DIMENSIONS and value not in dimensions:
            raise UserError(f"{file}: {name} is {value:,}, which no weight has; restore the checkpoint's own file")
        if name.endswith(("layers", "n_layer")) and weights and value > weights:
            raise UserError(f"{file}: {name} is {value:,}, more than the {weights:,} weights; restore the file")
    for name in ("attn_implementation", "_attn_implementation", "_attn_implementation_internal"):
        if config.get(name) not in ATTENTION:
            raise UserError(f"{file}: {name} is {str(config[name])[:40]!r}, code from elsewhere; remove this line")
    for name in ("is_decoder", "is_encoder_decoder", "add_cross_attention"):
        if config.get(name):
            raise UserError(f"{file}: {name} is set: not a masked language model, which sees both sides; use another")


def check_mask_token(tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Raise UserError if a tokenizer has no mask token, or a word for one: it would be masked wherever it occurs."""
    token = tokenizer.mask_token
    if token is None or tokenizer.mask_token_id is None:
        raise UserError(f"{folder}: its tokenizer has no mask token; use the base of a masked language model")
    if not _NOT_A_WORD.search(token):
        raise UserError(
            f"{folder}: its mask token is the word {token[:40]!r}, which texts contain; use the base's own tokenizer"
        )
    if tokenizer.mask_token_id == tokenizer.unk_token_id:
        raise UserError(f"{folder}: its mask token is not in its vocabulary; use the base's own tokenizer")
