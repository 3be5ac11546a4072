"""Draw labelled sentences from a brand's frames and words."""

from __future__ import annotations

import math
import random
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.templates import Frame, Templates
from brandmlm.config.params.synthesize import Synthesize
from brandmlm.core.errors import UserError
from brandmlm.data.corpus import LABELS, make_corpus
from brandmlm.data.templates import ABOUT, Filler, Filling, normal, probe_test


def permute(size: int, rng: random.Random) -> Iterator[int]:
    """The numbers below `size` in random order, in memory that grows with the numbers taken only."""
    moved: dict[int, int] = {}
    for place in range(size):
        drawn = rng.randrange(place, size)
        yield moved.get(drawn, drawn)
        moved[drawn] = moved.pop(place, place)


@dataclass(frozen=True)
class Sentence:
    text: str
    group: str
    label: str
    word: str
    about: str


@dataclass
class FrameSampler:
    """The sentences of one frame about one kind of brand with one label, in the order in which they are drawn."""

    filler: Filler
    frame: Frame
    about: str
    label: str
    seed: int
    left: list[str] = field(init=False)  # words with sentences left, in an order of this source's own
    taken: Counter[str] = field(init=False, default_factory=Counter)
    _drawn: dict[str, Iterator[Sentence]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.left = list(self.filler.words[self.label])
        self._rng("").shuffle(self.left)

    def _rng(self, word: str) -> random.Random:
        # Seeded by a string, which Python hashes with SHA-512: the same in every process. Streams of their own keep
        # a frame's order of fillings when other frames come or go.
        return random.Random("\x1f".join((str(self.seed), self.frame.id, self.about, self.label, word)))

    def _sentences(self, word: str) -> Iterator[Sentence]:
        choices = self.filler.choices(self.frame, self.about, self.label, word)
        for number in permute(math.prod(map(len, choices)), self._rng(word)):
            filling: Filling = {}
            for options in choices:
                number, place = divmod(number, len(options))
                filling |= options[place]
            text = self.filler.fill(self.frame, filling)
            yield Sentence(text, self.frame.group, self.label, word, self.about)

    def size(self) -> int:
        """How many fillings there are."""
        return sum(
            math.prod(map(len, self.filler.choices(self.frame, self.about, self.label, word)))
            for word in self.filler.words[self.label]
        )

    def draw(self, used: Counter[str]) -> Sentence | None:
        """The next sentence, with the word that is used least so far; None when none is left."""
        while self.left:
            word = min(self.left, key=lambda word: (used[word], self.taken[word]))
            if word not in self._drawn:
                self._drawn[word] = self._sentences(word)
            sentence = next(self._drawn[word], None)
            if sentence:
                self.taken[word] += 1
                return sentence
            self.left.remove(word)
        return None


def check_label_shares(params: Synthesize) -> None:
    """Raise UserError where the shares of labels make more than the whole."""
    if params.wanted_share + params.unwanted_share > 1 + 1e-9:
        raise UserError(
            f"params.yaml: synthesize.wanted_share ({params.wanted_share}) and synthesize.unwanted_share "
            f"({params.unwanted_share}) make more than 1 together; lower one"
        )


def quotas(params: Synthesize) -> dict[tuple[bool, str], int]:
    """How many sentences are asked for, by (about our brand, label); zeros included.

    Brand and label shares hold over all sentences up to rounding, and the brand's share within each label likewise.
    """
    total = params.sentences
    wanted = round(total * params.wanted_share)
    unwanted = min(round(total * params.unwanted_share), total - wanted)
    by_label = {"wanted": wanted, "unwanted": unwanted, "neutral": total - wanted - unwanted}
    brand = round(total * params.brand_share)
    # Largest remainders: whole numbers that sum up, none further than one from its exact share.
    exact = {label: brand * count / total for label, count in by_label.items()}
    ours = {label: int(share) for label, share in exact.items()}
    by_remainder = sorted(LABELS, key=lambda label: ours[label] - exact[label])
    for label in by_remainder[: brand - sum(ours.values())]:
        ours[label] += 1
    made = {(True, label): ours[label] for label in LABELS}
    return made | {(False, label): by_label[label] - ours[label] for label in LABELS}


@dataclass(frozen=True)
class Sample:
    sentences: list[Sentence]
    space: int  # fillings of all frames
    equal_to_probe: int  # drawn, but equal to a probe with its mask filled, and so replaced by others


def synthesize(lexicon: Lexicon, templates: Templates, probes: Sequence[str], params: Synthesize, path: Path) -> Sample:
    """Sentences in the numbers and shares asked for, each text once; `path` is the templates' file, for messages.

    Neither the order of frames nor that of words in their files matters. Raises UserError where a frame cannot be
    filled or the space is too small.
    """
    check_label_shares(params)
    filler = Filler(lexicon, templates, path)
    sources = [
        FrameSampler(filler, frame, about, label, params.seed)
        for frame in sorted(templates.frames, key=lambda frame: frame.id)
        for about in filler.abouts(frame)
        for label in filler.labels(frame)
    ]
    is_probe = probe_test(probes, lexicon)
    seen: set[str] = set()
    sentences: list[Sentence] = []
    equal_to_probe = 0
    with tqdm(total=params.sentences, desc="synthesize", unit=" sentences", delay=2, leave=False) as bar:
        for (ours, label), count in quotas(params).items():
            turns = deque(source for source in sources if source.label == label and (source.about == "brand") == ours)
            used: Counter[str] = Counter()
            made = 0
            while made < count and turns:
                source = turns.popleft()
                sentence = source.draw(used)
                if sentence is None:
                    continue
                if sentence.text in seen:
                    turns.appendleft(source)
                    continue
                seen.add(sentence.text)
                if is_probe(normal(sentence.text)):
                    equal_to_probe += 1
                    turns.appendleft(source)
                    continue
                sentences.append(sentence)
                used[sentence.word] += 1
                made += 1
                turns.append(source)
                bar.update()
            if made < count:
                whose = "about our brand" if ours else "about other brands or none"
                most = params.sentences * made // count
                lower = f"lower synthesize.sentences to {most:,}" if most else f"set the share of {label} ones to 0"
                raise UserError(
                    f"{path}: templates and lexicon give {made:,} {label} sentences {whose}, and {count:,} are asked "
                    f"for; {lower} in params.yaml, change synthesize.brand_share, or add frames and words"
                )
    return Sample(sentences, sum(source.size() for source in sources), equal_to_probe)


def corpus_of(sentences: Sequence[Sentence]) -> pd.DataFrame:
    """The corpus table with the further columns `word` and `about`."""
    columns = ["text", "group", "label", "word", "about"]
    table = pd.DataFrame([[getattr(sentence, name) for name in columns] for sentence in sentences], columns=columns)
    table["source"], table["rating"] = "synthetic", None
    return make_corpus(table.astype({"word": "string", "about": "string"}))


def count(sample: Sample, frames: int) -> dict[str, Any]:
    """What `counts.json` holds."""
    labels = Counter(sentence.label for sentence in sample.sentences)
    about = Counter(sentence.about for sentence in sample.sentences)
    return {
        "space": sample.space,
        "sentences": len(sample.sentences),
        "equal_to_probe": sample.equal_to_probe,
        "labels": {label: labels[label] for label in LABELS},
        "about": {whose: about[whose] for whose in ABOUT},
        "frames": frames,
        "groups": len({sentence.group for sentence in sample.sentences}),
    }
