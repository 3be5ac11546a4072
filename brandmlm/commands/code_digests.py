"""Write a code file for every stage: the modules and pinned versions that it runs on (the stage `code`)."""

from __future__ import annotations

import argparse
from pathlib import Path

from brandmlm.core import inputs
from brandmlm.core.code_digest import PROJECT
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder
from brandmlm.core.pins import REQUIREMENT_FILES, Installed, read_pins
from brandmlm.core.stage_code import describe_code


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m brandmlm.commands.code_digests", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for a file per stage")
    parser.add_argument("--project", type=Path, default=PROJECT, help="folder of the code (default: this project)")
    parser.add_argument("--site-packages", type=Path, nargs="+", help="folders of packages (default: Python's own)")
    arguments = parser.parse_args()
    inputs.begin()
    for file in (*(arguments.project / "brandmlm").rglob("*.py"), *(arguments.project / "stages").rglob("*.py")):
        inputs.note(file)
    for name in REQUIREMENT_FILES:
        inputs.note(arguments.project / name)
    pins, installed = read_pins(arguments.project), Installed(arguments.site_packages)
    stages = sorted(file.stem for file in (arguments.project / "stages").glob("[!_]*.py"))
    with atomic_folder(arguments.out) as out:
        for stage in stages:
            (out / stage).write_text(describe_code(stage, pins, installed, arguments.project), encoding="utf-8")
    say(f"code: {len(stages)} stages")


if __name__ == "__main__":
    run(main)
