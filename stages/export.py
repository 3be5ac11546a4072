"""Export a trained model: one self-contained folder with its files and a model card.

In: a trained model and its training rows, the origins of the raw sources, the synthetic sentences, the base's weights,
the metrics, the lexicon (for the brand's name).
Out: a folder that transformers and the hub can load, with a card (`README.md`) and a statement of what it was made from
(`provenance.json`).
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
from brandmlm.reporting.card_facts import card_facts
from brandmlm.reporting.export import check_recorded, declared_params, model_files, stage_build, write_export
from brandmlm.reporting.lineage import WEIGHTS, LineagePaths
from brandmlm.reporting.model_card import write_card
from brandmlm.reporting.provenance import write_statement


class Params(Sections):
    base: AnyBase
    filter: Filter
    train: Train
    report: Report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.export", description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=TRAINED_VARIANTS, help="which of the models")
    parser.add_argument("--model", type=Path, required=True, help="folder of the trained model")
    parser.add_argument("--rows", type=Path, required=True, help="its training rows (parquet)")
    parser.add_argument("--raw", type=Path, required=True, help="folder with a folder per raw source")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with the synthetic corpus.parquet")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--details", type=Path, required=True, help="details.json of the report")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parse_stage(parser)
    if not (args.model / WEIGHTS).is_file():
        raise UserError(f"{args.model}: no trained model here; run `make repro` to make it")
    check_recorded(args.model)
    paths = LineagePaths(args.raw, args.synthetic, args.rows, args.base, args.model)
    facts = card_facts(args.name, paths, Params.read(), load_lexicon(args.lexicon), read_json(args.details))
    try:
        card = write_card(facts)
    except KeyError as error:
        raise UserError(f"{args.details}: {error} is missing; run `dvc repro report` to write it again") from None
    files = model_files(args.model)
    inputs = [args.rows, args.lexicon, paths.base / WEIGHTS, args.model, args.raw, args.synthetic / "corpus.parquet"]
    inputs += [args.details, *filter(None, [args.code])]
    build = stage_build(args.name, inputs, declared_params(Path("params.yaml"), Params.model_fields))
    with atomic_folder(args.out) as out:
        write_export(files, card, out)
        write_statement(out, build)
    size = sum(file.stat().st_size for file in files) / 1e6
    say(f"export {args.name}: {len(files)} files of the model, {size:,.0f} MB, and its card in {args.out}")


if __name__ == "__main__":
    run(main)
