"""The words of a model's vocabulary, whatever marks its tokenizer puts on tokens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt
from transformers import PreTrainedTokenizerBase

from brandmlm.config.brand.fields import CONTINUATION, MASK

MIN_SINGLE_TOKENS: Final = 0.5  # share of a lexicon's words below which a warning is due

_ANCHOR: Final = "a"  # a token to decode another one after
_BLANK: Final = "␣"
_NO_TEXT: Final = "\ufffd"  # decoded bytes that are part of a character only


class Vocabulary:
    """The tokens of a tokenizer as text.

    Tokenizers mark either the tokens that continue a word (WordPiece: `##ing`) or those that start one (byte-level BPE:
    `Ġgood`, SentencePiece: `▁good`). A token's form is the same for all of them: a word without any mark, or a
    continuation with `CONTINUATION` before it.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase) -> None:
        self.tokenizer = tokenizer
        self._backend = getattr(tokenizer, "backend_tokenizer", None)
        model = getattr(self._backend, "model", None)
        self._prefix = getattr(model, "continuing_subword_prefix", None) or ""
        self._suffix = getattr(model, "end_of_word_suffix", None) or ""
        self._size = len(tokenizer)
        self._forms: dict[tuple[int, bool], str] = {}  # an evaluation asks for the same tokens hundreds of times

    @cached_property
    def cased(self) -> bool:
        """Whether upper and lower case are different tokens."""
        normalizer = getattr(self._backend, "normalizer", None)
        return normalizer is None or "A" in normalizer.normalize_str("A")

    @cached_property
    def marks_first_word(self) -> bool:
        """Whether the first word of a text has the same tokens as inside a sentence; not so for RoBERTa."""
        return self._encode(_ANCHOR) == self._encode(f" {_ANCHOR}")

    def form(self, token_id: int, first: bool = False) -> str:
        """A token as it is judged and shown; `first`: it begins the text.

        Special tokens, punctuation and bytes that are no text carry no mark.
        """
        known = self._forms.get((token_id, first))
        if known is None:
            known = self._forms[token_id, first] = self._make_form(token_id, first)
        return known

    def _make_form(self, token_id: int, first: bool) -> str:
        if token_id >= self._size:  # a model may have more embeddings than its tokenizer has tokens
            return f"[{token_id}]"
        token = str(self.tokenizer.convert_ids_to_tokens(token_id))
        if self._prefix:
            return CONTINUATION + token.removeprefix(self._prefix) if token.startswith(self._prefix) else token
        if self._suffix:
            text, continues = token.removesuffix(self._suffix), not token.endswith(self._suffix)
        else:
            decoded = self.tokenizer.convert_tokens_to_string([_ANCHOR, token]).removeprefix(_ANCHOR)
            text = decoded.strip(" ") or _BLANK
            continues = not decoded.startswith(" ")
        if not text.isprintable() or _NO_TEXT in text:
            return token
        return CONTINUATION + text if continues and text[0].isalnum() and not self._unmarked(first) else text

    def forms(self, first: bool = False) -> list[str]:
        """The forms of all tokens, by id."""
        return [self.form(token_id, first) for token_id in range(self._size)]

    def mask_ids(self, word: str, first: bool = False) -> list[int]:
        """The single tokens that fill a mask with a word: in the given case, else in another; or none.

        Args:
            first: the mask begins its sentence.
        """
        leads = ("", " ") if self._unmarked(first) else (" ",)
        for spelling in self.spellings(word) if word.strip() else ():
            encoded = [self._encode(lead + spelling) for lead in leads]
            if found := [ids[0] for ids in encoded if self._is_single(ids)]:
                return found
        return []

    def token_ids(self, words: Iterable[str]) -> list[int]:
        """Sorted ids of the words that are a single token inside a sentence; both spellings of a cased vocabulary."""
        texts = [f" {spelling}" for word in words for spelling in self.spellings(word)]
        encoded = self.tokenizer(texts, add_special_tokens=False)["input_ids"] if texts else []
        return sorted({int(ids[0]) for ids in encoded if self._is_single(ids)})

    def pieces(self, word: str) -> list[str]:
        """The forms of a word's tokens inside a sentence."""
        return [self.form(token_id) for token_id in self._encode(f" {word}")]

    def spellings(self, word: str) -> list[str]:
        """The word as given and, in a cased vocabulary, in lower case and with a capital."""
        return list(dict.fromkeys([word, word.lower(), word[:1].upper() + word[1:]])) if self.cased else [word]

    def holds(self, word: str) -> bool:
        """Whether a single token fills a mask with a word and is read as one."""
        return any(not self.form(token_id).startswith(CONTINUATION) for token_id in self.token_ids([word]))

    def opens_with_mask(self, sentence: str) -> bool:
        """Whether a sentence's mask is its first word."""
        return sentence.lstrip().startswith((MASK, str(self.tokenizer.mask_token)))

    def _unmarked(self, first: bool) -> bool:
        return first and not self.marks_first_word

    def _encode(self, text: str) -> list[int]:
        return list(self.tokenizer(text, add_special_tokens=False)["input_ids"])

    def _is_single(self, ids: Sequence[int]) -> bool:
        return len(ids) == 1 and ids[0] != self.tokenizer.unk_token_id


def single_tokens(tokenizer: PreTrainedTokenizerBase, words: Sequence[str]) -> list[int]:
    """Sorted vocabulary ids of the words that are a single token, the only ones that can fill a mask."""
    return Vocabulary(tokenizer).token_ids(words)


def token_verdicts(
    vocabulary: Vocabulary, verdict_of: Callable[[str], str], first: bool = False
) -> npt.NDArray[np.str_]:
    """The verdict on every token: str, shape (vocabulary,); `first`: as the first word of a text."""
    return np.array([verdict_of(form) for form in vocabulary.forms(first)])


def warn_of_split_words(tokenizer: PreTrainedTokenizerBase, words: Sequence[str], source: str) -> None:
    """Warn on standard error if fewer than half of the words are a single token.

    Args:
        words: at least one.
        source: where the words come from, for the message.
    """
    vocabulary = Vocabulary(tokenizer)
    count = sum(map(vocabulary.holds, words))
    if count < MIN_SINGLE_TOKENS * len(words):
        print(
            f"warning: {source}: only {count} of {len(words)} words are a single token of this base; a mask holds one "
            "token, so the others are never predicted or counted; list more common words or take another base",
            file=sys.stderr,
            flush=True,
        )
