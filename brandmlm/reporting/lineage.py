"""What a model was made of, from the raw files to the weights."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.params.base import AnyBase, HubBase
from brandmlm.config.params.section import Section
from brandmlm.config.params.sources import SOURCE_NAMES
from brandmlm.core.files import read_json, sha256
from brandmlm.data.corpus import read_table
from brandmlm.reporting.model_card import LineageEntry

RECORDS: Final = ("history.parquet", "training.json")  # of the training: no part of the model

WEIGHTS: Final = "model.safetensors"


def section_values(section: Section, before: str) -> dict[str, Any]:
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


def lineage_entry(folder: Path) -> LineageEntry:
    """A raw source, as `fetch` noted where it came from."""
    origin = read_json(folder / "origin.json")
    place = str(origin["retrieved_from"])
    if origin["kind"] == "file" and "://" not in place:
        place = Path(place).name  # where it lay on one machine is nobody's business
    version = f", version {origin['version']}" if "version" in origin else ""
    return LineageEntry(
        str(origin["source"]), f"{place} ({origin['kind']}){version}", int(origin["rows"]), origin["sha256"]
    )


def lineage(arguments: argparse.Namespace, base: AnyBase) -> Iterator[LineageEntry]:
    """All that the model was made of, from the raw files to the weights."""
    yield from (lineage_entry(arguments.raw / item) for item in SOURCE_NAMES)
    for what, origin, table in (
        ("synthetic sentences", "the brand's templates and word lists", arguments.synthetic / "corpus.parquet"),
        ("training rows", "all of these, cleaned and split", arguments.rows),
    ):
        if table == arguments.rows and arguments.name == "filtered":
            origin += ", those that the filter kept"
        yield LineageEntry(what, origin, len(read_table(table)), sha256(table))
    yield LineageEntry("base weights", describe_base(base), None, sha256(arguments.base / WEIGHTS))
    yield LineageEntry("these weights", f"`{WEIGHTS}` in this folder", None, sha256(arguments.model / WEIGHTS))
