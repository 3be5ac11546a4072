"""Fill a brand's sentence frames with its words.

Comes in: the brand's lexicon, templates and probes, the behaviour suite among them.
Goes out: `corpus.parquet`, the corpus table with source `synthetic`, group = the frame's group, label = the list whose
word filled the slot, and the columns `word` (that word) and `about` (`brand`, `other` or `none`: whose products the
sentence speaks of); `counts.json`.

Slots of a frame:

| slot                                    | takes                                                                   |
|-----------------------------------------|-------------------------------------------------------------------------|
| `{adjective}`                           | a word of any of the three lists: the label                             |
| `{quality}`                             | a wanted or unwanted word: what can be graded ("very ...")              |
| `{wanted}` `{unwanted}` `{neutral}`     | a word of that list                                                     |
| `{also}`                                | another word of the same list                                           |
| `{brand}`                               | the brand spoken of: ours, or in other sentences one of the others      |
| `{rival}`                               | one of the others, never the one spoken of                              |
| `{product}` `{products}` `{goods}`      | a singular; a plural; a plural or a mass noun                           |
| `{more_products}`                       | another plural                                                          |
| `{are|is}`                              | the first with a plural as the frame's noun, the second with all others |
| `{a}`                                   | a or an, by the sound of what follows                                   |
| `{name}` of a list in `templates.yaml`  | one of its words                                                        |

A slot that stands twice takes the same word. A frame has exactly one slot for a labelled word. Sentences begin with a
capital by themselves. Held-out words never enter a sentence.

Sampling is without replacement and never holds the space: every frame, brand and word has its own shuffled order of
the fillings left (Fisher-Yates, permuting lazily), frames take turns, and each takes the word used least so far.
"""

from __future__ import annotations

import argparse
import math
import random
import re
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pandas as pd
from tqdm import tqdm

from stages.brand import (
    MASK,
    Frame,
    Lexicon,
    Templates,
    alternatives,
    load_behaviour,
    load_lexicon,
    load_probes,
    load_templates,
)
from stages.cli import UserError, run, say
from stages.corpus import LABELS, make_corpus, write_table
from stages.files import atomic_folder, write_json
from stages.params import Synthesize, load_params

# The lists from which a slot for the labelled word is filled.
LABEL_SLOTS: Final[Mapping[str, tuple[str, ...]]] = {
    "adjective": LABELS,
    "quality": ("wanted", "unwanted"),
    **{label: (label,) for label in LABELS},
}
NOUN_SLOTS: Final = ("product", "products", "goods")
SLOTS: Final = (*LABEL_SLOTS, "also", "brand", "rival", *NOUN_SLOTS, "more_products", "a")
ABOUT: Final = ("brand", "other", "none")

_SLOT: Final = re.compile(r"\{([^{}]*)\}")
_ARTICLE: Final = re.compile(r"\{a\}(?= (\S+))")
_SENTENCE_START: Final = re.compile(r"(?:^|(?<=[.!?] ))[a-z]")
# Spelt with a vowel but spoken with a consonant (a unique, a useful, a European, a one-off), and the reverse (an hour).
# The words in "un-" (unimpressive, uninspired) are neither.
_CONSONANT_SOUND: Final = re.compile(r"uni(?![mn])|u[st][aeiu]|eu|one(?![a-z])|once", re.IGNORECASE)
_VOWEL_SOUND: Final = re.compile(r"[aeiou]|hon(?:est|or|our)|hour|heir", re.IGNORECASE)

Filling = dict[str, str]


def article(word: str) -> str:
    """The article, a or an, by the sound that a word begins with."""
    return "an" if _VOWEL_SOUND.match(word) and not _CONSONANT_SOUND.match(word) else "a"


def normal(text: str) -> str:
    """The form in which sentences are compared with probes: no case, no final punctuation, single blanks."""
    return " ".join(text.casefold().split()).rstrip(" .!?…,;:")


def permute(size: int, rng: random.Random) -> Iterator[int]:
    """The numbers below `size` in random order, in memory that grows with the numbers taken only."""
    moved: dict[int, int] = {}
    for place in range(size):
        drawn = rng.randrange(place, size)
        yield moved.get(drawn, drawn)
        moved[drawn] = moved.pop(place, place)


def slots_of(frame: Frame) -> list[str]:
    """The slots of a frame in their order, each once."""
    return list(dict.fromkeys(_SLOT.findall(frame.text)))


class Filler:
    """What the slots of frames can take, given a lexicon and the templates' own lists.

    Raises UserError (naming `path`, the templates' file) for a frame that cannot be filled or would be mislabelled.
    """

    def __init__(self, lexicon: Lexicon, templates: Templates, path: Path) -> None:
        self.words = {label: sorted(getattr(lexicon, label).used) for label in LABELS}
        self.brands = {"brand": sorted(lexicon.brand), "other": sorted(lexicon.other_brands)}
        self.lists = {name: sorted(words) for name, words in templates.lists.items()}
        self.plurals = {product.plural for product in lexicon.products if product.plural}
        self.nouns = {
            "product": sorted(product.singular for product in lexicon.products if product.number == "count"),
            "products": sorted(self.plurals),
            "goods": sorted(product.plural or product.singular for product in lexicon.products),
        }
        self.path = path
        reserved = [word for label in LABELS for word in getattr(lexicon, label).all]
        names = [*lexicon.brand, *lexicon.other_brands]
        either = "|".join(map(re.escape, sorted([*reserved, *names])))
        self._reserved = re.compile(rf"(?<!\w)(?:{either})(?!\w)", re.IGNORECASE)
        self._check_lists()
        for frame in templates.frames:
            self._check(frame)

    def _check_lists(self) -> None:
        for name, words in self.lists.items():
            if name in SLOTS:
                raise UserError(f"{self.path}: lists.{name}: this name is a slot of its own; give the list another")
            for word in words:
                self._check_literal(f"lists.{name}", word)

    def _check_literal(self, place: str, text: str) -> None:
        found = self._reserved.search(text)
        if found:
            raise UserError(
                f"{self.path}: {place}: {found.group()!r} is a word of the lexicon; write a slot in its place "
                "or another word, else sentences would be labelled or counted wrongly"
            )

    def _check(self, frame: Frame) -> None:
        place = f"frames {frame.id!r}"
        slots = slots_of(frame)
        known = [*SLOTS, *sorted(self.lists)]
        for slot in slots:
            if slot.count("|") == 1:
                if not any(noun in slots for noun in NOUN_SLOTS):
                    raise UserError(
                        f"{self.path}: {place}: {{{slot}}} has no noun to agree with; add {{product}}, {{products}} or "
                        "{goods}"
                    )
            elif slot not in known:
                raise UserError(
                    f"{self.path}: {place}: slot {{{slot}}} is not in the lexicon; "
                    f"known slots: {', '.join(known)} and the form {{are|is}}"
                )
            elif slot in NOUN_SLOTS and not self.nouns[slot]:
                raise UserError(f"{self.path}: {place}: the lexicon has no product for slot {{{slot}}}; add one there")
        rest = _SLOT.sub(" ", frame.text)
        if "{" in rest or "}" in rest:
            raise UserError(f"{self.path}: {place}: a brace without its partner; close it or remove it")
        self._check_literal(place, rest)
        if sum(slot in LABEL_SLOTS for slot in slots) != 1:
            raise UserError(
                f"{self.path}: {place}: a frame has exactly one slot for the labelled word; "
                f"take one of {_braced(LABEL_SLOTS)}"
            )
        if sum(slot in NOUN_SLOTS for slot in slots) > 1:
            raise UserError(
                f"{self.path}: {place}: two different slots for its noun; keep one of "
                f"{_braced(NOUN_SLOTS)}, and {{more_products}} beside it"
            )
        if frame.about and "brand" not in slots:
            raise UserError(f"{self.path}: {place}: `about` without slot {{brand}}; remove it or add the slot")

    def abouts(self, frame: Frame) -> list[str]:
        """Whose products a frame can speak of."""
        if "brand" not in slots_of(frame):
            return ["none"]
        return [frame.about] if frame.about else ["brand", "other"]

    def labels(self, frame: Frame) -> tuple[str, ...]:
        return next(LABEL_SLOTS[slot] for slot in slots_of(frame) if slot in LABEL_SLOTS)

    def choices(self, frame: Frame, about: str, label: str, word: str) -> list[list[Filling]]:
        """The independent choices left when the labelled word is settled: per choice its partial fillings."""
        slots = slots_of(frame)
        made = [_pick(slot, [word]) for slot in slots if slot in LABEL_SLOTS]
        if "also" in slots:
            made.append(_pick("also", [other for other in self.words[label] if other != word]))
        rivals = self.brands["other"]
        if "brand" in slots:
            brands = self.brands[about]
            made.append(_pairs("brand", brands, "rival", rivals) if "rival" in slots else _pick("brand", brands))
        elif "rival" in slots:
            made.append(_pick("rival", rivals))
        noun = next((slot for slot in slots if slot in NOUN_SLOTS), None)
        plurals = self.nouns["products"]
        if "more_products" in slots:
            first = noun and _pairs(noun, self.nouns[noun], "more_products", plurals)
            made.append(first or _pick("more_products", plurals))
        elif noun:
            made.append(_pick(noun, self.nouns[noun]))
        made += [_pick(slot, self.lists[slot]) for slot in slots if slot in self.lists]
        return made

    def fill(self, frame: Frame, filling: Filling) -> str:
        """The sentence, with verb, article and capitals in order."""
        plural = any(filling.get(noun) in self.plurals for noun in NOUN_SLOTS)

        def take(match: re.Match[str]) -> str:
            slot = match.group(1)
            if slot == "a":
                return match.group()
            first, bar, second = slot.partition("|")
            return (first if plural else second) if bar else filling[slot]

        text = _ARTICLE.sub(lambda match: article(match.group(1)), _SLOT.sub(take, frame.text))
        return _SENTENCE_START.sub(lambda match: match.group().upper(), text)


def _braced(slots: Iterable[str]) -> str:
    return ", ".join(f"{{{slot}}}" for slot in slots)


def _pick(slot: str, words: Sequence[str]) -> list[Filling]:
    return [{slot: word} for word in words]


def _pairs(slot: str, words: Sequence[str], other: str, others: Sequence[str]) -> list[Filling]:
    return [{slot: first, other: second} for first in words for second in others if first != second]


@dataclass(frozen=True)
class Sentence:
    text: str
    group: str
    label: str
    word: str
    about: str


@dataclass
class Source:
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


def probe_test(probes: Sequence[str], lexicon: Lexicon) -> Callable[[str], bool]:
    """Says of a normalised sentence whether it equals a probe (a sentence with a mask) whose mask is filled with any
    one word or with a phrase of the lexicon."""
    words = {*lexicon.brand, *lexicon.other_brands, *(form for product in lexicon.products for form in product.forms)}
    words.update(word for label in LABELS for word in getattr(lexicon, label).all)
    phrases = {word.casefold() for word in words if " " in word}
    ends: dict[str, set[str]] = {}  # what follows the mask, by what stands before it
    for probe in probes:
        # A probe may end in its mask, whose bracket normalising leaves alone.
        before, _, after = normal(probe).partition(MASK.casefold())
        ends.setdefault(before, set()).add(after)

    def is_probe(sentence: str) -> bool:
        return any(
            sentence.endswith(after)
            and (filling := sentence[start : len(sentence) - len(after)])
            and (" " not in filling or filling in phrases)
            for start in range(len(sentence))
            for after in ends.get(sentence[:start], ())
        )

    return is_probe


def asked_sentences(path: Path) -> list[str]:
    """The sentences that a model will be asked: the probes and the behaviour suite's."""
    suites = load_behaviour(path).parts.values()
    patterns = [pattern for suite in suites for _, patterns in suite for pattern in patterns]
    return [*(probe.text for probe in load_probes(path)), *(text for each in patterns for text in alternatives(each))]


def check_params(params: Synthesize) -> None:
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
    check_params(params)
    filler = Filler(lexicon, templates, path)
    sources = [
        Source(filler, frame, about, label, params.seed)
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


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill a brand's sentence frames with its words.")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--templates", type=Path, required=True, help="the brand's sentence frames (YAML)")
    parser.add_argument("--probes", type=Path, required=True, help="the brand's probe sentences (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus.parquet and counts.json")
    arguments = parser.parse_args()
    started = time.perf_counter()

    params = load_params().synthesize
    templates = load_templates(arguments.templates)
    sample = synthesize(
        load_lexicon(arguments.lexicon), templates, asked_sentences(arguments.probes), params, arguments.templates
    )
    counts = count(sample, len(templates.frames))
    with atomic_folder(arguments.out) as out:
        write_table(corpus_of(sample.sentences), out / "corpus.parquet")
        write_json(out / "counts.json", counts)

    labels = ", ".join(f"{number:,} {label}" for label, number in counts["labels"].items())
    say(
        f"synthesize: {counts['frames']} frames, {sample.space:,} fillings, {len(sample.sentences):,} sentences "
        f"({labels}; {counts['about']['brand']:,} about our brand), {sample.equal_to_probe} equal to a probe and left "
        f"out, {time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
