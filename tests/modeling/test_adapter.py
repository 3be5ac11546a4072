"""The adapter: trained by the maintainer's tool, merged into a plain checkpoint, and what the merged base says."""

from __future__ import annotations

import gzip
import importlib.util
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import BertConfig, BertForMaskedLM, BertModel, BertTokenizerFast, PreTrainedModel

from brandmlm.config.brand.probes import load_probes
from brandmlm.config.params.base import PackageBase
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.core.files import sha256
from brandmlm.modeling.adapter import ADAPTER, CONFIG, FILES, HEAD, merge
from brandmlm.modeling.checkpoint import load_checkpoint, save_checkpoint
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.training.steps import Step
from tools import train_adapter
from tools.adapter_training import AdapterSteps
from tools.general_text import Chunk, read_lines, split_blocks, split_sentences, tokenize
from tools.low_rank import AdaptedLinear

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "adapters" / "minilm-mlm"

# Sentence, and the words that any reader would accept in its place.
EVERYDAY = {
    "Paris is the capital of [MASK].": "france",
    "She drank a cup of [MASK].": "tea coffee water milk wine",
    "He opened the [MASK] and walked into the room.": "door doors gate",
    "The sun rises in the [MASK].": "east morning sky",
    "They drove to work in their [MASK].": "car cars truck vehicle vehicles trucks van",
    "The children are playing in the [MASK].": "park garden yard street sand water playground snow field backyard",
    "I read a good [MASK] last night.": "book story novel movie article",
    "My brother and my [MASK] live in London.": "sister mother father wife family parents brother son daughter",
    "It was raining, so she took an [MASK].": "umbrella",
    "The dog [MASK] at the stranger.": "barked barks looked looks stared growled jumped",
    "He is a very good football [MASK].": "player coach team fan",
    "We had dinner at a nice [MASK].": "restaurant place hotel house table pub cafe",
    "The doctor told him to stop [MASK].": "smoking drinking eating talking running working",
    "She has been studying at the [MASK] for three years.": "university college school institute academy",
    "In winter it is very [MASK] here.": "cold cool wet dark warm snowy windy dry",
    "The film was [MASK], and I fell asleep.": "boring long dull bad slow terrible",
    "The president gave a [MASK] to the nation.": "speech message address report promise warning",
    "You can buy bread and milk at the [MASK].": "store market supermarket shop grocery bakery",
    "An hour has sixty [MASK].": "minutes",
    "Two plus two is [MASK].": "four 4",
}
WORDS = [
    *("the", "a", "cat", "dog", "sat", "ran", "on", "under", "mat", "rug", "big", "small", "red", "blue"),
    *("and", "it", "was", "is", "very", "good", "bad", ".", ",", "!", "?", "&"),
]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny BERT encoder without a masked-LM head, with a tokenizer of a few words."""
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=5 + len(WORDS), hidden_size=16, num_hidden_layers=2, num_attention_heads=2, intermediate_size=24,
        max_position_embeddings=64,
    )  # fmt: skip
    BertModel(config).save_pretrained(folder)
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS]) + "\n", encoding="utf-8")
    BertTokenizerFast(vocab=str(vocabulary)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def text(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """640 lines of two or three sentences each."""
    rng = np.random.default_rng(2)
    lines = [
        " ".join(" ".join(rng.choice(WORDS[:-5], size=rng.integers(5, 9))) + " ." for _ in range(rng.integers(2, 4)))
        for _ in range(640)
    ]
    path = tmp_path_factory.mktemp("text") / "text.txt.gz"
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.write("\n".join(lines))
    return path


def train(monkeypatch: pytest.MonkeyPatch, encoder: Path, text: Path, out: Path, *options: str) -> None:
    checkpoint = out.with_suffix(".pt")
    monkeypatch.setattr(
        sys,
        "argv",
        f"train_adapter {text} --base {encoder} --out {out} --checkpoint {checkpoint} --tokens 6000 --rank 2 "
        "--batch-tokens 400 --decay 0.5 --max-length 32 --device cpu --workers 2".split() + list(options),
    )  # fmt: skip
    train_adapter.main()


@pytest.fixture(scope="module")
def trained(encoder: Path, text: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("adapter") / "adapter"
    with pytest.MonkeyPatch.context() as patch:
        train(patch, encoder, text, out)
    return out


def copied(folder: Path, to: Path) -> Path:
    to.mkdir()
    for name in FILES:
        (to / name).write_bytes((folder / name).read_bytes())
    return to


def test_training_writes_half_precision_files_and_a_finite_perplexity(trained: Path) -> None:
    tensors = load_file(trained / ADAPTER) | load_file(trained / HEAD)
    assert {str(value.dtype) for value in tensors.values()} == {"torch.float16"}
    record = json.loads((trained / "training.json").read_text())
    assert record["tokens"] == 6000 and record["rank"] == 2
    assert 1 < record["held_out_perplexity"] < len(WORDS) + 5


def interrupted_at(patch: pytest.MonkeyPatch, step: int) -> None:
    make_step = AdapterSteps.make_step

    def interrupted(self: AdapterSteps, number: int, chunks: Sequence[Chunk]) -> Step:
        if number == step:
            raise KeyboardInterrupt
        return make_step(self, number, chunks)

    patch.setattr(AdapterSteps, "make_step", interrupted)


@pytest.mark.parametrize("planned", ["6000", "9000"])
def test_an_interrupted_training_ends_with_the_same_bytes(
    encoder: Path, text: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, planned: str
) -> None:
    out = tmp_path / "adapter"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        interrupted_at(patch, 5)
        train(patch, encoder, text, out, "--checkpoint-minutes", "0", "--tokens", planned)
    assert not out.exists()
    train(monkeypatch, encoder, text, out)
    for name in (*FILES, "training.json"):
        assert (out / name).read_bytes() == (trained / name).read_bytes(), name
    assert not (tmp_path / "adapter.pt").exists()


def test_a_training_starts_from_the_mean_of_adapters(
    encoder: Path, text: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = copied(trained, tmp_path / "other")
    tripled = {name: 3 * value for name, value in load_file(trained / ADAPTER).items()}
    save_file(tripled, other / ADAPTER, metadata={"format": "pt"})
    out = tmp_path / "adapter"
    train(monkeypatch, encoder, text, out, "--start", str(trained), str(other), "--tokens", "0")
    for name, value in load_file(trained / ADAPTER).items():
        assert torch.equal(load_file(out / ADAPTER)[name], 2 * value)
    # By value and not by bytes: the mean of two negative zeros is a positive one.
    head, before = load_file(out / HEAD), load_file(trained / HEAD)
    assert list(head) == list(before) and all(torch.equal(head[name], value) for name, value in before.items())
    with pytest.raises(UserError, match="another rank"):
        train(monkeypatch, encoder, text, out, "--start", str(trained), "--rank", "3")


def test_a_checkpoint_of_another_recipe_is_refused(
    encoder: Path, text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        interrupted_at(patch, 12)
        train(patch, encoder, text, tmp_path / "adapter", "--checkpoint-minutes", "0")
    with pytest.raises(UserError, match=r"adapter\.pt.*another recipe"):
        train(monkeypatch, encoder, text, tmp_path / "adapter", "--rank", "3")
    with pytest.raises(UserError, match=r"begun to fall; resume with --tokens 6000"):
        train(monkeypatch, encoder, text, tmp_path / "adapter", "--tokens", "9000")


def test_the_low_rank_layer_has_the_gradients_of_the_sum() -> None:
    torch.manual_seed(6)
    linear = torch.nn.Linear(7, 5)
    layer = AdaptedLinear(linear, rank=2)
    x = torch.randn(3, 4, 7, requires_grad=True)
    with torch.no_grad():
        layer.lora_A.normal_()
        layer.lora_B.normal_()
        layer.weight.copy_(layer.base + layer.lora_B @ layer.lora_A)
    inputs = [x, layer.bias, layer.lora_A, layer.lora_B]
    plain = torch.nn.functional.linear(x, layer.base + layer.lora_B @ layer.lora_A, layer.bias)
    outer = torch.randn_like(plain)
    expected = torch.autograd.grad(plain, inputs, outer)
    found = torch.autograd.grad(layer(x), inputs, outer)
    for ours, theirs in zip(found, expected, strict=True):
        torch.testing.assert_close(ours, theirs)


def test_merged_weights_are_the_base_plus_the_update(encoder: Path, trained: Path) -> None:
    merged = dict(merge(encoder, trained).named_parameters())
    base = dict(BertForMaskedLM.from_pretrained(encoder).named_parameters())
    update, head = load_file(trained / ADAPTER), load_file(trained / HEAD)
    adapted = [name for name in base if f"base_model.model.{name.removesuffix('.weight')}.lora_A.weight" in update]
    assert len(adapted) == 2 * 6  # query, key, value, output and the two of the feed-forward part, in two layers
    for name, value in merged.items():
        if name in adapted:
            stem = f"base_model.model.{name.removesuffix('weight')}lora_"
            a, b = (update[f"{stem}{side}.weight"].float() for side in "AB")
            assert b.abs().max() > 0
            torch.testing.assert_close(value, base[name] + b @ a, rtol=1e-6, atol=1e-7)
        elif name in head:
            assert torch.equal(value, head[name].float()), name
        else:
            assert torch.equal(value, base[name]), name


def test_merging_gives_the_same_bytes_and_a_plain_checkpoint(encoder: Path, trained: Path, tmp_path: Path) -> None:
    tokenizer = BertTokenizerFast.from_pretrained(encoder)
    for number in range(2):
        torch.manual_seed(number)
        save_checkpoint(merge(encoder, trained), tokenizer, tmp_path / str(number))
    files = sorted(path.name for path in (tmp_path / "0").iterdir())
    assert [sha256(tmp_path / "0" / name) for name in files] == [sha256(tmp_path / "1" / name) for name in files]
    model, _ = load_checkpoint(tmp_path / "0")
    assert type(model) is BertForMaskedLM and not any("lora" in name for name in model.state_dict())


@pytest.mark.parametrize("name", FILES)
def test_an_altered_or_missing_file_is_named(encoder: Path, trained: Path, tmp_path: Path, name: str) -> None:
    digests = {file: sha256(trained / file) for file in FILES}
    folder = copied(trained, tmp_path / "copy")
    merge(encoder, folder, digests)
    content = bytearray((folder / name).read_bytes())
    content[-2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(UserError, match=name):
        merge(encoder, folder, digests)
    (folder / name).unlink()
    with pytest.raises(UserError, match=f"{name}: not found"):
        merge(encoder, folder, digests)


def test_an_adapter_of_another_base_is_refused(encoder: Path, trained: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    BertModel(BertConfig.from_pretrained(encoder, hidden_size=20, intermediate_size=28)).save_pretrained(other)
    with pytest.raises(UserError, match="take the base it was trained for"):
        merge(other, trained)


def test_a_head_that_is_incomplete_is_refused(encoder: Path, trained: Path, tmp_path: Path) -> None:
    folder = copied(trained, tmp_path / "copy")
    head = load_file(folder / HEAD)
    del head["cls.predictions.transform.dense.weight"]
    save_file(head, folder / HEAD)
    with pytest.raises(UserError, match=r"head\.safetensors.*transform\.dense"):
        merge(encoder, folder)


def test_whole_blocks_are_held_out_and_nothing_of_them_is_trained_on() -> None:
    rng = np.random.default_rng(3)
    words = [f"w{number}" for number in range(500)]
    lines = [" ".join(rng.choice(words, size=30)) for _ in range(20_000)]
    copies = [f"Here, again: {line.upper()}!" for line in lines[::10]]
    training, held_out = split_blocks(lines + copies)
    apart = {line for block in held_out for line in block}
    assert 0.12 < len(apart) / len(lines + copies) < 0.18
    trained = {line for block in training for line in block}
    assert not trained & apart
    for line, copy in zip(lines[::10], copies, strict=True):
        assert {line, copy} <= trained or {line, copy} & apart
    assert all(block == lines[lines.index(block[0]) :][: len(block)] for block in held_out if block[0] in lines)
    assert split_blocks(lines)[1] == [block for block in held_out if block[0] in lines]


def test_chunks_hold_every_token_of_a_block_once(encoder: Path, text: Path) -> None:
    blocks, _ = split_blocks(read_lines([text]))
    tokens = tokenize(BertTokenizerFast.from_pretrained(encoder), blocks, max_length=32)
    rng = np.random.default_rng(4)
    stop = WORDS.index(".") + 5
    for block in tokens.blocks:
        own = [chunk.ids[1:-1] for chunk in tokens.running_chunks(block, rng)]
        assert np.array_equal(np.concatenate(own), np.concatenate(block))
        assert all(len(ids) == 30 for ids in own[1:-1]) and max(map(len, own)) <= 30
        alone = [chunk.ids[1:-1] for chunk in tokens.sentence_chunks(block, rng)]
        assert len(alone) == len(block)
        for ids, sentence in zip(alone, block, strict=True):
            assert np.array_equal(ids, sentence[: len(ids)]) and sentence[len(ids) :].tolist() in ([], [stop])
    apart = [chunk for block in tokens.blocks for chunk in tokens.sentence_chunks(block, rng)]
    assert 0.75 < np.mean([chunk.ids[-2] != stop for chunk in apart]) < 0.85
    maskable = {closed: [w.ids[w.maskable] for w in apart if (w.ids[-2] == stop) == closed] for closed in (False, True)}
    assert not any(stop in ids for ids in maskable[False])
    assert all(ids[-1] == stop for ids in maskable[True])
    running = [chunk for block in tokens.blocks for chunk in tokens.running_chunks(block, rng)]
    assert all(chunk.maskable[1:-1].all() and not chunk.maskable[[0, -1]].any() for chunk in running)


def test_symbols_are_never_masked_and_punctuation_is(encoder: Path) -> None:
    tokens = tokenize(
        BertTokenizerFast.from_pretrained(encoder), [["the cat & the dog sat , and ran . a cat & a dog ran !"]], 32
    )
    [block] = tokens.blocks
    symbol, comma = WORDS.index("&") + 5, WORDS.index(",") + 5
    rng = np.random.default_rng(2)
    for chunks in (tokens.running_chunks(block, rng), tokens.sentence_chunks(block, rng)):
        assert any(symbol in chunk.ids for chunk in chunks)
        assert not any(symbol in chunk.ids[chunk.maskable] for chunk in chunks)
    assert any(comma in chunk.ids[chunk.maskable] for chunk in tokens.running_chunks(block, rng))


def test_too_little_text_is_refused(encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "few.txt"
    path.write_text("the cat sat .\nthe dog ran .\n")
    with pytest.raises(UserError, match=r"few\.txt.*too little text"):
        train(monkeypatch, encoder, path, tmp_path / "adapter")


def test_text_is_read_clean(tmp_path: Path) -> None:
    plain = tmp_path / "a.txt"
    plain.write_text("Fish &amp;amp; chips\n\n  two   words \nFish & chips\n", encoding="utf-8")
    assert read_lines([plain]) == ["Fish & chips", "two words"]
    broken = tmp_path / "b.txt.gz"
    broken.write_bytes(b"no gzip")
    with pytest.raises(UserError, match=r"b\.txt\.gz"):
        read_lines([broken])
    empty = tmp_path / "c.txt"
    empty.write_text("\n")
    with pytest.raises(UserError, match="no text"):
        read_lines([empty])


def test_sentences_keep_their_fragments() -> None:
    line = "It was late. Very. They went home by the last train! Was it there? It was."
    assert split_sentences(line) == ["It was late. Very.", "They went home by the last train! Was it there? It was."]
    assert " ".join(split_sentences(line)) == line


@pytest.fixture(scope="module")
def base() -> tuple[PreTrainedModel, BertTokenizerFast]:
    """The installed package's encoder with the shipped adapter, as the embedded default takes it."""
    params = load_params(ROOT / "params.yaml").base
    assert isinstance(params, PackageBase) and params.adapter is not None
    spec = importlib.util.find_spec(params.package)
    assert spec is not None and spec.origin is not None
    folder = Path(spec.origin).parent / params.folder
    return merge(folder, ROOT / params.adapter, params.adapter_digests), BertTokenizerFast.from_pretrained(folder)


def top(base: tuple[PreTrainedModel, BertTokenizerFast], sentences: list[str], count: int = 5) -> list[list[str]]:
    found = mask_probabilities(*base, sentences).topk(count).indices
    return [base[1].convert_ids_to_tokens(row) for row in found.tolist()]


def test_base_gives_sensible_words_in_everyday_sentences(base: tuple[PreTrainedModel, BertTokenizerFast]) -> None:
    found = dict(zip(EVERYDAY, top(base, list(EVERYDAY)), strict=True))
    wrong = {sentence: words for sentence, words in found.items() if not set(words) & set(EVERYDAY[sentence].split())}
    assert len(EVERYDAY) == 20
    assert len(EVERYDAY) - len(wrong) >= 14, wrong


def test_the_first_experiments_sentences_get_words(base: tuple[PreTrainedModel, BertTokenizerFast]) -> None:
    sentences = [probe.text for probe in load_probes(ROOT / "brands/nike/probes.yaml") if probe.seed]
    found = dict(zip(sentences, top(base, sentences), strict=True))
    assert len(found) == 5
    assert not [words for words in found.values() if not all(any(map(str.isalnum, word)) for word in words)], found


def test_the_shipped_adapter_is_small_pinned_and_described() -> None:
    params = load_params(ROOT / "params.yaml").base
    assert isinstance(params, PackageBase)
    assert sum((SHIPPED / name).stat().st_size for name in (ADAPTER, HEAD)) <= 2_500_000
    assert params.adapter_digests == {name: sha256(SHIPPED / name) for name in FILES}
    card = (SHIPPED / "README.md").read_text(encoding="utf-8")
    record = json.loads((SHIPPED / "training.json").read_text(encoding="utf-8"))
    assert record["held_out_perplexity"] <= 50  # on the tool's own fixed masks; it was trained on two cores
    assert f"{record['held_out_perplexity']:.1f}" in card
    assert json.loads((SHIPPED / CONFIG).read_text(encoding="utf-8"))["r"] == record["rank"]
    assert "Apache-2.0" in card and "MIT" in card
