"""How well `brand-mlm check` finds off-brand phrases and proposes others, against a plain word list; and how fast.

    python -m bench.check              # on the sentences to develop on, and the speed
    python -m bench.check --held-out   # on those that no choice was made on

Needs a `make repro`. The sentences in `bench/copy/` were written and labelled by people who had not seen the checker; a
phrase counts as found if a finding overlaps it, and a proposal as fair if the writer accepts it in its place.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from brandmlm.checking.checker import Checker
from brandmlm.config.brand.lexicon import Lexicon

COPY: Final = Path(__file__).parent / "copy"

FIRST: Final = 3  # proposals that count


class Found(NamedTuple):
    """A finding: its place in the text, and the proposals."""

    start: int
    end: int
    proposals: Sequence[str]


Finder = Callable[[str], list[Found]]


@dataclass
class Score:
    """Counts over texts."""

    true: int = 0  # findings that overlap a labelled phrase
    false: int = 0
    found: int = 0  # labelled phrases that a finding overlaps
    phrases: int = 0
    fair: int = 0  # found phrases of which one of the first proposals is fair
    wrong: list[str] = field(default_factory=list)

    def row(self, name: str) -> str:
        """A row of a Markdown table."""
        precision = self.true / max(1, self.true + self.false)
        recall = self.found / max(1, self.phrases)
        return f"| {name} | {precision:.3f} | {recall:.3f} | {self.fair / max(1, self.found):.3f} |"


def places(text: str, labels: Sequence[dict[str, object]]) -> Iterator[tuple[int, int, set[str]]]:
    """The labelled phrases of a text: offsets, and the fair proposals in lower case."""
    begin = 0
    for label in labels:
        phrase, fair = str(label["phrase"]), label["fair"]
        assert isinstance(fair, list)
        start = text.find(phrase, begin)
        start = start if start >= 0 else text.index(phrase)
        begin = start + len(phrase)
        yield start, begin, {str(word).lower() for word in fair}


def score(rows: Sequence[dict[str, object]], finder: Finder) -> Score:
    """Compare what a finder finds with the labels."""
    total = Score()
    for row in rows:
        text, labels = str(row["text"]), row["off_brand"]
        assert isinstance(labels, list)
        findings, labelled = finder(text), list(places(text, labels))
        for finding in findings:
            hit = any(finding.start < end and start < finding.end for start, end, _ in labelled)
            total.true += hit
            total.false += not hit
            if not hit:
                total.wrong.append(f"not off-brand: {text[finding.start : finding.end]!r} in {text!r}")
        for start, end, fair in labelled:
            over = [finding for finding in findings if finding.start < end and start < finding.end]
            total.phrases += 1
            total.found += bool(over)
            proposals = {word.lower() for finding in over for word in finding.proposals[:FIRST]}
            total.fair += bool(proposals & fair)
            if not over:
                total.wrong.append(f"missed: {text[start:end]!r} in {text!r}")
            elif not proposals & fair:
                total.wrong.append(f"no fair proposal: {text[start:end]!r} {sorted(proposals)} in {text!r}")
    return total


def word_list(lexicon: Lexicon) -> Finder:
    """Finds the lexicon's unwanted words wherever they are, as a style linter's substitution rules do.

    It proposes the first wanted words of the lexicon.
    """
    words = sorted(lexicon.unwanted.all, key=len, reverse=True)
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE)
    proposals = lexicon.wanted.all[:FIRST]
    return lambda text: [Found(found.start(), found.end(), proposals) for found in pattern.finditer(text)]


def the_checker(checker: Checker) -> Finder:
    """Finds what `brand-mlm check` finds in an HTML text."""
    return lambda text: [Found(each.start, each.end, each.proposals) for each in checker.findings(text, "html")]


def measure_speed(texts: Sequence[str], count: int) -> tuple[float, float, float]:
    """Wall and processor seconds, and MB at the most, of `brand-mlm check` on so many sentences."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "copy.txt")
        file.write_text("\n\n".join(texts[i % len(texts)] for i in range(count)), encoding="utf-8")
        before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        command = [sys.executable, "-m", "brandmlm", "check", str(file), "--format", "json"]
        done = subprocess.run(command, capture_output=True, check=False)
        wall = time.perf_counter() - started
        if done.returncode != 1:
            raise SystemExit(done.stderr.decode())
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return wall, used, after.ru_maxrss / 1024


def main() -> None:
    """Print the table and, on the sentences to develop on, the speed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--held-out", action="store_true", help="score the sentences that no choice was made on")
    parser.add_argument("--wrong", action="store_true", help="list what is wrong (sentences to develop on only)")
    arguments = parser.parse_args()
    name = "held_out" if arguments.held_out else "dev"
    rows = [json.loads(line) for line in (COPY / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()]
    checker = Checker.open()
    ours = score(rows, the_checker(checker))
    print(f"{len(rows)} sentences of bench/copy/{name}.jsonl, {ours.phrases} off-brand phrases\n")
    print("| | precision | recall | fair proposal in the first three |\n|---|---:|---:|---:|")
    print(score(rows, word_list(checker.lexicon)).row("plain word list"))
    print(ours.row("`brand-mlm check`"))
    if arguments.held_out:
        return
    if arguments.wrong:
        print("", *ours.wrong, sep="\n")
    texts = [str(row["text"]) for row in rows]
    for count in (1000, 4000):
        wall, used, memory = measure_speed(texts, count)
        print(f"\n{count:,} sentences: {wall:.1f} s, {used:.1f} processor seconds, {memory:.0f} MB at the most")


if __name__ == "__main__":
    main()
