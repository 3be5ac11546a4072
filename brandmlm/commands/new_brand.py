"""`brand-mlm new-brand`: a new brand's folder and profile, from its own rows or from the template alone."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

import typer

from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

EXAMPLE: Final = "brand-mlm new-brand acme --reviews reviews.csv --yes"

NAME: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


MIN_SINGLE: Final = 20  # words on each side that are a single token, fewer train badly


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    name: str
    brand: tuple[str, ...]  # its names as people write them, the first for the test sentences
    rivals: tuple[str, ...] = ()
    files: dict[str, Path] = field(default_factory=dict)  # by the source's name
    text: dict[str, tuple[str, ...]] = field(default_factory=dict)  # columns of the text, by the source's name
    yes: bool = False


def check_name(name: str) -> None:
    """Raise UserError if a brand cannot have this name: it is taken, or cannot be a folder's and a profile's."""
    from brandmlm.commands.brand_writing import BRANDS, PARAMS
    from brandmlm.core.yaml_io import parse_yaml, read_yaml

    if not NAME.fullmatch(name):
        raise UserError(
            f"{repr(name) if name else 'no name'}: name the brand in lower-case letters, digits and single hyphens: "
            "brand-mlm new-brand north-ridge"
        )
    if not isinstance(parse_yaml(name, "the name"), str):
        raise UserError(f"{name!r} is a number, date or truth value in YAML; add a letter or word: brand-{name}")
    if (BRANDS / name).exists():
        raise UserError(f"{BRANDS / name}: exists already; edit its files, or choose another name")
    if name in (read_yaml(PARAMS, if_missing="run from the project's root folder") or {}):
        raise UserError(f"{PARAMS}: {name}: a section has this name already; choose another one")


def check_request(request: Request) -> None:
    """Raise UserError if a name cannot be a word of a lexicon, or an option says nothing here."""
    from brandmlm.commands.brand_dialogue import check_names
    from brandmlm.data.new_brand.reading import TEXT_OPTIONS

    check_names((*request.brand, *request.rivals))
    own = {name.casefold() for name in request.brand}
    for rival in request.rivals:
        if rival.casefold() in own:
            raise UserError(f"--rival {rival}: this is a name of the brand itself; name a competitor, or leave it out")
    for source, option in TEXT_OPTIONS.items():
        if request.text.get(source) and source not in request.files:
            raise UserError(f"{option} names columns of --{source}, which is missing; add --{source} FILE")
    if request.files and not request.yes and not sys.stdin.isatty():
        raise UserError("no terminal to ask questions on; add --yes to accept what is proposed")


def create(request: Request) -> list[str]:
    """Make a brand; it can be trained on before anything is edited. Nothing is written before all is asked.

    Returns:
        What to tell the user.
    """
    # The imports take a second or two: names are checked before.
    check_name(request.name)
    check_request(request)
    return _from_rows(request) if request.files else _from_template(request)


def _from_template(request: Request) -> list[str]:
    from brandmlm.commands.brand_proposal import propose_lexicon
    from brandmlm.commands.brand_writing import BRANDS, Plan, write_brand

    lexicon = propose_lexicon([], request.brand, request.rivals, lambda _: True)
    write_brand(Plan(request.name, lexicon))
    folder = BRANDS / request.name
    return [
        f"{folder}: lexicon.yaml, templates.yaml, probes.yaml. Put your own words into them, and rows that name the "
        "brand into the profile (with clean.min_brand_share 0, any rows will do), then:",
        f"  git add {folder}",
        f"  dvc exp run -S brand={request.name}",
    ]


def _from_rows(request: Request) -> list[str]:
    from rich.console import Console

    from brandmlm.commands import brand_dialogue as dialogue
    from brandmlm.commands import brand_proposal as proposal
    from brandmlm.commands.brand_writing import BRANDS, Plan, write_brand
    from brandmlm.data.new_brand.profile import choose
    from brandmlm.data.new_brand.reading import read_brand_table
    from brandmlm.text.language import likeliest_language

    console = Console()
    model = proposal.local_model()
    tables = {}
    for source, path in request.files.items():
        table = read_brand_table(path, source, request.text.get(source, ()), request.brand)
        dialogue.show_table(console, table)
        tables[source] = table if request.yes else dialogue.confirm_columns(console, table, request.brand)
    rows = list(tables.values())
    is_single = proposal.single_token_test(model.base)
    lexicon = proposal.propose_lexicon(rows, request.brand, request.rivals, is_single)
    if request.yes:
        dialogue.show_lexicon(console, lexicon)
    else:
        if not request.rivals and (rivals := dialogue.ask_rivals(console, proposal.propose_rivals(rows, lexicon))):
            lexicon = proposal.with_rivals(lexicon, rivals)
        lexicon = dialogue.sort_words(console, lexicon)
    params = proposal.propose_params(request.name, request.brand[0], model, tables)
    in_force = request.yes or dialogue.agree("Make it the brand and the profile in force?")
    if in_force:
        params = choose(params, {"profile": request.name, "brand": request.name})
    left_out = write_brand(Plan(request.name, lexicon, params))

    said = [f"left out, since it has a word of the lexicon: {text}" for text in left_out]
    share = proposal.share_naming(rows, request.brand)
    said.append(f"{share:.0%} of {sum(len(table.rows) for table in rows):,} different texts name the brand")
    if share < model.clean.min_brand_share:
        said[-1] += (
            "; `clean` stops at so few: add the names that customers use under `brand` in the lexicon, take other "
            "rows, or set clean.min_brand_share in params.yaml to 0"
        )
    language = likeliest_language([text for table in rows for text in table.rows["text"]])
    if language not in (None, lexicon.language):
        said.append(
            f"most texts are probably in {language!r} (ISO 639), of which `clean` keeps none: if so, write `language: "
            f"{language}` and `sentiment: none` into {BRANDS / request.name / 'lexicon.yaml'} (see docs/texts.md)"
        )
    said += [
        f"only {count} {side} words are a single token of the base, and {MIN_SINGLE} train well: add common words"
        for side, count in proposal.count_single(lexicon, is_single).items()
        if count < MIN_SINGLE
    ]
    folder, key = BRANDS / request.name, f"-S profile={request.name} -S brand={request.name}"
    said.append(f"{folder} and the profile {request.name} in params.yaml are ready to run; edit them as you like:")
    said += [f"  git add {folder} params.yaml", f"  dvc exp run{'' if in_force else f' {key}'}"]
    return said


# long: a command line
def new_brand(
    name: Annotated[str, typer.Argument(help="Of the folder and the profile: lower-case letters, digits, hyphens.")],
    spoken: Annotated[str, typer.Option("--name", help="As people write it; else from the folder's name.")] = "",
    alias: Annotated[list[str] | None, typer.Option(help="Another name of the brand; repeat it for more.")] = None,
    rival: Annotated[list[str] | None, typer.Option(help="A competitor; repeat it for more.")] = None,
    reviews: Annotated[str, typer.Option(help="A table of reviews, in any usual format.", metavar="FILE")] = "",
    products: Annotated[
        str, typer.Option(help="A table of products or other texts of the brand.", metavar="FILE")
    ] = "",
    text: Annotated[
        list[str] | None, typer.Option(help="Column of the reviews' text; repeat it for title and body.")
    ] = None,
    product_text: Annotated[
        list[str] | None, typer.Option(help="Column of the products' text; repeat it for name and description.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", help="Accept what is proposed, and make the brand the current one.")
    ] = False,
) -> None:
    """Create a new brand from its rows or from the template.

    Finds the columns of the files given, proposes products and adjectives found in their rows, and writes
    brands/NAME and a profile in params.yaml. Without files, it writes brands/NAME from the template.
    """
    from brandmlm.config.brand.fields import compose

    given = {source: path for source, path in (("reviews", reviews), ("products", products)) if path}
    for source, path in given.items():
        if "://" in path:
            raise UserError(f"--{source} {path}: this is an address; download the table and name its file")
    files = {source: Path.cwd() / path for source, path in given.items()}
    enter_project()
    request = Request(
        name,
        tuple(dict.fromkeys(map(compose, [spoken.strip() or name.replace("-", " ").title(), *(alias or ())]))),
        tuple(map(compose, rival or ())),
        {source: _shorter(path) for source, path in files.items()},
        {"reviews": tuple(text or ()), "products": tuple(product_text or ())},
        yes,
    )
    for line in create(request):
        say(line)


def _shorter(path: Path) -> Path:
    """A path from the project's root, if it is inside."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
