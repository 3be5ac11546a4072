"""General text for the adapter's training: read, clean, hold blocks out, cut into chunks of tokens."""

from __future__ import annotations

import gzip
import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, TextIO, cast

import numpy as np
from transformers import PreTrainedTokenizerBase

from brandmlm.core.errors import UserError
from brandmlm.data.corpus import stable_hash
from brandmlm.modeling.batching import by_budget
from brandmlm.modeling.chunks import special_tokens
from brandmlm.modeling.masking import Bools, Ints

HELD_OUT: Final = 0.15  # proportion of blocks
CLOSING: Final = ".!?"
PUNCTUATION: Final = ".,!?;:'\"-()"  # other marks (&, /, *) are never masked: they are no part of a brand's sentences
BARE: Final = 0.8  # proportion of the sentences in chunks of their own that lose their closing punctuation
BLOCK: Final = 32  # lines; neighbours are often of one document, so they are held out together
SHINGLE: Final = 10  # a training line that shares a run of this many words with a held-out one is left out


def open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8"))
    return path.open(encoding="utf-8")


def read_lines(paths: Sequence[Path]) -> list[str]:
    """The distinct non-empty lines of all files, with HTML entities resolved and white space collapsed.

    Raises:
        UserError: a file is not readable, or there is no text.
    """
    lines: dict[str, None] = {}
    for path in paths:
        try:
            with open_text(path) as file:
                # Some sources were escaped twice ("&amp;#10;").
                lines.update((" ".join(html.unescape(html.unescape(line)).split()), None) for line in file)
        except (OSError, EOFError, UnicodeDecodeError) as error:
            raise UserError(f"{path}: not readable UTF-8 text ({error}); give .txt or .txt.gz files") from None
    lines.pop("", None)
    if not lines:
        raise UserError(f"{paths[0]}: no text in it; give files with a paragraph on each line")
    return list(lines)


Block = list[str]  # consecutive lines


def _shingles(line: str) -> set[str]:
    words = re.findall(r"\w+", line.lower())
    return {" ".join(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1))}


def split_blocks(lines: Sequence[str]) -> tuple[list[Block], list[Block]]:
    """Blocks of consecutive lines to train on and blocks held out, by a stable hash of a block's first line.

    No training line shares a run of `SHINGLE` words with a held-out one, whatever their case and punctuation.
    """
    blocks = [list(lines[start : start + BLOCK]) for start in range(0, len(lines), BLOCK)]
    is_held_out = [stable_hash("held out", block[0]) / 2**64 < HELD_OUT for block in blocks]
    held_out = [block for block, out in zip(blocks, is_held_out, strict=True) if out]
    seen = set().union(*(_shingles(line) for block in held_out for line in block))
    training = [
        [line for line in block if seen.isdisjoint(_shingles(line))]
        for block, out in zip(blocks, is_held_out, strict=True)
        if not out
    ]
    return [block for block in training if block], held_out


def split_sentences(line: str) -> list[str]:
    """A paragraph's sentences; a fragment of fewer than four words stays with the sentence before it."""
    out: list[str] = []
    for piece in re.split(r"(?<=[.!?])\s+", line):
        if out and min(len(piece.split()), len(out[-1].split())) < 4:
            out[-1] = f"{out[-1]} {piece}"
        else:
            out.append(piece)
    return out


class Chunk(NamedTuple):
    """A model's input: token ids, special tokens included, and which of them may be masked; both (length,)."""

    ids: Ints
    maskable: Bools


@dataclass(frozen=True)
class Text:
    """The tokens of blocks, sentence by sentence, without special tokens.

    Attributes:
        before, after: special tokens that open and close a chunk.
        room: tokens of a chunk besides these.
        special: all special tokens, the unknown token included; never masked.
        closing: tokens that close a sentence.
        marks: tokens without a letter or digit.
        symbols: those of the marks that are no punctuation.
    """

    blocks: list[list[Ints]]
    before: Ints
    after: Ints
    room: int
    special: Ints
    closing: Ints
    marks: Ints
    symbols: Ints

    @property
    def tokens(self) -> int:
        return sum(len(sentence) for block in self.blocks for sentence in block)

    def chunk(self, tokens: Ints, unmasked: Ints) -> Chunk:
        """A chunk whose special tokens and `unmasked` ones are never masked."""
        ids = np.concatenate([self.before, tokens, self.after])
        return Chunk(ids, np.isin(ids, np.concatenate([self.special, unmasked]), invert=True))

    def running_chunks(self, block: list[Ints], rng: np.random.Generator) -> list[Chunk]:
        """The block as running text, cut into full chunks from a random position on."""
        stream = np.concatenate(block)
        bounds = [0, *range(int(rng.integers(1, self.room + 1)), len(stream), self.room), len(stream)]
        return [self.chunk(stream[a:b], self.symbols) for a, b in itertools.pairwise(bounds)]

    def sentence_chunks(self, block: list[Ints], rng: np.random.Generator) -> list[Chunk]:
        """Each sentence in chunks of its own, most without their closing punctuation.

        In those without, only words are masked; in the others, punctuation too.
        """
        # Probes often miss the full stop: a model that never saw such a sentence, or had to predict its punctuation,
        # fills a mask at the end or beside a name with a full stop.
        out = []
        for sentence, bare in zip(block, rng.random(len(block)) < BARE, strict=True):
            closed = len(sentence) > 1 and bool(np.isin(sentence[-1], self.closing))
            tokens = sentence[:-1] if bare and closed else sentence
            pieces = np.array_split(tokens, -(-len(tokens) // self.room))
            out += [self.chunk(piece, self.marks if bare and closed else self.symbols) for piece in pieces]
        return out


def tokenize(tokenizer: PreTrainedTokenizerBase, blocks: Sequence[Block], max_length: int) -> Text:
    """`max_length`: tokens in a chunk, special tokens included."""
    before, after = special_tokens(tokenizer)
    pieces = [[sentence for line in block for sentence in split_sentences(line)] for block in blocks]
    flat = [sentence for block in pieces for sentence in block]
    ids = tokenizer(flat, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"]
    encoded = iter(ids)
    tokens = [[np.array(next(encoded), dtype=np.int64) for _ in block] for block in pieces]
    filled = [[sentence for sentence in block if len(sentence)] for block in tokens]
    vocabulary = tokenizer.get_vocab()
    marks = {entry: i for entry, i in vocabulary.items() if not any(map(str.isalnum, entry))}
    return Text(
        blocks=[block for block in filled if block],
        before=np.array(before),
        after=np.array(after),
        room=max_length - len(before) - len(after),
        special=np.array(sorted(tokenizer.all_special_ids), dtype=np.int64),
        closing=np.array([vocabulary[mark] for mark in CLOSING if mark in vocabulary], dtype=np.int64),
        marks=np.array(list(marks.values()), dtype=np.int64),
        symbols=np.array([i for entry, i in marks.items() if entry not in PUNCTUATION], dtype=np.int64),
    )


def make_batches(text: Text, sentences: float, batch_tokens: int, seed: int) -> Iterator[list[Chunk]]:
    """Batches without end, of chunks of similar length (little padding) in random order.

    Each epoch draws which blocks, a proportion `sentences` of them, come as sentences and which as running text.
    """
    epoch = 0
    while True:
        rng = np.random.default_rng([seed, epoch])
        as_sentences = rng.random(len(text.blocks)) < sentences
        pool = [
            chunk
            for block, apart in zip(text.blocks, as_sentences, strict=True)
            for chunk in (text.sentence_chunks if apart else text.running_chunks)(block, rng)
        ]
        lengths = np.array([len(chunk.ids) for chunk in pool])
        shuffled = rng.permutation(len(pool))
        order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
        batches = by_budget(order, lengths, batch_tokens, padded=False)
        for number in rng.permutation(len(batches)):
            yield [pool[index] for index in batches[number]]
        epoch += 1
