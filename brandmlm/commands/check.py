"""`brand-mlm check`: off-brand words in texts, with proposals."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from brandmlm.commands.project import MODELS, ROOT_FILES, check_brand, check_present, enter_project, find_root
from brandmlm.core.command_line import fail, say
from brandmlm.core.errors import UserError

if TYPE_CHECKING:
    from brandmlm.checking.baseline import Key
    from brandmlm.checking.checker import Checker
    from brandmlm.checking.documents import Passage
    from brandmlm.checking.finding import Located

EXAMPLE: Final = "brand-mlm check README.md"

STDIN: Final = "-"


class Format(StrEnum):
    """How findings are printed."""

    people = "people"
    json = "json"
    sarif = "sarif"
    github = "github"


class Kind(StrEnum):
    """How a document is read."""

    text = "text"
    markdown = "markdown"
    html = "html"
    csv = "csv"
    jsonl = "jsonl"


def read_documents(names: Sequence[str]) -> list[tuple[str, bytes]]:
    """The bytes of files, `-` for standard input. Raises UserError if one cannot be read."""
    documents = []
    for name in names:
        try:
            data = sys.stdin.buffer.read() if name == STDIN else Path(name).read_bytes()
        except OSError as error:
            raise UserError(f"{name}: cannot be read ({error.strerror}); name a text file") from None
        documents.append((name, data))
    return documents


def find(checker: Checker, documents: Iterable[tuple[str, Iterable[Passage]]]) -> Iterator[Located]:
    """The findings in documents, in their order."""
    from brandmlm.checking.finding import Located

    for name, passages in documents:
        for passage, finding in checker.check(passages):
            yield Located(name, finding, passage.source_line(finding.start), passage.field)


def show(found: Iterable[Located], how: Format) -> int:
    """Print findings; returns how many."""
    from brandmlm.checking import formats

    count = 0

    def counted() -> Iterator[Located]:
        nonlocal count
        for located in found:
            count += 1
            yield located

    if how is Format.sarif:
        for part in formats.as_sarif(counted()):
            print(part)
    else:
        of_one = {Format.people: formats.for_people, Format.json: formats.as_json, Format.github: formats.as_github}[
            how
        ]
        for located in counted():
            print(of_one(located), flush=True)
    return count


# long: a command line
def check(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILE", help="Text, Markdown, HTML, CSV or JSON Lines; - is standard input."),
    ] = None,
    format: Annotated[Format, typer.Option(help="For people or for machines.")] = Format.people,
    kind: Annotated[Kind | None, typer.Option(help="How to read the files; by default, as their suffix says.")] = None,
    column: Annotated[
        str | None, typer.Option(metavar="NAME", help="The column or key of tables to check. Default: all texts.")
    ] = None,
    baseline: Annotated[Path | None, typer.Option(metavar="FILE", help="Accept the findings in this file.")] = None,
    project: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="The project, if the current folder is in another one.")
    ] = None,
    write_baseline: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the findings into this file, to accept them from now on.")
    ] = None,
) -> None:
    """Find off-brand words in texts and propose others.

    A word is found where it speaks ill of the brand: not where that is denied, nor where it is said of other brands,
    nor where a customer's complaint is answered. Facts are not checked: "light" may be untrue where "heavy" was.
    Ends with 1 if something is found, with 0 if not, with 2 if something is wrong.
    """
    try:
        accepted, written = (path and path.absolute() for path in (baseline, write_baseline))
        known = _accepted(accepted)
        documents = _documents(files or [], kind, column)
        checker = _open_checker(project)
        count = _report(find(checker, documents), format, known, written)
    except UserError as error:
        fail(str(error), 2)
    raise typer.Exit(1 if count else 0)


def _accepted(baseline: Path | None) -> Counter[Key]:
    """The findings that a baseline accepts."""
    from brandmlm.checking.baseline import read_baseline

    return read_baseline(baseline) if baseline else Counter()


def _documents(names: Sequence[str], kind: Kind | None, column: str | None) -> list[tuple[str, Iterable[Passage]]]:
    """The passages of files, `-` for standard input. Raises UserError if one cannot be read."""
    from brandmlm.checking.documents import read_passages

    if not names:
        raise UserError(f"no file given; name one, or - for standard input: {EXAMPLE}")
    return [
        (name, read_passages(name, data, column, kind.value if kind else None)) for name, data in read_documents(names)
    ]


def _open_checker(project: Path | None) -> Checker:
    """The checker of the project. Raises UserError if it has no model, or another brand's."""
    if project:
        if find_root(project.absolute()) != project.absolute():
            raise UserError(
                f"--project {project}: no project there ({' and '.join(ROOT_FILES)} are missing); name its root"
            )
        os.chdir(project)
    enter_project(", or name it with --project")
    check_present([MODELS["v2"]])
    check_brand()

    from brandmlm.checking.checker import Checker

    return Checker.open()


def _report(found: Iterable[Located], how: Format, known: Counter[Key], written: Path | None) -> int:
    """Print the findings that are not accepted, or write a baseline; returns how many are left."""
    from brandmlm.checking import baseline

    left = baseline.without_accepted(found, known)
    if not written:
        return show(left, how)
    count = baseline.write_baseline(written, left)
    say(f"{written}: {count} findings accepted from now on")
    return 0
