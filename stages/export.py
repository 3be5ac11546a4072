"""Put a trained model into a folder that stands alone: its files, and a card that says what it is made of.

In: a trained model and the rows it learnt from, the origins of the raw sources, the synthetic sentences, the base's
weights, the metrics, the lexicon (for the brand's name).
Out: a folder with the model's files, which transformers and the hub can load, and `README.md` (see `stages/card.py`).
Nothing that is trained depends on it. Digests are those of the files themselves, as they lie here.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.base import AnyBase
from brandmlm.config.params.filter import Filter
from brandmlm.config.params.report import Report
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.train import Train
from brandmlm.config.variants import TRAINED_VARIANTS
from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_folder, read_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.reporting.export import link
from brandmlm.reporting.lineage import RECORDS, WEIGHTS, base_name, example, lineage, mask_of, section_values
from brandmlm.reporting.model_card import Facts, write_card


class Params(Sections):
    base: AnyBase
    filter: Filter
    train: Train
    report: Report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.export", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=TRAINED_VARIANTS, help="which of the models")
    parser.add_argument("--model", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--rows", type=Path, required=True, help="the rows it learnt from (parquet)")
    parser.add_argument("--raw", type=Path, required=True, help="folder of the raw sources' folders")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with the synthetic corpus.parquet")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--metrics", type=Path, required=True, help="metrics.json of the report")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    arguments = parse_stage(parser)
    if not (arguments.model / WEIGHTS).is_file():
        raise UserError(f"{arguments.model}: no trained model here; run `make repro` to make it")
    params = Params.read()
    lexicon = load_lexicon(arguments.lexicon)
    rule = section_values(params.filter, "filter")
    facts = Facts(
        model=arguments.name,
        brand=lexicon.brand[0],
        example=example(lexicon, mask_of(arguments.model)),
        base_model=base_name(params.base),
        licence=params.base.license or "unknown",
        sources=list(lineage(arguments, params.base)),
        recipe=section_values(params.train, "train") | (rule if arguments.name == "filtered" else {}),
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
