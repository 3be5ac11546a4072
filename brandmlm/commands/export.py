"""`brand-mlm export`: a trained model outside of the project, as it is or in another format for other runtimes."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final, Literal

import typer

from brandmlm.commands.project import check_brand, check_present, enter_project, lexicon_path
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

EXAMPLE: Final = "brand-mlm export --format onnx"

EXPORTS: Final = {"v1": Path("data/export/full"), "v2": Path("data/export/filtered")}

NEEDED: Final = ("onnx", "onnxruntime", "onnxscript")  # packages of the extra


def check_extra() -> None:
    """Raise UserError if a package of the extra is not installed."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UserError(f"{missing[0]} is not installed; run `pip install -r requirements-onnx.txt -c constraints.txt`")


def probe_sentences() -> list[str]:
    """The probe sentences of the project's brand."""
    from brandmlm.config.brand.probes import load_probes

    return [probe.text for probe in load_probes(lexicon_path().with_name("probes.yaml"))]


def check_replaceable(folder: Path, names: set[str], what: str) -> None:
    """Raise UserError if a folder that is going to be replaced has files of others.

    Args:
        folder: to be written; it may not exist.
        names: the files, from the folder, that this project writes there.
        what: the content that is meant, for the message.
    """
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: not a folder; name another place for {what}")
    if folder.is_symlink():
        raise UserError(f"{folder}: a link; name the folder itself")
    found = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir() or path.is_symlink()
    }
    if others := sorted(found - names):
        raise UserError(f"{folder}: has {others[0]}, which is no file of {what}; name another folder with --out")


def write_folder(source: Path, out: Path) -> None:
    """Write the folder of an exported model with its ONNX files, card and statement of provenance; tell about it."""
    from brandmlm.commands.recorded_build import recorded_build
    from brandmlm.core.files import atomic_folder
    from brandmlm.onnx.folder import FILES, convert, describe, extend_card
    from brandmlm.reporting.export import link_or_copy
    from brandmlm.reporting.provenance import STATEMENT, write_statement

    files = [path for path in sorted(source.iterdir()) if path.name not in (STATEMENT, "README.md")]
    check_replaceable(out, {*(path.name for path in files), "README.md", STATEMENT, *FILES.values()}, "an ONNX export")
    build = recorded_build(source)
    with atomic_folder(out) as partial:
        for path in files:
            link_or_copy(path.resolve(), partial / path.name)
        converted = convert(source, partial, probe_sentences(), list(FILES))
        (partial / "README.md").write_bytes((source / "README.md").read_bytes())
        extend_card(partial / "README.md", converted)
        write_statement(partial, build)
    for each in converted:
        say(f"{out}/{describe(each)}")


def write_copy(source: Path, out: Path) -> None:
    """Write a copy of an exported model, with a statement that names the commit; tell about it.

    No links: what is done to the copy does not reach DVC's cache.
    """
    from brandmlm.commands.recorded_build import recorded_build
    from brandmlm.core.files import atomic_folder
    from brandmlm.reporting.provenance import SIGNATURE, STATEMENT, write_statement

    files = [path for path in sorted(source.iterdir()) if path.name != STATEMENT]
    check_replaceable(out, {*(path.name for path in files), STATEMENT, SIGNATURE}, "an export")
    build = recorded_build(source)
    with atomic_folder(out) as partial:
        for path in files:
            shutil.copyfile(path, partial / path.name)
        write_statement(partial, build)
    commit = f"commit {build.commit.digest[:7]}" if build.commit else "no commit, since dvc.lock is not committed"
    say(f"{out}: {len(files)} files; {STATEMENT} names {commit}")


def export(
    model: Annotated[Literal["v1", "v2"], typer.Argument(help="Which of the trained models.")] = "v2",
    format: Annotated[Literal["onnx", "safetensors"], typer.Option(help="The format to write.")] = "onnx",
    out: Annotated[str, typer.Option(metavar="FOLDER", help="Where to; else data/FORMAT/MODEL.")] = "",
) -> None:
    """Export a trained model to ONNX, or as it is.

    ONNX: writes one file in fp32 and one with 8-bit weights beside the model's own files, in the layout that
    transformers.js and the Hugging Face hub read. The five likeliest words of the brand's probe sentences have to be
    torch's. safetensors: copies the model's own files. Either names inputs, params and commit in provenance.json.
    """
    given = Path.cwd() / out if out else None
    enter_project()
    if format == "onnx":
        check_extra()
    source = EXPORTS[model]
    check_present([source])
    check_brand()
    write = write_folder if format == "onnx" else write_copy
    write(source, given or Path("data", format, source.name))
