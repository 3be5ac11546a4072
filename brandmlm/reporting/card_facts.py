"""The facts of a model card, gathered from params, lexicon, metrics and files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.params.base import AnyBase
from brandmlm.config.params.filter import Filter
from brandmlm.config.params.report import Report
from brandmlm.config.params.section import Section
from brandmlm.config.params.train import Train
from brandmlm.core.files import read_json
from brandmlm.reporting.lineage import LineageEntry, LineagePaths, base_name, lineage

EXAMPLES: Final = 3  # sentences that the hub offers to try, at most


class CardParams(Protocol):
    """The sections of `params.yaml` that a card reports."""

    @property
    def base(self) -> AnyBase: ...
    @property
    def filter(self) -> Filter: ...
    @property
    def train(self) -> Train: ...
    @property
    def report(self) -> Report: ...


@dataclass(frozen=True)
class CardFacts:
    model: str  # full or filtered
    brand: str
    language: str  # ISO 639
    examples: Sequence[str]  # sentences with the model's own mask, at least one
    base_model: str | None  # name on the hub, if any
    licence: str  # as the hub abbreviates it
    sources: Sequence[LineageEntry]  # from the raw files to the weights
    recipe: Mapping[str, Any]  # param: value
    rule: str | None  # the keep rule of the training rows; None: all rows
    top: int  # number of likeliest tokens that count in the metrics named "in_top"
    metrics: Mapping[str, Any]  # details.json


def card_facts(
    model: str, paths: LineagePaths, params: CardParams, lexicon: Lexicon, metrics: Mapping[str, Any]
) -> CardFacts:
    """Gather the facts of a trained model's card; `model`: full or filtered."""
    filtered = model == "filtered"
    rule = _values(params.filter, "filter") if filtered else {}
    return CardFacts(
        model=model,
        brand=lexicon.brand[0],
        language=lexicon.language,
        examples=example_sentences(lexicon, _mask_token(paths.model)),
        base_model=base_name(params.base),
        licence=params.base.license or "unknown",
        sources=list(lineage(paths, params.base, filtered)),
        recipe=_values(params.train, "train") | rule,
        rule=rule.get("filter.rule"),
        top=params.report.top,
        metrics=metrics,
    )


def _values(section: Section, name: str) -> dict[str, Any]:
    """A section's params by their full names."""
    return {f"{name}.{key}": getattr(section, key) for key in type(section).model_fields}


def _mask_token(model: Path) -> str:
    """How the model's tokenizer writes its mask."""
    token = read_json(model / "tokenizer_config.json").get("mask_token", MASK)
    return str(token["content"] if isinstance(token, dict) else token)


def example_sentences(lexicon: Lexicon, mask: str) -> list[str]:
    """Sentences to try, about the first products with a plural."""
    products = [product.plural for product in lexicon.products if product.plural] or ["products"]
    return [f"{lexicon.brand[0]} {product} are very {mask}." for product in products[:EXAMPLES]]
