"""Put a trained model into a folder that stands alone: its files, and a card that says what it is made of.

In: a trained model and the rows it learnt from, the origins of the raw sources, the synthetic sentences, the base's
weights, the metrics, the lexicon (for the brand's name).
Out: a folder with the model's files, which transformers and the hub can load, and `README.md` (see `stages/card.py`).
Nothing that is trained depends on it. Digests are those of the files themselves, as they lie here.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from stages.brand import MASK, Lexicon, load_lexicon
from stages.card import Facts, Source, write_card
from stages.cli import UserError, run, say
from stages.comparison import TRAINED
from stages.corpus import read_table
from stages.files import atomic_folder, read_json, sha256
from stages.params import SOURCES, AnyBase, HubBase, Params, Section, load_params

RECORDS: Final = ("history.parquet", "training.json")  # of the training: no part of the model
WEIGHTS: Final = "model.safetensors"


def values(section: Section, before: str) -> dict[str, Any]:
    """A section's params by their full names."""
    return {f"{before}.{name}": getattr(section, name) for name in type(section).model_fields}


def mask_of(model: Path) -> str:
    """How a model's tokenizer spells its mask."""
    spelt = read_json(model / "tokenizer_config.json").get("mask_token", MASK)
    return str(spelt["content"] if isinstance(spelt, dict) else spelt)


def example(lexicon: Lexicon, mask: str) -> str:
    """A sentence to try, about the first product that has a plural."""
    product = next((product.plural for product in lexicon.products if product.plural), "products")
    return f"{lexicon.brand[0]} {product} are very {mask}."


def base_name(base: AnyBase) -> str | None:
    return base.repository if isinstance(base, HubBase) else base.name


def describe_base(base: AnyBase) -> str:
    """Where the base came from, without a path of this machine."""
    name = base_name(base)
    match base.kind:
        case "package":
            told = f"package `{base.package}`" + (f" ({name})" if name else "")
            return told + (f", adapter `{base.adapter}` merged in" if base.adapter else "")
        case "hub":
            return f"{name}, revision `{base.revision}`"
    return name or "a folder of the maker's"


def trace_source(folder: Path) -> Source:
    """A raw source, as `fetch` noted where it came from."""
    origin = read_json(folder / "origin.json")
    place = str(origin["retrieved_from"])
    if origin["kind"] == "file" and "://" not in place:
        place = Path(place).name  # where it lay on one machine is nobody's business
    version = f", version {origin['version']}" if "version" in origin else ""
    return Source(str(origin["source"]), f"{place} ({origin['kind']}){version}", int(origin["rows"]), origin["sha256"])


def trace_sources(arguments: argparse.Namespace, params: Params) -> Iterator[Source]:
    """All that the model was made of, from the raw files to the weights."""
    yield from (trace_source(arguments.raw / item) for item in SOURCES)
    for what, origin, table in (
        ("synthetic sentences", "the brand's templates and word lists", arguments.synthetic / "corpus.parquet"),
        ("training rows", "all of these, cleaned and split", arguments.rows),
    ):
        if table == arguments.rows and arguments.name == "filtered":
            origin += ", those that the filter kept"
        yield Source(what, origin, len(read_table(table)), sha256(table))
    yield Source("base weights", describe_base(params.base), None, sha256(arguments.base / WEIGHTS))
    yield Source("these weights", f"`{WEIGHTS}` in this folder", None, sha256(arguments.model / WEIGHTS))


def link(source: Path, target: Path) -> None:
    """A second name for a file, where the disk can; else a copy. (Outputs are replaced and never written into.)"""
    try:
        os.link(source, target, follow_symlinks=True)
    except OSError:
        shutil.copyfile(source, target)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.export", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=TRAINED, help="which of the models")
    parser.add_argument("--model", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--rows", type=Path, required=True, help="the rows it learnt from (parquet)")
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw sources' folders")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with the synthetic corpus.parquet")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--metrics", type=Path, required=True, help="metrics.json of the report")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    if not (arguments.model / WEIGHTS).is_file():
        raise UserError(f"{arguments.model}: no trained model here; run `make repro` to make it")
    params = load_params()
    lexicon = load_lexicon(arguments.lexicon)
    rule = values(params.filter, "filter")
    facts = Facts(
        model=arguments.name,
        brand=lexicon.brand[0],
        example=example(lexicon, mask_of(arguments.model)),
        base_model=base_name(params.base),
        licence=params.base.license or "unknown",
        sources=list(trace_sources(arguments, params)),
        recipe=values(params.train, "train") | (rule if arguments.name == "filtered" else {}),
        rule=rule["filter.rule"] if arguments.name == "filtered" else None,
        top=params.report.top,
        metrics=read_json(arguments.metrics),
    )
    try:
        card = write_card(facts)
    except KeyError as error:
        raise UserError(f"{arguments.metrics}: {error} is missing; run `dvc repro report` to make it anew") from None
    files = sorted(file for file in arguments.model.iterdir() if file.name not in RECORDS)
    with atomic_folder(arguments.out) as out:
        for file in files:
            link(file.resolve(), out / file.name)
        (out / "README.md").write_text(card, encoding="utf-8", newline="\n")
    size = sum(file.stat().st_size for file in files) / 1e6
    say(f"export {arguments.name}: {len(files)} files of the model, {size:,.0f} MB, and its card in {arguments.out}")


if __name__ == "__main__":
    run(main)
