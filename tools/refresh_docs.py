"""Write the figures and outputs of the last run into README.md and docs/.

    python -m tools.refresh_docs

Run it after `make repro`, before the results are committed. It rewrites

- README's first picture, between `<!-- hero -->` and `<!-- end of hero -->`: the report's, with its dark form if any;
- README's table of results, between `<!-- results … -->` and `<!-- end of results -->`, from `plots/summary.md`;
- every `text` block below a line `<!-- output of models … -->`: it runs the commands of the `sh` block above that line.

The line ends with a digest of the models in `dvc.lock`; a test compares it with the committed lock.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from brandmlm.commands.project import MODELS, check_present, enter_project
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file
from brandmlm.core.yaml_io import read_yaml

README: Final = Path("README.md")

SUMMARY: Final = Path("plots/summary.md")

# The first picture: the first file that is there, and what it shows.
PICTURES: Final = {
    "plots/pictures/hero.png": "The five likeliest words of base and v2, for the three claims that differ most",
    "plots/pictures/before_after.png": "The ten likeliest words for three sentences: base, v1 and v2",
}

HERO: Final = re.compile(r"(<!-- hero -->\n).*?(\n<!-- end of hero -->)", re.DOTALL)

# Rows of README's table, and their names in `SUMMARY`.
ROWS: Final = {
    "pass rate: claims about the brand": "suite passed: claims about the brand",
    "pass rate: claims about rivals": "suite passed: claims about rivals",
    "pass rate: denials": "suite passed: denials by other cues",
    "pass rate: claims that look like denials": "suite passed: claims that look like denials",
    "wanted words in the top 10": "wanted words in the top 10 of a claim",
    "unwanted words in the top 10": "unwanted words in the top 10 of a claim",
    "probability of unwanted words": "probability of unwanted words in a claim",
    "perplexity: reviews, product pages": "perplexity, real text",
    "perplexity: general English": "perplexity, mixed text",
    "grammar: minimal pairs right": "minimal pairs",
}

RESULTS: Final = re.compile(r"(<!-- results\b[^>]*-->\n).*?(<!-- end of results -->)", re.DOTALL)

OUTPUT: Final = re.compile(
    r"```sh\n(?P<commands>(?:(?!```).)*?)```\n\n<!-- output of models (?P<digest>\w+) -->\n```text\n(?P<text>.*?)```",
    re.DOTALL,
)

STAGES: Final = ("base", "train@full", "train@filtered")  # whose outputs the commands of the docs read

SHELL: Final = "set -o pipefail\n"


def models_digest(lock: Mapping[str, Any]) -> str:
    """Eight hex digits that change with the base or a trained model, from a parsed `dvc.lock`."""
    outputs = [str(output["md5"]) for stage in STAGES for output in lock["stages"][stage]["outs"]]
    return hashlib.sha256(" ".join(outputs).encode()).hexdigest()[:8]


def summary_rows(summary: str) -> dict[str, list[str]]:
    """The rows of the summary's table by name: base, v1, v2 and which direction is better."""
    lines = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in summary.splitlines()]
    return {name: cells for name, *cells in lines if len(cells) == 4}


def number_of(cell: str) -> float:
    """The number that a cell shows, bold or in per cent."""
    return float(re.sub(r"[*%,\s]", "", cell))


def comparison(rows: Mapping[str, Sequence[str]], other: int) -> tuple[list[str], list[str]]:
    """The rows in which v2 is better, and worse, than the model in column `other`, as shown in the table."""
    better: list[str] = []
    worse: list[str] = []
    for name, cells in rows.items():
        difference = number_of(cells[2]) - number_of(cells[other])
        if difference:
            (better if (difference > 0) == (cells[3] == "higher") else worse).append(name)
    return better, worse


def results(summary: str) -> str:
    """README's table of results and the sentences that count its rows.

    Raises:
        UserError: The summary has no such row.
    """
    known = summary_rows(summary)
    if missing := [name for name in ROWS.values() if name not in known]:
        raise UserError(f"{SUMMARY}: no row {missing[0]!r}; correct ROWS in tools/refresh_docs.py")
    rows = {title: known[name] for title, name in ROWS.items()}
    (better, lost), (ahead, behind) = comparison(rows, 0), comparison(rows, 1)
    named = f" ({', '.join(lost)})" if lost else ""
    table = [f"| {title} | {' | '.join(cells)} |" for title, cells in rows.items()]
    return "\n".join(
        [
            "| | base | v1 | v2 | better |",
            "|---|---:|---:|---:|---|",
            *table,
            "",
            f"v2 beats base in {len(better)} of {len(rows)} rows; base beats v2 in {len(lost)}{named}. "
            f"v2 beats v1 in {len(ahead)} rows; v1 beats v2 in {len(behind)}.",
            "",
        ]
    )


def with_results(page: str, summary: str) -> str:
    """README with the results of a summary."""
    return RESULTS.sub(lambda found: f"{found[1]}{results(summary)}{found[2]}", page)


def picture(there: Callable[[str], bool]) -> str:
    """README's first picture in Markdown; in HTML if it has a dark form. `there`: whether a file exists.

    Raises:
        UserError: There is none of `PICTURES`.
    """
    light = next((path for path in PICTURES if there(path)), None)
    if light is None:
        raise UserError(f"{next(iter(PICTURES))}: not found; run `make repro` to draw it")
    dark = light.replace(".png", "_dark.png")
    if not there(dark):
        return f"![{PICTURES[light]}]({light})"
    return (
        f'<picture><source media="(prefers-color-scheme: dark)" srcset="{dark}">'
        f'<img alt="{PICTURES[light]}" src="{light}"></picture>'
    )


def with_picture(page: str, there: Callable[[str], bool]) -> str:
    """README with the first picture that is there."""
    return HERO.sub(lambda found: f"{found[1]}{picture(there)}{found[2]}", page) if HERO.search(page) else page


def with_outputs(page: str, digest: str, answer: Callable[[str], str]) -> str:
    """A page whose blocks of output are those that `answer` gives for the commands above them."""
    return OUTPUT.sub(
        lambda found: (
            f"```sh\n{found['commands']}```\n\n<!-- output of models {digest} -->\n"
            f"```text\n{answer(found['commands'])}```"
        ),
        page,
    )


def answer(project: Path, commands: str) -> str:
    """What commands print, run in a folder that links to all files of a project.

    Raises:
        UserError: One of them failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in project.iterdir():
            Path(folder, path.name).symlink_to(path)
        launcher = Path(folder, "bin", "brand-mlm")
        launcher.parent.mkdir()
        launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m brandmlm "$@"\n', encoding="utf-8")
        launcher.chmod(0o755)
        variables = os.environ | {"PATH": f"{launcher.parent}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
        done = subprocess.run(
            ["bash", "-c", SHELL + commands], cwd=folder, env=variables, capture_output=True, text=True, check=False
        )
    if done.returncode > ("brand-mlm check" in commands):  # which ends with 1 if it finds something
        raise UserError(f"`{commands.strip()}` ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout.strip("\n") + "\n"


def pages() -> list[Path]:
    """README and the pages under docs/."""
    return [README, *sorted(Path("docs").glob("*.md"))]


def main() -> None:
    enter_project()
    check_present([*MODELS.values(), SUMMARY])
    digest = models_digest(read_yaml(Path("dvc.lock"), "run `make repro` to write it"))
    summary = SUMMARY.read_text(encoding="utf-8")
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = with_results(with_picture(before, os.path.exists), summary)
        after = with_outputs(after, digest, lambda commands: answer(Path.cwd(), commands))
        if after != before:
            with atomic_file(page) as partial:
                partial.write_text(after, encoding="utf-8", newline="\n")
        say(f"{page}: {'as it was' if after == before else 'rewritten'}")


if __name__ == "__main__":
    run(main)
