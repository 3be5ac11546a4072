"""A stage's code file: the modules and pinned versions that the stage runs on, each with its digest or version.

The stage `code` writes one for every stage, and the others depend on theirs alone. Without `code` (`dvc repro
--single-item`) a file may be out of date, so a stage compares it with the code when it starts.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Collection
from pathlib import Path
from typing import Final

from brandmlm.core import inputs
from brandmlm.core.code_digest import PROJECT, find_closure, read_module
from brandmlm.core.errors import UserError
from brandmlm.core.pins import Installed, Pins, current_pins, pins_of, read_pins

OUTPUTS: Final = ("out", "live", "checkpoints")  # arguments that name what a stage writes


def describe_code(stage: str, pins: Pins, installed: Installed, project: Path = PROJECT) -> str:
    """The content of a stage's code file: lines `path digest` of modules, then lines such as `torch==2.13.0`."""
    closure = find_closure(f"stages.{stage}", project)
    modules = [f"{path} {digest}" for path, digest in closure.digests.items()]
    return "\n".join([*modules, *sorted(pins_of(closure.imported, pins, installed))]) + "\n"


def check_code(file: Path, project: Path = PROJECT) -> None:
    """Compare a stage's code file, named after the stage, with the code that is about to run.

    Which packages require which is taken from the file: this takes 30 ms, and a file that another machine wrote holds
    here too.

    Raises:
        UserError: the file is missing or the code differs.
    """
    try:
        recorded = set(file.read_text(encoding="utf-8").splitlines())
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror}); run `dvc repro`") from None
    pins = {line for line in recorded if " " not in line}
    digests = find_closure(f"stages.{file.name}", project).digests
    for path, digest in digests.items():
        inputs.note_content(project / path, lambda path: read_module(path.read_bytes())[0], digest)
    modules = {f"{path} {digest}" for path, digest in digests.items()}
    differing = recorded ^ (modules | current_pins(pins, read_pins(project)))
    if differing:
        name = min(differing).partition(" ")[0]
        raise UserError(f"{name}: the code of stage {file.name} changed since `code` ran; run `dvc repro`")


def parse_stage(parser: ArgumentParser, outputs: Collection[str] = OUTPUTS) -> Namespace:
    """Parse a stage's arguments; with `--code`, stop if the code changed since the stage `code` ran.

    The code, and the paths that the arguments name, must not change from now on (`brandmlm.core.inputs`).

    Args:
        outputs: the arguments that name what the stage writes.
    """
    parser.add_argument("--code", type=Path, help="the stage's code file, to compare with the code that runs")
    arguments = parser.parse_args()
    inputs.begin()
    for name, value in vars(arguments).items():
        if isinstance(value, Path) and name not in outputs:
            inputs.note(value)
    if arguments.code:
        check_code(arguments.code)
        inputs.check_unchanged()  # since before the imports
    return arguments
