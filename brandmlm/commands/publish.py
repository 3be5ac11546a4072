"""`brand-mlm publish`: v2, the sentences it was trained on and the demo, as repositories of the Hugging Face hub.

A dry run is the default: it checks every byte against dvc.lock and lists what would be uploaded.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from brandmlm.commands.export import EXPORTS
from brandmlm.commands.git import git
from brandmlm.commands.project import check_brand, check_present, enter_project, lexicon_path
from brandmlm.commands.verify import cache_folder, find_export_faults, find_faults
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

if TYPE_CHECKING:
    from brandmlm.commands.hub_upload import Repository

EXAMPLE: Final = "brand-mlm publish acme/nike-v2"

DEMO: Final = Path("data/demo")

CORPUS: Final = Path("data/synthetic/corpus.parquet")

# As the hub allows it, with room for the longest suffix.
NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]{0,79}")

BRAND_FILES: Final = ("lexicon.yaml", "templates.yaml")  # from which the sentences are made


def check_name(name: str) -> None:
    if not NAME.fullmatch(name) or ".." in name or "--" in name:
        raise UserError(f"{name}: not a repository's name; write it as OWNER/NAME, of letters, digits, -, _ and .")


def check_recorded() -> None:
    """Compare all outputs with dvc.lock, and the demo with its statement.

    Raises:
        UserError: Something differs.
    """
    faults, checked = find_faults(cache_folder())
    if DEMO.is_dir():
        faults += find_export_faults(DEMO)[0]
    for fault in faults:
        say(fault)
    if faults:
        raise UserError(f"publish: {len(faults)} faults, nothing was uploaded; run `make repro`, and `make demo` again")
    say(f"publish: {checked}: all bytes as recorded")


def folder_files(folder: Path) -> dict[str, Path | bytes]:
    """The files of a folder, by their path in it."""
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}


def repositories(name: str, data_license: str) -> list[Repository]:
    """What is uploaded: the model, its sentences and, where it is built, the demo."""
    from brandmlm.commands.hub_upload import Repository
    from brandmlm.config.brand.lexicon import load_lexicon
    from brandmlm.data.corpus import read_corpus
    from brandmlm.reporting.dataset_card import sentences_card

    sentences = f"{name}-sentences"
    lexicon = load_lexicon(lexicon_path())
    card = sentences_card(read_corpus(CORPUS), lexicon.brand[0], lexicon.language, name, data_license)
    brand: dict[str, Path | bytes] = {file: lexicon_path().with_name(file) for file in BRAND_FILES}
    found = [
        Repository("model", name, folder_files(EXPORTS["v2"])),
        Repository("dataset", sentences, {"README.md": card.encode(), "sentences.parquet": CORPUS, **brand}),
    ]
    if DEMO.is_dir():
        found.append(Repository("space", f"{name}-demo", folder_files(DEMO)))
    return found


def publish(
    name: Annotated[str, typer.Argument(metavar="OWNER/NAME", help="The model's repository on the hub.")],
    yes: Annotated[bool, typer.Option("--yes", help="Upload; without it, only list what would be uploaded.")] = False,
    private: Annotated[bool, typer.Option("--private", help="Create private repositories.")] = False,
    data_license: Annotated[
        str, typer.Option(metavar="ID", help="License of the sentences, as the hub abbreviates it, such as mit.")
    ] = "",
) -> None:
    """Publish v2, its sentences and the demo on a model hub.

    The hub is Hugging Face's. The sentences go to OWNER/NAME-sentences; the demo, if `make demo` has built it, to the
    Space OWNER/NAME-demo.
    Reviews and product pages are not uploaded. Without --yes it only lists files and sizes. The token is that of
    HF_TOKEN or of `hf auth login`.
    """
    enter_project()
    check_name(name)
    check_brand()
    check_present([EXPORTS["v2"], CORPUS])
    check_recorded()
    parts = repositories(name, data_license)
    for part in parts:
        say("\n".join(part.listing()))
    if not DEMO.is_dir():
        say(f"no Space: {DEMO} is not built; `make demo` builds it")
    if not yes:
        say("Nothing was uploaded. Add --yes to upload, with HF_TOKEN set.")
        return

    from brandmlm.commands.hub_upload import hub_token, upload

    token = hub_token()
    commit = (git("rev-parse", "--short", "HEAD", ok=False) or b"").decode().strip()
    message = f"Publish the results of commit {commit}" if commit else "Publish results"
    for part in parts:
        say(f"{part.kind} {part.name}: {upload(part, token, private, message)}")
