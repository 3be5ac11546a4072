"""Text for the adapter's training: read, cleaned, dealt into training and held-out blocks, cut into token windows."""

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

HELD_OUT: Final = 0.15  # share of blocks
CLOSING: Final = ".!?"
PUNCTUATION: Final = ".,!?;:'\"-()"  # other marks (&, /, *) are never asked for: of a brand's sentence they are no part
BARE: Final = 0.8  # share of the sentences in windows of their own that lose their closing punctuation
BLOCK: Final = 32  # lines; neighbours are often of one document and stand on one side
SHINGLE: Final = 10  # a training line that shares a run of this many words with a held-out one is left out


def open_text(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return cast(TextIO, gzip.open(path, "rt", encoding="utf-8"))
    return path.open(encoding="utf-8")


def read_lines(paths: Sequence[Path]) -> list[str]:
    """The distinct non-empty lines of all files: HTML entities resolved, white space collapsed."""
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


def _runs(line: str) -> set[str]:
    words = re.findall(r"\w+", line.lower())
    return {" ".join(words[start : start + SHINGLE]) for start in range(max(1, len(words) - SHINGLE + 1))}


def sides(lines: Sequence[str]) -> tuple[list[Block], list[Block]]:
    """Blocks of consecutive lines for training and held out of it (a stable hash of a block's first line says which).

    No training line shares a run of `SHINGLE` words (letter case and punctuation aside) with a held-out one.
    """
    blocks = [list(lines[start : start + BLOCK]) for start in range(0, len(lines), BLOCK)]
    out = [stable_hash("held out", block[0]) / 2**64 < HELD_OUT for block in blocks]
    held_out = [block for block, apart in zip(blocks, out, strict=True) if apart]
    seen = set().union(*(_runs(line) for block in held_out for line in block))
    training = [
        [line for line in block if seen.isdisjoint(_runs(line))]
        for block, apart in zip(blocks, out, strict=True)
        if not apart
    ]
    return [block for block in training if block], held_out


def split_sentences(line: str) -> list[str]:
    """A paragraph's sentences; fragments of fewer than four words stay with the sentence before them."""
    out: list[str] = []
    for piece in re.split(r"(?<=[.!?])\s+", line):
        if out and min(len(piece.split()), len(out[-1].split())) < 4:
            out[-1] = f"{out[-1]} {piece}"
        else:
            out.append(piece)
    return out


class Window(NamedTuple):
    """A model's input, special tokens included: token ids, and which of them training may ask for."""

    ids: Ints
    askable: Bools


@dataclass(frozen=True)
class Text:
    """The training blocks' tokens, sentence by sentence, without special tokens."""

    blocks: list[list[Ints]]
    before: Ints  # special tokens that open and close a window
    after: Ints
    room: int  # own tokens that a window holds
    special: Ints  # all special tokens: never asked for, the unknown token among them
    closing: Ints  # tokens that close a sentence
    marks: Ints  # tokens without a letter or digit
    symbols: Ints  # those of them that are no punctuation

    @property
    def tokens(self) -> int:
        return sum(len(sentence) for block in self.blocks for sentence in block)

    def chunk(self, tokens: Ints, avoided: Ints) -> Window:
        ids = np.concatenate([self.before, tokens, self.after])
        return Window(ids, np.isin(ids, np.concatenate([self.special, avoided]), invert=True))

    def running(self, block: list[Ints], rng: np.random.Generator) -> list[Window]:
        """The block as running text, cut into full windows from a random place on."""
        stream = np.concatenate(block)
        bounds = [0, *range(int(rng.integers(1, self.room + 1)), len(stream), self.room), len(stream)]
        return [self.chunk(stream[a:b], self.symbols) for a, b in itertools.pairwise(bounds)]

    def apart(self, block: list[Ints], rng: np.random.Generator) -> list[Window]:
        """Each sentence in windows of its own, most without their closing punctuation.

        Those are asked for words alone, the others for their marks, too.
        """
        # Probes often lack the full stop: a model that never saw such a sentence, or was asked for its marks, puts
        # one into a mask at the end or beside a name.
        out = []
        for sentence, bare in zip(block, rng.random(len(block)) < BARE, strict=True):
            closed = len(sentence) > 1 and bool(np.isin(sentence[-1], self.closing))
            tokens = sentence[:-1] if bare and closed else sentence
            pieces = np.array_split(tokens, -(-len(tokens) // self.room))
            out += [self.chunk(piece, self.marks if bare and closed else self.symbols) for piece in pieces]
        return out


def tokenise(tokenizer: PreTrainedTokenizerBase, blocks: Sequence[Block], max_length: int) -> Text:
    """`max_length`: tokens in a window, special tokens included."""
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
        [block for block in filled if block], np.array(before), np.array(after), max_length - len(before) - len(after),
        np.array(sorted(tokenizer.all_special_ids), dtype=np.int64),
        np.array([vocabulary[mark] for mark in CLOSING if mark in vocabulary], dtype=np.int64),
        np.array(list(marks.values()), dtype=np.int64),
        np.array([i for entry, i in marks.items() if entry not in PUNCTUATION], dtype=np.int64),
    )  # fmt: skip


def batches(text: Text, sentences: float, batch_tokens: int, seed: int) -> Iterator[list[Window]]:
    """Batches without end: every epoch decides anew which blocks (a share `sentences`) come cut into sentences and
    which as running text, and deals the windows into batches of like length (little padding), in random order."""
    epoch = 0
    while True:
        rng = np.random.default_rng([seed, epoch])
        cut = rng.random(len(text.blocks)) < sentences
        pool = [
            chunk
            for block, as_sentences in zip(text.blocks, cut, strict=True)
            for chunk in (text.apart if as_sentences else text.running)(block, rng)
        ]
        lengths = np.array([len(chunk.ids) for chunk in pool])
        shuffled = rng.permutation(len(pool))
        order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
        dealt = by_budget(order, lengths, batch_tokens, padded=False)
        for number in rng.permutation(len(dealt)):
            yield [pool[index] for index in dealt[number]]
        epoch += 1
