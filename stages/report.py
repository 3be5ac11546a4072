"""Put what the run found into numbers, pictures and tables: the only outputs of the pipeline that live in git.

In: the counts of `clean`, `synthesize`, `split` and `filter`, the drift found, the training histories, the evaluations
of base, full and filtered, and the lexicon that judges the words offered for the probes.
Out: `metrics.json` (nested, finite numbers only) and a folder of plots: JSON rows for DVC's figures (one row a line),
pictures (PNG), `top_tokens.md`, `substitutions.md`, `behaviour.md` and `summary.md` (`stages/results.py` prints the
latter's table).
"""

from __future__ import annotations

import argparse
import json
import math
import os
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from tqdm import tqdm

from stages import behaviour, figures, figures_evaluation, figures_probes
from stages.brand import load_lexicon
from stages.cli import UserError, run, say
from stages.comparison import (
    COUNTS,
    MASSES,
    MODELS,
    PROBE_MEASURES,
    TRAINED,
    count_top,
    final_markdown,
    judge,
    substitutions_markdown,
    summarise_probes,
    top_tokens_markdown,
)
from stages.corpus import read_table
from stages.figures_style import VERDICT_MARKS, save
from stages.files import atomic_folder, read_json, write_json
from stages.intervals import interval, resampled_sums
from stages.judgement import Judge
from stages.params import load_params
from stages.sets import parts

TRAINING_NUMBERS: Final = ("rows", "steps", "tokens", "epochs", "best_step", "best_validation_loss")
SET_NUMBERS: Final = ("perplexity", "accuracy", "ece", "rows", "tokens")
PSEUDO: Final = "pseudo_perplexity"  # of a set, where `evaluate.pseudo_perplexity` asked for it
CASE_FIELDS: Final = ("part", "capability", "text", "origin", *MASSES)
PROBE_FIELDS: Final = ("id", "kind", "text", "seed", *MASSES)
PAIRS: Final = (("filtered", "full"), ("filtered", "base"), ("full", "base"))
RESAMPLES: Final = 2000  # of the bootstrap
SEED: Final = 7
SUBSTITUTIONS: Final = 10  # best and as many worst
DIGITS: Final = 6  # significant; more would be noise in the diffs

Tree = dict[str, Any]


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` wrote for one model."""

    folder: Path
    sets: dict[str, dict[str, float]]  # set: perplexity, accuracy, rows, tokens
    rows: pd.DataFrame  # set, id, source, tokens, nll
    bins: pd.DataFrame  # set, bin, tokens, confidence, correct
    probes: pd.DataFrame  # the `PROBE_FIELDS`, in the probes' order
    offers: pd.DataFrame  # probe, rank, token, probability
    cases: pd.DataFrame  # the `CASE_FIELDS`, in the suite's order
    words: pd.DataFrame  # text, rank, token, probability
    phrases: pd.DataFrame  # part, text, phrase, verdict, tokens, log_likelihood


@dataclass(frozen=True)
class Inputs:
    clean: Tree
    synthetic: Tree
    split: Tree
    filtered: Tree
    drift: Tree
    months: pd.DataFrame  # month, reviews, bad, bad_share, alarm
    training: dict[str, Tree]  # by trained model
    history: pd.DataFrame  # model, step, tokens, split, loss, perplexity
    evaluations: dict[str, Evaluation]  # by model


def take(document: Any, path: Path, *keys: str) -> Any:
    """The value under nested keys. Raises UserError where one is missing."""
    for key in keys:
        if not isinstance(document, dict) or key not in document:
            raise UserError(f"{path}: key {'.'.join(keys)!r} is missing; run `dvc repro` to make the file anew")
        document = document[key]
    return document


def take_number(document: Any, path: Path, *keys: str) -> float:
    """The finite number under nested keys. Raises UserError where there is none."""
    value = take(document, path, *keys)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise UserError(
            f"{path}: {'.'.join(keys)} is {value!r}, not a finite number; did training diverge? Lower "
            "train.learning_rate, or run `dvc repro` if the file is an old one"
        )
    return value


def read_columns(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """Some columns of a parquet table. Raises UserError where one is missing."""
    table = read_table(path)
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise UserError(f"{path}: column {missing[0]!r} is missing; run `dvc repro` to make the file anew")
    return table[list(columns)]


def read_evaluation(folder: Path) -> Evaluation:
    """What `evaluate` wrote into a folder. Raises UserError that names the file and what lacks."""
    summary = folder / "summary.json"
    sets = {
        name: {key: take_number(values, summary, key) for key in (*SET_NUMBERS, *({PSEUDO} & values.keys()))}
        for name, values in take(read_json(summary), summary, "sets").items()
    }
    listed = folder / "probes.json"
    probes = [{key: take(probe, listed, key) for key in PROBE_FIELDS} for probe in read_json(listed)]
    for probe in probes:
        for key in MASSES:
            take_number(probe, listed, key)
    table = folder / "probes.parquet"
    offers = read_columns(table, ("probe", "rank", "token", "probability"))
    if set(offers["probe"]) != {probe["id"] for probe in probes}:
        raise UserError(f"{table}: holds other probes than {listed}; run `dvc repro` to make both anew")
    return Evaluation(
        folder=folder,
        sets=sets,
        rows=read_columns(folder / "rows.parquet", ("set", "id", "source", "tokens", "nll")),
        bins=read_columns(folder / "calibration.parquet", ("set", "bin", "tokens", "confidence", "correct")),
        probes=pd.DataFrame(probes, columns=list(PROBE_FIELDS)),
        offers=offers.sort_values(["probe", "rank"], ignore_index=True),
        cases=read_columns(folder / "cases.parquet", CASE_FIELDS),
        words=read_columns(folder / "words.parquet", ("text", "rank", "token", "probability")),
        phrases=read_columns(
            folder / "phrases.parquet", ("part", "text", "phrase", "verdict", "tokens", "log_likelihood")
        ),
    )


def check_comparable(evaluations: dict[str, Evaluation]) -> None:
    """Raise UserError where two models were not asked the same questions."""
    first, *others = evaluations.values()
    which = ["set", "id", "source", "tokens"]
    asked = first.rows[which].sort_values(["set", "id"], ignore_index=True)
    for other in others:
        if not asked.equals(other.rows[which].sort_values(["set", "id"], ignore_index=True)):
            raise UserError(
                f"{other.folder / 'rows.parquet'}: evaluated on different rows than {first.folder}; run `dvc repro`"
            )
        fields = ["id", "kind", "text", "seed"]
        if not first.probes[fields].equals(other.probes[fields]):
            raise UserError(
                f"{other.folder / 'probes.json'}: evaluated on different probes than {first.folder}; run `dvc repro`"
            )
        fields = ["part", "capability", "text", "origin"]
        if not first.cases[fields].equals(other.cases[fields]):
            raise UserError(
                f"{other.folder / 'cases.parquet'}: evaluated on different cases than {first.folder}; run `dvc repro`"
            )


def read_inputs(arguments: argparse.Namespace) -> Inputs:
    histories = []
    training = {}
    for model in TRAINED:
        folder: Path = arguments.models / model
        document = read_json(folder / "training.json")
        training[model] = {key: take_number(document, folder / "training.json", key) for key in TRAINING_NUMBERS}
        history = read_columns(folder / "history.parquet", ("step", "tokens", "split", "loss", "perplexity"))
        histories.append(history.assign(model=model))
    evaluations = {model: read_evaluation(arguments.evaluations / model) for model in MODELS}
    check_comparable(evaluations)
    return Inputs(
        clean=read_json(arguments.clean / "counts.json"),
        synthetic=read_json(arguments.synthetic / "counts.json"),
        split=read_json(arguments.split / "counts.json"),
        filtered=read_json(arguments.filtered / "counts.json"),
        drift=read_json(arguments.filtered / "drift.json"),
        months=read_columns(arguments.filtered / "drift.parquet", ("month", "reviews", "bad", "bad_share", "alarm")),
        training=training,
        history=pd.concat(histories, ignore_index=True),
        evaluations=evaluations,
    )


def gather_offers(evaluations: dict[str, Evaluation]) -> pd.DataFrame:
    """The tokens offered by all models: columns model, probe, rank, token, probability."""
    return pd.concat(
        [evaluation.offers.assign(model=model) for model, evaluation in evaluations.items()], ignore_index=True
    )


def gather_results(evaluations: dict[str, Evaluation], counts: pd.DataFrame) -> pd.DataFrame:
    """The results table (see `comparison`), models and probes in their own order."""
    probes = pd.concat(
        [evaluation.probes.assign(model=model) for model, evaluation in evaluations.items()], ignore_index=True
    )
    results = probes.rename(columns={"id": "probe"}).merge(counts, on=["model", "probe"], how="left", validate="1:1")
    return results[["model", "probe", "kind", "text", "seed", *PROBE_MEASURES]]


def gather_answers(evaluations: dict[str, Evaluation], judge_word: Judge, top: int) -> behaviour.Answers:
    """What all models answered in the behaviour suite, of the words the `top` likeliest, judged.

    Raises UserError where fewer words were kept.
    """

    def of_all(name: str) -> pd.DataFrame:
        tables: list[pd.DataFrame] = [
            getattr(evaluation, name).assign(model=model) for model, evaluation in evaluations.items()
        ]
        return pd.concat(tables, ignore_index=True)

    words = of_all("words")
    kept = int(words["rank"].max()) if len(words) else top
    if kept < top:
        raise UserError(f"params.yaml: report.top is {top}, but {kept} words are kept of a case of the suite; lower it")
    words = words[words["rank"] <= top]
    verdicts = {token: judge_word(token) for token in words["token"].unique()}
    return behaviour.Answers(of_all("cases"), words.assign(verdict=words["token"].map(verdicts)), of_all("phrases"))


def numbers(tree: Tree) -> Tree:
    """A copy of nested counts with the numbers only."""
    kept: Tree = {}
    for key, value in tree.items():
        if isinstance(value, dict):
            kept[key] = numbers(value)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            kept[key] = value
    return kept


def rounded(value: Any) -> Any:
    """The same nested value, its floats cut to a few significant digits."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def perplexity_intervals(evaluations: dict[str, Evaluation], resamples: int, seed: int) -> tuple[Tree, Tree]:
    """Bootstrap intervals of perplexity by model and set, and of the change from one model to another by pair and set
    (per cent), over the same draws of rows for all models."""
    rows = next(iter(evaluations.values())).rows[["set", "id", "source", "tokens"]]
    for model, evaluation in evaluations.items():
        losses = evaluation.rows[["set", "id", "nll"]].rename(columns={"nll": model})
        rows = rows.merge(losses, on=["set", "id"], validate="1:1")
    single: Tree = {model: {} for model in evaluations}
    paired: Tree = {}
    for name, part in parts(rows.sort_values(["set", "id"])):
        values = part[["tokens", *evaluations]].to_numpy(dtype="float64")
        draws, exact = resampled_sums(values, resamples, seed), values.sum(axis=0)
        rates, rate = draws[:, 1:] / draws[:, :1], exact[1:] / exact[0]
        place = {model: number for number, model in enumerate(evaluations)}
        for model, column in place.items():
            low, high = interval(np.exp(rates[:, column]))
            single[model][name] = {"perplexity_low": low, "perplexity_high": high}
        for one, other in PAIRS:
            low, high = interval(100 * np.expm1(rates[:, place[one]] - rates[:, place[other]]))
            change = float(100 * np.expm1(rate[place[one]] - rate[place[other]]))
            paired.setdefault(f"{one}_against_{other}", {})[name] = {
                "perplexity_percent": change, "perplexity_percent_low": low, "perplexity_percent_high": high,
            }  # fmt: skip
    return single, paired


def make_metrics(inputs: Inputs, probe_summary: Tree, suite_summary: Tree) -> Tree:
    """All that `metrics.json` holds: what tells the models apart first, then how they came about."""
    alarms, warnings = inputs.drift["alarms"], inputs.drift.get("warnings", [])
    bounds, differences = perplexity_intervals(inputs.evaluations, RESAMPLES, SEED)
    metrics = {
        "evaluation": {
            model: {name: {**numbers, **bounds[model].get(name, {})} for name, numbers in evaluation.sets.items()}
            for model, evaluation in inputs.evaluations.items()
        },
        "differences": differences,
        "probes": probe_summary,
        "behaviour": suite_summary,
        "training": {
            model: {**document, "best_validation_perplexity": math.exp(document["best_validation_loss"])}
            for model, document in inputs.training.items()
        },
        "rows": {
            "clean": numbers(inputs.clean),
            "synthetic": numbers(inputs.synthetic),
            "split": numbers(inputs.split),
            "filtered": numbers(inputs.filtered),
        },
        "drift": {**numbers(inputs.drift), "alarms": len(alarms), "warnings": len(warnings)},
    }
    return dict(rounded(metrics))


def write_rows(table: pd.DataFrame, path: Path) -> None:
    """Write a table as a JSON list, one row a line, so that diffs are readable and numbers stay numbers.

    DVC cannot draw a file without rows: an empty table becomes one row of nulls, of which its figures draw nothing.
    """
    records = table.to_dict("records") or [dict.fromkeys(table.columns)]
    lines = [
        json.dumps(
            {key: None if pd.isna(value) else rounded(value) for key, value in record.items()}, ensure_ascii=False
        )
        for record in records
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def dropped_rows(clean: Tree, path: Path) -> pd.DataFrame:
    """Columns source, reason, rows of what `clean` dropped."""
    return pd.DataFrame(
        [(source, reason, rows) for source in clean for reason, rows in take(clean, path, source, "dropped").items()],
        columns=["source", "reason", "rows"],
    )


def signal_counts(filtered: Tree, path: Path) -> dict[str, int]:
    return {
        name: int(take_number(filtered, path, "signals", name, "passed")) for name in take(filtered, path, "signals")
    }


def write_data(
    out: Path, inputs: Inputs, offers: pd.DataFrame, results: pd.DataFrame, dropped: pd.DataFrame,
    signals: dict[str, int], top: int,
) -> None:  # fmt: skip
    """The rows from which DVC draws. Names of files and columns are an interface: revisions are compared by them."""
    for model in TRAINED:
        for split in ("train", "validation"):
            rows = inputs.history[(inputs.history["model"] == model) & (inputs.history["split"] == split)]
            write_rows(rows[["step", "tokens", "loss", "perplexity"]], out / "training" / split / f"{model}.json")
    order = {probe: place for place, probe in enumerate(dict.fromkeys(results["probe"]), start=1)}
    head = offers[offers["rank"] <= top].merge(results[["model", "probe", "text"]], on=["model", "probe"])
    marks = head["verdict"].map(VERDICT_MARKS)
    head = head.assign(
        label=(head["token"] + " " + marks).str.rstrip(),
        model=head["model"].map(MODELS),
        order=head["probe"].map(order),
        sentence=head["text"],
    ).sort_values(["order", "rank"], kind="stable")
    for model, name in MODELS.items():
        rows = head[head["model"] == name]
        columns = ["model", "order", "sentence", "rank", "label", "probability"]
        write_rows(rows[columns], out / "tokens" / f"{model}.json")
    labels = dropped["source"] + ": " + dropped["reason"].str.replace("_", " ")
    write_rows(dropped.assign(label=labels), out / "dropped_rows.json")
    counts = {**signals, "kept": int(inputs.filtered["kept"])}
    write_rows(pd.DataFrame(counts.items(), columns=["signal", "rows"]), out / "signals.json")
    write_rows(inputs.months, out / "drift.json")
    write_rows(results[["model", "probe", "kind", *COUNTS, *MASSES]], out / "probes.json")


def write_pictures(
    out: Path, inputs: Inputs, offers: pd.DataFrame, results: pd.DataFrame, dropped: pd.DataFrame,
    signals: dict[str, int], top: int, differences: Tree,
) -> None:  # fmt: skip
    """Draw the pictures; a progress bar on standard error where that takes more than two seconds."""
    out.mkdir(parents=True, exist_ok=True)
    seeds = results[(results["model"] == "base") & results["seed"]]
    filtered = inputs.filtered
    evaluations = inputs.evaluations
    bins = pd.concat([each.bins.assign(model=model) for model, each in evaluations.items()], ignore_index=True)
    errors = {model: {name: of["ece"] for name, of in each.sets.items()} for model, each in evaluations.items()}
    read = {name: int(of["read"]) for name, of in inputs.clean.items()}
    alarms = [alarm["date"] for alarm in inputs.drift["alarms"]]
    pictures = {
        "reliability": partial(figures_evaluation.reliability_figure, bins, errors),
        "differences": partial(figures_evaluation.differences_figure, differences),
        "before_after": partial(figures_probes.tokens_figure, offers, seeds[seeds["kind"] == "claim"], top),
        "loss": partial(figures.training_figure, inputs.history, "loss"),
        "perplexity": partial(figures.training_figure, inputs.history, "perplexity"),
        "masses": partial(figures_probes.masses_figure, results),
        "dropped_rows": partial(figures.dropped_figure, dropped, read),
        "signals": partial(figures.signals_figure, signals, int(filtered["rows"]), int(filtered["kept"])),
        "drift": partial(figures.drift_figure, inputs.months, alarms),
        **{
            f"substitutions_{row.probe}": partial(
                figures_probes.substitutions_figure, offers, str(row.probe), str(row.text), SUBSTITUTIONS
            )
            for row in seeds.itertuples()
        },
        **{
            f"moves_{row.probe}": partial(figures_probes.moves_figure, offers, str(row.probe), str(row.text), top)
            for row in seeds[seeds["kind"] == "claim"].itertuples()
        },
    }
    files = [out / f"{name}.png" for name in pictures]
    with ProcessPoolExecutor(min(len(pictures), os.cpu_count() or 1)) as pool:
        drawn = pool.map(draw, pictures.values(), files)
        list(tqdm(drawn, total=len(files), desc="pictures", unit="picture", delay=2, leave=False))


def draw(figure: Callable[[], Figure], file: Path) -> None:
    save(figure(), file)


def check_counts(inputs: Inputs, arguments: argparse.Namespace) -> None:
    """Raise UserError where a number lacks that the pictures need."""
    path = arguments.clean / "counts.json"
    for source in inputs.clean:
        take_number(inputs.clean, path, source, "read")
    for key in ("rows", "kept"):
        take_number(inputs.filtered, arguments.filtered / "counts.json", key)
    for alarm in take(inputs.drift, arguments.filtered / "drift.json", "alarms"):
        take(alarm, arguments.filtered / "drift.json", "date")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.report", description=__doc__.splitlines()[0])
    parser.add_argument("--clean", type=Path, required=True, help="folder with clean's counts.json")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with synthesize's counts.json")
    parser.add_argument("--split", type=Path, required=True, help="folder with split's counts.json")
    parser.add_argument("--filtered", type=Path, required=True, help="folder with filter's counts and drift")
    parser.add_argument("--models", type=Path, required=True, help="folder of the folders full and filtered")
    parser.add_argument("--evaluations", type=Path, required=True, help="folder of the folders base, full and filtered")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--metrics", type=Path, required=True, help="file to write")
    parser.add_argument("--plots", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    top = load_params().report.top
    started = time.monotonic()

    lexicon = load_lexicon(arguments.lexicon)
    inputs = read_inputs(arguments)
    check_counts(inputs, arguments)
    dropped = dropped_rows(inputs.clean, arguments.clean / "counts.json")
    signals = signal_counts(inputs.filtered, arguments.filtered / "counts.json")

    offers = judge(gather_offers(inputs.evaluations), lexicon)
    results = gather_results(inputs.evaluations, count_top(offers, top))
    probe_summary = summarise_probes(results)
    outcomes = behaviour.examine(gather_answers(inputs.evaluations, Judge(lexicon), top), lexicon, top)
    suite_summary = behaviour.summarise(outcomes)

    metrics = make_metrics(inputs, probe_summary, suite_summary)
    with atomic_folder(arguments.plots) as out:
        write_data(out, inputs, offers, results, dropped, signals, top)
        write_pictures(out / "pictures", inputs, offers, results, dropped, signals, top, metrics["differences"])
        (out / "top_tokens.md").write_text(top_tokens_markdown(offers, results, top), encoding="utf-8")
        (out / "substitutions.md").write_text(substitutions_markdown(offers, results, SUBSTITUTIONS), encoding="utf-8")
        page = behaviour.behaviour_markdown(outcomes, suite_summary, top)
        (out / "behaviour.md").write_text(page, encoding="utf-8")
        (out / "summary.md").write_text(final_markdown(behaviour.final_measures(metrics, top)), encoding="utf-8")
    write_json(arguments.metrics, metrics)

    files = sum(path.is_file() for path in arguments.plots.rglob("*"))
    say(
        f"report: {len(MODELS)} models, {results['probe'].nunique()} probes, {len(outcomes)} outcomes of the suite, "
        f"{files} files, "
        f"{time.monotonic() - started:.1f} s; the final table is in {arguments.plots / 'summary.md'}"
    )


if __name__ == "__main__":
    run(main)
