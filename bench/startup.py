"""Processor time of `brand-mlm` commands: how fast they answer.

    python -m bench.startup         # in a project that has been run

`brand-mlm predict` is compared with the import that no prediction can do without; all commands take turns, so that
other work on the machine affects them alike.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
from typing import Final

SENTENCE: Final = "Nike shoes are very [MASK]."

IMPORT: Final = "python -c 'from transformers import BertForMaskedLM'"

COMMANDS: Final = {
    IMPORT: ("-c", "from transformers import BertForMaskedLM"),
    "brand-mlm predict (base, v1 and v2)": ("-m", "brandmlm", "predict", SENTENCE),
    "brand-mlm predict --model v2": ("-m", "brandmlm", "predict", SENTENCE, "--model", "v2"),
    "brand-mlm --help": ("-m", "brandmlm", "--help"),
    "brand-mlm results": ("-m", "brandmlm", "results"),
}


def processor_seconds(words: tuple[str, ...]) -> float:
    """User and system time of one Python process."""
    before = os.times()
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}: {done.stderr}")
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    repeats = parser.parse_args().repeats
    for words in COMMANDS.values():
        processor_seconds(words)  # compiles modules and fills the disk cache
    turns = [{name: processor_seconds(words) for name, words in COMMANDS.items()} for _ in range(repeats)]
    print("processor seconds, median (lowest to highest); ratio to the import, median of the turns")
    for name in COMMANDS:
        values = [turn[name] for turn in turns]
        ratio = statistics.median(turn[name] / turn[IMPORT] for turn in turns)
        print(f"{statistics.median(values):6.2f} ({min(values):.2f} to {max(values):.2f})  {ratio:5.2f}  {name}")


if __name__ == "__main__":
    main()
