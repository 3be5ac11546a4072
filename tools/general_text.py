"""Text for the adapter's training: read, cleaned, dealt into training and held-out lines, cut into token windows."""

from __future__ import annotations

import gzip
import html
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, cast

import numpy as np
from transformers import PreTrainedTokenizerBase

from stages.batches import by_budget, frame
from stages.cli import UserError
from stages.corpus import stable_hash
from stages.masking import Ints

HELD_OUT: Final = 0.15  # share of lines
CLOSING: Final = ".!?"
SHINGLE: Final = 10  # lines that share a run of this many words stand on one side


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


def sides(lines: Sequence[str], share: float = HELD_OUT) -> list[bool]:
    """Whether each line is held out. Lines that share a run of `SHINGLE` words (letter case and punctuation aside)
    form a group; a group's side is a stable hash of its first line."""
    parent = list(range(len(lines)))

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    first: dict[int, int] = {}
    for index, line in enumerate(lines):
        words = re.findall(r"\w+", line.lower())
        for start in range(max(1, len(words) - SHINGLE + 1)):
            # Python's hash of a string differs between processes, but only equality within this one matters.
            other = root(first.setdefault(hash(" ".join(words[start : start + SHINGLE])), index))
            mine = root(index)
            parent[max(mine, other)] = min(mine, other)
    return [stable_hash("held out", lines[root(index)]) / 2**64 < share for index in range(len(lines))]


def split_sentences(line: str) -> list[str]:
    """A paragraph's sentences; fragments of fewer than four words stay with the sentence before them."""
    out: list[str] = []
    for piece in re.split(r"(?<=[.!?])\s+", line):
        if out and min(len(piece.split()), len(out[-1].split())) < 4:
            out[-1] = f"{out[-1]} {piece}"
        else:
            out.append(piece)
    return out


@dataclass(frozen=True)
class Text:
    """Token windows of the training lines, special tokens at both ends included, in two forms: of whole lines and of
    their sentences. `*_row[w]` is the line that window w is cut from."""

    paragraphs: list[Ints]
    paragraph_row: Ints
    sentences: list[Ints]
    sentence_row: Ints
    lines: int
    closing: tuple[int, ...]  # tokens that close a sentence


def tokenise(tokenizer: PreTrainedTokenizerBase, lines: Sequence[str], max_length: int) -> Text:
    """Windows of at most `max_length` tokens; a long line's or sentence's windows are of even length."""
    before, after = frame(tokenizer)
    room = max_length - len(before) - len(after)

    def windows(tokens: list[int]) -> list[Ints]:
        pieces = -(-len(tokens) // room)
        bounds = [int(bound) for bound in np.linspace(0, len(tokens), pieces + 1)]
        return [np.array([*before, *tokens[a:b], *after]) for a, b in itertools.pairwise(bounds)]

    pieces = [split_sentences(line) for line in lines]
    flat = [sentence for line in pieces for sentence in line]
    encoded = iter(tokenizer(flat, add_special_tokens=False, split_special_tokens=True, verbose=False)["input_ids"])
    whole: list[tuple[int, Ints]] = []
    split: list[tuple[int, Ints]] = []
    for row, line in enumerate(pieces):
        parts = [next(encoded) for _ in line]
        whole += [(row, ids) for ids in windows([token for part in parts for token in part])]
        split += [(row, ids) for part in parts for ids in windows(part)]
    return Text(
        [ids for _, ids in whole], np.array([row for row, _ in whole]),
        [ids for _, ids in split], np.array([row for row, _ in split]), len(lines),
        tuple(tokenizer.get_vocab().get(mark, -1) for mark in CLOSING),
    )  # fmt: skip


def without_close(ids: Ints, closing: Sequence[int]) -> Ints:
    """A window without the punctuation before its last special token."""
    return np.delete(ids, -2) if len(ids) > 3 and int(ids[-2]) in closing else ids


def batches(text: Text, sentences: float, batch_tokens: int, seed: int) -> Iterator[list[Ints]]:
    """Batches without end: every epoch decides anew which lines (a share `sentences`) come cut into sentences and which
    whole, and deals the windows into batches of like length (little padding), in random order. Every other sentence
    comes without its closing punctuation."""
    epoch = 0
    while True:
        rng = np.random.default_rng([seed, epoch])
        as_sentences = rng.random(text.lines) < sentences
        pool = [ids for ids, row in zip(text.paragraphs, text.paragraph_row, strict=True) if not as_sentences[row]]
        short = [ids for ids, row in zip(text.sentences, text.sentence_row, strict=True) if as_sentences[row]]
        # Probes often lack the full stop: a model that never saw such a sentence puts one into a mask at the end.
        bare = rng.random(len(short)) < 0.5
        pool += [without_close(ids, text.closing) if drop else ids for ids, drop in zip(short, bare, strict=True)]
        lengths = np.array([len(ids) for ids in pool])
        shuffled = rng.permutation(len(pool))
        order = shuffled[np.argsort(lengths[shuffled], kind="stable")]
        dealt = by_budget(order, lengths, batch_tokens, padded=False)
        for number in rng.permutation(len(dealt)):
            yield [pool[index] for index in dealt[number]]
        epoch += 1
