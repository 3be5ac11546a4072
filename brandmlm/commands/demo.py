"""`brand-mlm demo`: a static folder with a page, v2 and its base, and what runs them in a browser."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from brandmlm.commands.export import EXPORTS, check_extra, check_replaceable
from brandmlm.commands.project import MODELS, check_brand, check_present, enter_project, lexicon_path
from brandmlm.core.command_line import say

EXAMPLE: Final = "brand-mlm demo"

OUT: Final = Path("data/demo")

EXAMPLES: Final = 3  # probes among the sentences to try

MAX_EXAMPLE: Final = 45  # characters: it is a button


# long: a folder from what a dozen modules know
def build(out: Path) -> None:
    """Write the demo of the project in the current folder, and tell about it.

    Raises:
        UserError: Something that it is made from is missing, or the folder has files of others.
    """
    from huggingface_hub import ModelCard

    from brandmlm.commands.recorded_build import recorded_build
    from brandmlm.config.brand.fields import MASK
    from brandmlm.config.brand.lexicon import load_lexicon
    from brandmlm.config.brand.probes import load_probes
    from brandmlm.core.files import atomic_folder
    from brandmlm.evaluation.word_verdicts import WordVerdicts
    from brandmlm.onnx.folder import describe
    from brandmlm.page.demo.build import DemoFacts, DemoModel, demo_names, write_demo
    from brandmlm.page.demo.npm import fetch_runtime
    from brandmlm.reporting.card_facts import example_sentences
    from brandmlm.reporting.provenance import STATEMENT, write_statement

    models = (
        DemoModel("v2", "trained on the kept rows", EXPORTS["v2"]),
        DemoModel("base", "before training", MODELS["base"]),
    )
    check_replaceable(out, demo_names(models) | {STATEMENT}, "the demo")
    made_from = recorded_build(EXPORTS["v2"])
    lexicon = load_lexicon(lexicon_path())
    probes = load_probes(lexicon_path().with_name("probes.yaml"))
    short = [each.text for each in probes if each.kind == "claim" and len(each.text) <= MAX_EXAMPLE and not each.seed]
    facts = DemoFacts(
        brand=lexicon.brand[0],
        language=lexicon.language,
        licence=str(ModelCard.load(EXPORTS["v2"] / "README.md").data.license),
        examples=[*example_sentences(lexicon, MASK), *short[:EXAMPLES]],
        probes=[each.text for each in probes],
        verdicts=WordVerdicts(lexicon),
    )
    runtime = fetch_runtime()
    with atomic_folder(out) as partial:
        converted = write_demo(partial, models, facts, runtime)
        write_statement(partial, made_from)
        size = sum(path.stat().st_size for path in partial.rglob("*") if path.is_file())
    for model, each in zip(models, converted, strict=True):
        say(f"{out}/models/{model.name}/{describe(each)}")
    say(f"{out}: {size / 1e6:.0f} MB; look at it with `python -m http.server --bind 127.0.0.1 --directory {out}`")


def demo(
    out: Annotated[str, typer.Option(metavar="FOLDER", help=f"Where to; else {OUT}.")] = "",
) -> None:
    """Write a static page that asks v2 and its base.

    The folder has the page, both models as ONNX files with 8-bit weights, and transformers.js, which npm fetches. Any
    file server can serve it, GitHub Pages or a Hugging Face Space among them; the page asks no other host for anything.
    """
    given = Path.cwd() / out if out else None
    enter_project()
    check_extra()
    check_present([EXPORTS["v2"], MODELS["base"]])
    check_brand()
    build(given or OUT)
