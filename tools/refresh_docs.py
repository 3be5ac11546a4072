"""Write the figures and outputs of the last run into README.md and docs/.

    python -m tools.refresh_docs

Run it after `make repro`, before the results are committed. It rewrites

- README's first picture, between `<!-- hero -->` and `<!-- /hero -->`: the report's, with its dark form if any;
- README's table of results, and the sentences of README and docs/results.md with figures: the blocks of `BLOCKS`;
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
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from brandmlm.commands.known_noise import known_noise
from brandmlm.commands.project import MODELS, check_present, enter_project
from brandmlm.config.params.reading import load_params
from brandmlm.config.published import DETAILS
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, read_json
from brandmlm.core.yaml_io import read_yaml
from tools.result_texts import BEHAVIOUR, Figures, blocked_rates, blocking, results, weaknesses

README: Final = Path("README.md")

# The first picture: the first file that is there, and what it shows.
PICTURES: Final = {
    "plots/pictures/hero.png": "The five likeliest words of base and v2, for the three claims that differ most",
    "plots/pictures/before_after.png": "The ten likeliest words for three sentences: base, v1 and v2",
}

HERO: Final = re.compile(r"(<!-- hero -->\n).*?(\n<!-- /hero -->)", re.DOTALL)

# Blocks of README and docs/ by name, and what writes them: between `<!-- NAME: … -->` and `<!-- /NAME -->`.
BLOCKS: Final[dict[str, Callable[[Figures], str]]] = {
    "results": results,
    "blocking": blocking,
    "weaknesses": weaknesses,
}

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


def block(name: str) -> re.Pattern[str]:
    """A block of `BLOCKS` and the comments around it."""
    return re.compile(rf"(<!-- {name}: [^>]*-->\n).*?(<!-- /{name} -->)", re.DOTALL)


def with_figures(page: str, figures: Figures) -> str:
    """A page whose blocks have the figures of a run."""
    for name, write in BLOCKS.items():
        if block(name).search(page):
            text = write(figures)
            page = block(name).sub(lambda found, text=text: f"{found[1]}{text}{found[2]}", page)  # type: ignore[misc]
    return page


def read_figures() -> Figures:
    """The figures of the last run of the project in the current folder."""
    behaviour = Path(BEHAVIOUR).read_text(encoding="utf-8")
    return Figures(read_json(Path(DETAILS)), blocked_rates(behaviour), known_noise(load_params()))


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
    check_present([*MODELS.values(), Path(DETAILS), Path(BEHAVIOUR)])
    digest = models_digest(read_yaml(Path("dvc.lock"), "run `make repro` to write it"))
    figures = read_figures()
    for page in pages():
        before = page.read_text(encoding="utf-8")
        after = with_figures(with_picture(before, os.path.exists), figures)
        after = with_outputs(after, digest, lambda commands: answer(Path.cwd(), commands))
        if after != before:
            with atomic_file(page) as partial:
                partial.write_text(after, encoding="utf-8", newline="\n")
        say(f"{page}: {'as it was' if after == before else 'rewritten'}")


if __name__ == "__main__":
    run(main)
