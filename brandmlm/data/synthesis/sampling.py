"""Draw labelled sentences from a brand's frames, without replacement.

The space of fillings is never enumerated: for each frame, brand and word, the remaining fillings are permuted lazily
(Fisher-Yates). Frames take turns, and each draws the word that was used least so far.
"""

from __future__ import annotations

import itertools
import math
import random
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.templates import Frame, Templates
from brandmlm.config.params.synthesize import Synthesize
from brandmlm.core.errors import UserError
from brandmlm.core.progress import progress_counter
from brandmlm.data.synthesis.filling import Filler, Filling
from brandmlm.data.synthesis.frame_checks import check_frames
from brandmlm.data.synthesis.probe_overlap import normalise, probe_matcher
from brandmlm.data.synthesis.quotas import check_label_shares, quotas


def permute(size: int, rng: random.Random) -> Iterator[int]:
    """Yield the numbers below `size` in random order; memory grows only with the numbers drawn."""
    moved: dict[int, int] = {}
    for place in range(size):
        drawn = rng.randrange(place, size)
        yield moved.get(drawn, drawn)
        moved[drawn] = moved.pop(place, place)


@dataclass(frozen=True)
class Sentence:
    """A sentence, the group of its frame, its label and labelled word, whose products it is about, and its polarity
    (`claim` or `denial`)."""

    text: str
    group: str
    label: str
    word: str
    about: str
    polarity: str


@dataclass
class FrameSampler:
    """Draws the sentences of one frame with one label about one kind of brand."""

    filler: Filler
    frame: Frame
    about: str
    label: str
    seed: int
    remaining: list[str] = field(init=False)  # words that have sentences left, in this sampler's own order
    drawn: Counter[str] = field(init=False, default_factory=Counter)  # sentences by word
    _sentences: dict[str, Iterator[Sentence]] = field(init=False, default_factory=dict)  # by word

    def __post_init__(self) -> None:
        self.remaining = list(self.filler.words[self.label])
        self._rng("").shuffle(self.remaining)

    def _rng(self, word: str) -> random.Random:
        # Seeded with a string, which Python hashes with SHA-512: the same in every process. Each sampler and word has
        # its own stream, so that the order of a frame's fillings does not depend on other frames.
        return random.Random("\x1f".join((str(self.seed), self.frame.id, self.about, self.label, word)))

    def _permute_sentences(self, word: str) -> Iterator[Sentence]:
        choices = self.filler.choices(self.frame, self.about, self.label, word)
        polarity = "denial" if self.frame.denies else "claim"
        for number in permute(math.prod(map(len, choices)), self._rng(word)):
            filling: Filling = {}
            for options in choices:
                number, place = divmod(number, len(options))
                filling |= options[place]
            text = self.filler.fill(self.frame, filling)
            yield Sentence(text, self.frame.group, self.label, word, self.about, polarity)

    def size(self) -> int:
        """The number of fillings."""
        return sum(
            math.prod(map(len, self.filler.choices(self.frame, self.about, self.label, word)))
            for word in self.filler.words[self.label]
        )

    def draw(self, used: Counter[str]) -> Sentence | None:
        """Draw a sentence with the word that was used least so far; None if none is left."""
        while self.remaining:
            word = min(self.remaining, key=lambda word: (used[word], self.drawn[word]))
            if word not in self._sentences:
                self._sentences[word] = self._permute_sentences(word)
            sentence = next(self._sentences[word], None)
            if sentence:
                self.drawn[word] += 1
                return sentence
            self.remaining.remove(word)
        return None


def _take_turns(samplers: Iterable[FrameSampler], accept: Callable[[Sentence], bool]) -> Iterator[Sentence]:
    """Draw from samplers in turn until all are exhausted; a sampler whose sentence is refused draws again."""
    turns = deque(samplers)
    used: Counter[str] = Counter()
    while turns:
        sampler = turns.popleft()
        sentence = sampler.draw(used)
        while sentence and not accept(sentence):
            sentence = sampler.draw(used)
        if sentence:
            used[sentence.word] += 1
            turns.append(sampler)
            yield sentence


@dataclass(frozen=True)
class Sample:
    """The sentences that were drawn."""

    sentences: list[Sentence]
    space: int  # fillings of all frames
    equal_to_probe: int  # sentences that were replaced by others because they equal a probe


def synthesize(lexicon: Lexicon, templates: Templates, probes: Sequence[str], params: Synthesize, path: Path) -> Sample:
    """Draw sentences in the requested numbers and shares, each text once.

    The order of frames and words in their files does not matter.

    Args:
        lexicon: The brand's words.
        templates: The brand's frames.
        probes: Sentences with a mask; no drawn sentence equals one of them, whatever fills its mask.
        params: How many sentences to draw, and their shares.
        path: The templates' file; messages begin with it.

    Raises:
        UserError: A frame cannot be filled, or the frames have too few fillings.
    """
    check_label_shares(params)
    check_frames(lexicon, templates, path)
    filler = Filler(lexicon, templates)
    samplers = [
        FrameSampler(filler, frame, about, label, params.seed)
        for frame in sorted(templates.all_frames, key=lambda frame: frame.id)
        for about in filler.abouts(frame)
        for label in filler.labels(frame)
    ]
    is_probe = probe_matcher(probes, lexicon)
    seen: set[str] = set()
    probes_seen: set[str] = set()

    def accept(sentence: Sentence) -> bool:
        if sentence.text in seen:
            return False
        seen.add(sentence.text)
        if is_probe(normalise(sentence.text)):
            probes_seen.add(sentence.text)
            return False
        return True

    sentences: list[Sentence] = []
    with progress_counter("synthesize", params.sentences, "sentence") as bar:
        for (ours, label), count in quotas(params).items():
            group = [sampler for sampler in samplers if sampler.label == label and (sampler.about == "brand") == ours]
            before = len(sentences)
            for sentence in itertools.islice(_take_turns(group, accept), count):
                sentences.append(sentence)
                bar.update()
            drawn = len(sentences) - before
            if drawn < count:
                whose = "about our brand" if ours else "about other brands or none"
                most = params.sentences * drawn // count
                lower = f"lower synthesize.sentences to {most:,}" if most else f"set the share of {label} ones to 0"
                raise UserError(
                    f"{path}: templates and lexicon give {drawn:,} {label} sentences {whose}, {count:,} are needed; "
                    f"{lower} in params.yaml, change synthesize.brand_share, or add frames and words"
                )
    return Sample(sentences, sum(sampler.size() for sampler in samplers), len(probes_seen))
