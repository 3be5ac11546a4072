"""Tokens as text: cases, marks and masks that no common family has; the common ones are in test_families.py."""

from __future__ import annotations

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from brandmlm.modeling.inference import MaskCountError, encode_masked, mask_probabilities
from brandmlm.modeling.vocabulary import Vocabulary, single_tokens, token_verdicts, warn_of_split_words

SPECIAL = {"unk_token": "<unk>", "pad_token": "<pad>", "mask_token": "<mask>"}


def byte_level(*tokens: str, mask: str = "<mask>") -> PreTrainedTokenizerFast:
    """A byte-level vocabulary whose mask does not take the blank before it, unlike those that are published."""
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    names = ["<unk>", "<pad>", mask, *letters]
    merges: list[tuple[str, str]] = []
    for token in tokens:
        for end in range(2, len(token) + 1):
            if token[:end] not in names:
                names.append(token[:end])
                merges.append((token[: end - 1], token[end - 1]))
    tokenizer = Tokenizer(models.BPE(vocab={name: n for n, name in enumerate(names)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, **SPECIAL | {"mask_token": mask})


def test_the_same_word_in_two_cases_is_one_word() -> None:
    tokenizer = byte_level("Ġsoft", "ĠSoft", "soft", "Ġhard")
    vocabulary = Vocabulary(tokenizer)
    assert vocabulary.cased and not vocabulary.marks_first_word
    forms = {vocabulary.form(i) for i in single_tokens(tokenizer, ["soft"])}
    assert forms == {"soft", "Soft"}
    assert [vocabulary.form(i) for i in vocabulary.mask_ids("Soft")] == ["Soft"]
    assert [vocabulary.form(i) for i in vocabulary.mask_ids("Hard")] == ["hard"]
    verdicts = token_verdicts(vocabulary, lambda form: "wanted" if form.lower() == "soft" else "other")
    wanted = [name for name, i in tokenizer.get_vocab().items() if verdicts[i] == "wanted"]
    assert sorted(wanted) == ["ĠSoft", "Ġsoft"]
    opening = token_verdicts(vocabulary, lambda form: "wanted" if form.lower() == "soft" else "other", first=True)
    wanted = [name for name, i in tokenizer.get_vocab().items() if opening[i] == "wanted"]
    assert sorted(wanted) == ["soft", "ĠSoft", "Ġsoft"]


def test_forms_are_readable_and_only_pieces_of_words_are_marked() -> None:
    tokenizer = byte_level("Ġsoft", "soft", "Ġ,")
    vocabulary = Vocabulary(tokenizer)
    names = ["Ġsoft", "soft", ",", "Ġ,", "Ġ", "Ċ", "Ã", "<mask>", "7"]
    forms = [vocabulary.form(i) for i in tokenizer.convert_tokens_to_ids(names)]
    assert forms == ["soft", "##soft", ",", ",", "␣", "Ċ", "Ã", "<mask>", "##7"]
    assert vocabulary.form(len(tokenizer) + 5) == f"[{len(tokenizer) + 5}]"


def test_an_end_of_word_suffix_is_a_mark_too() -> None:
    names = ["<unk>", "<pad>", "<mask>", "s", "o", "s</w>", "o</w>", "so</w>"]
    model = models.BPE(
        vocab={name: n for n, name in enumerate(names)}, merges=[("s", "o</w>")], end_of_word_suffix="</w>"
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.decoder = decoders.BPEDecoder("</w>")
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, **SPECIAL)
    vocabulary = Vocabulary(fast)
    assert vocabulary.forms() == ["<unk>", "<pad>", "<mask>", "##s", "##o", "s", "o", "so"]
    assert not vocabulary.cased and vocabulary.marks_first_word
    assert single_tokens(fast, ["So", "oso"]) == [7]


@pytest.mark.parametrize(("mask", "text"), [("<mask>", "it is [MASK] now"), ("mask", "a mask is [MASK] for you")])
def test_a_mask_takes_the_blank_before_it_and_may_be_a_word(mask: str, text: str) -> None:
    tokenizer = byte_level("Ġsoft", "Ġis", mask=mask)
    ids, position = encode_masked(tokenizer, text)
    assert ids[position] == tokenizer.mask_token_id
    assert tokenizer.decode(ids[:position]) == text.partition(" [MASK]")[0]
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8
    )
    model = BertForMaskedLM(config).eval()
    with torch.no_grad():
        expected = model(torch.tensor(ids[None])).logits[0, position].softmax(-1)
    assert torch.allclose(mask_probabilities(model, tokenizer, [text])[0], expected, atol=1e-6)
    for wrong in (f"{text} [MASK]", "it is now"):
        with pytest.raises(MaskCountError, match="exactly one"):
            encode_masked(tokenizer, wrong)


def test_words_whose_marks_are_not_understood_are_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    tokenizer = byte_level("Ġsoft", "Ġhard")
    warn_of_split_words(tokenizer, ["soft", "rigid"], "lexicon.yaml")
    assert capsys.readouterr().err == ""
    tokenizer.backend_tokenizer.decoder = decoders.Fuse()  # the blanks of words are no longer decoded
    warn_of_split_words(tokenizer, ["soft", "hard"], "lexicon.yaml")
    said = capsys.readouterr().err
    assert said.startswith("warning: lexicon.yaml: only 0 of 2 words") and said.count("\n") == 1
