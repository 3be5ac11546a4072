"""Write the demo's folder. Nothing in it names another host: a plain file server, and no network, are enough."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from brandmlm.evaluation.top_words import TOP
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.vocabulary import Vocabulary, token_verdicts
from brandmlm.onnx.folder import FILES, TIES, Converted, convert
from brandmlm.page.demo.npm import RUNTIME_FILES

HERE: Final = Path(__file__).parent

# The look and the elements of the page of `brand-mlm try`, then the demo's own files.
SHARED: Final = ("style.css", "dom.js", "icon.svg")
OWN: Final = ("demo.css", "demo.js", "worker.js")
RENDERED: Final = ("index.html", "README.md")

SETTINGS: Final = "demo.json"  # what the page needs to know: models, and the verdicts on words

NO_JEKYLL: Final = ".nojekyll"  # GitHub Pages serves the folder as it is

RUNTIME: Final = "runtime"

MODEL_FILES: Final = ("config.json", "tokenizer.json", "tokenizer_config.json")

ORT_LICENCE: Final = "onnxruntime.LICENSE.txt"  # its npm package has none; that of PyPI has

PRECISION: Final = "int8"


@dataclass(frozen=True)
class DemoModel:
    """A model of the page."""

    name: str
    note: str
    source: Path  # its folder


@dataclass(frozen=True)
class DemoFacts:
    """What the page says, and what it is made from."""

    brand: str
    language: str  # ISO 639
    licence: str  # of the trained model, as the hub abbreviates it
    examples: Sequence[str]  # sentences with one `[MASK]`
    probes: Sequence[str]  # sentences on which each model is checked against torch
    verdicts: WordVerdicts


def demo_names(models: Sequence[DemoModel]) -> set[str]:
    """All files of a demo, from its folder."""
    return {
        *SHARED,
        *OWN,
        *RENDERED,
        SETTINGS,
        NO_JEKYLL,
        *(f"{RUNTIME}/{name}" for name in (*RUNTIME_FILES, ORT_LICENCE)),
        *(f"models/{model.name}/{name}" for model in models for name in (*MODEL_FILES, FILES[PRECISION])),
    }


def write_demo(
    out: Path, models: Sequence[DemoModel], facts: DemoFacts, runtime: Mapping[str, bytes]
) -> list[Converted]:
    """Write the demo into an empty folder.

    Args:
        models: the page shows and loads them in this order; they share a vocabulary.
        runtime: files by name; see `npm.fetch_runtime`.

    Returns:
        The models' ONNX files, in the same order.

    Raises:
        UserError: A model cannot be loaded or converted.
    """
    (out / RUNTIME).mkdir()
    for name, data in runtime.items():
        (out / RUNTIME / name).write_bytes(data)
    (out / RUNTIME / ORT_LICENCE).write_bytes(files("onnxruntime").joinpath("LICENSE").read_bytes())
    converted = [_write_model(out / "models" / model.name, model.source, facts.probes) for model in models]
    for name in SHARED:
        shutil.copyfile(HERE.parent / "static" / name, out / name)
    for name in OWN:
        shutil.copyfile(HERE / "static" / name, out / name)
    settings = {
        "models": [
            {"name": model.name, "note": model.note, "bytes": each.size}
            for model, each in zip(models, converted, strict=True)
        ],
        **_judged_tokens(models[0].source, facts.verdicts),
    }
    made = {SETTINGS: json.dumps(settings) + "\n", NO_JEKYLL: "", **dict(_render(facts, models, converted))}
    for name, text in made.items():
        (out / name).write_text(text, encoding="utf-8", newline="\n")
    return converted


def _judged_tokens(source: Path, verdicts: WordVerdicts) -> dict[str, list[int]]:
    """The ids of the wanted and of the unwanted tokens of a model's vocabulary."""
    judged = token_verdicts(Vocabulary(load_checkpoint(source)[1]), verdicts)
    return {verdict: np.flatnonzero(judged == verdict).tolist() for verdict in ("wanted", "unwanted")}


def _write_model(out: Path, source: Path, probes: Sequence[str]) -> Converted:
    out.mkdir(parents=True)
    for name in MODEL_FILES:
        shutil.copyfile(source / name, out / name)
    [converted] = convert(source, out, probes, [PRECISION])
    return converted


def _render(facts: DemoFacts, models: Sequence[DemoModel], converted: Sequence[Converted]) -> Iterator[tuple[str, str]]:
    """Yield the name and the content of each file that is made from a template."""
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=lambda name: str(name).endswith(".html"),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
    )
    shown = [
        {"name": model.name, "note": model.note, "size": each.size / 1e6, "agreement": each.agreement}
        for model, each in zip(models, converted, strict=True)
    ]
    for name in RENDERED:
        yield name, environment.get_template(name).render(facts=facts, models=shown, top=TOP, tie=TIES[PRECISION])
