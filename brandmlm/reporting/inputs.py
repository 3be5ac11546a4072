"""What the report reads: the counts, histories and evaluations of the earlier stages."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANTS
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.data.corpus import read_table
from brandmlm.evaluation.behaviour import Answers
from brandmlm.evaluation.probes import MASSES, PROBE_MEASURES
from brandmlm.evaluation.word_verdicts import WordVerdicts

TRAINING_NUMBERS: Final = ("rows", "steps", "tokens", "epochs", "best_step", "best_validation_loss")

SET_NUMBERS: Final = ("perplexity", "accuracy", "ece", "rows", "tokens")

PSEUDO: Final = "pseudo_perplexity"  # of a set, where `evaluate.pseudo_perplexity` asked for it

CASE_FIELDS: Final = ("part", "capability", "text", "origin", *MASSES)

PROBE_FIELDS: Final = ("id", "kind", "text", "seed", *MASSES)

Tree = dict[str, Any]


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` wrote for one model."""

    folder: Path
    sets: dict[str, dict[str, float]]  # set: perplexity, accuracy, rows, tokens
    rows: pd.DataFrame  # set, id, source, tokens, nll
    bins: pd.DataFrame  # set, bin, tokens, confidence, correct
    probes: pd.DataFrame  # the `PROBE_FIELDS`, in the probes' order
    predictions: pd.DataFrame  # probe, rank, token, probability
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
    predictions = read_columns(table, ("probe", "rank", "token", "probability"))
    if set(predictions["probe"]) != {probe["id"] for probe in probes}:
        raise UserError(f"{table}: holds other probes than {listed}; run `dvc repro` to make both anew")
    return Evaluation(
        folder=folder,
        sets=sets,
        rows=read_columns(folder / "rows.parquet", ("set", "id", "source", "tokens", "nll")),
        bins=read_columns(folder / "calibration.parquet", ("set", "bin", "tokens", "confidence", "correct")),
        probes=pd.DataFrame(probes, columns=list(PROBE_FIELDS)),
        predictions=predictions.sort_values(["probe", "rank"], ignore_index=True),
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
    compared = first.rows[which].sort_values(["set", "id"], ignore_index=True)
    for other in others:
        if not compared.equals(other.rows[which].sort_values(["set", "id"], ignore_index=True)):
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
    for model in TRAINED_VARIANTS:
        folder: Path = arguments.models / model
        document = read_json(folder / "training.json")
        training[model] = {key: take_number(document, folder / "training.json", key) for key in TRAINING_NUMBERS}
        history = read_columns(folder / "history.parquet", ("step", "tokens", "split", "loss", "perplexity"))
        histories.append(history.assign(model=model))
    evaluations = {model: read_evaluation(arguments.evaluations / model) for model in VARIANTS}
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


def gather_predictions(evaluations: dict[str, Evaluation]) -> pd.DataFrame:
    """The tokens offered by all models: columns model, probe, rank, token, probability."""
    return pd.concat(
        [evaluation.predictions.assign(model=model) for model, evaluation in evaluations.items()], ignore_index=True
    )


def gather_results(evaluations: dict[str, Evaluation], counts: pd.DataFrame) -> pd.DataFrame:
    """The results table (see `comparison`), models and probes in their own order."""
    probes = pd.concat(
        [evaluation.probes.assign(model=model) for model, evaluation in evaluations.items()], ignore_index=True
    )
    results = probes.rename(columns={"id": "probe"}).merge(counts, on=["model", "probe"], how="left", validate="1:1")
    return results[["model", "probe", "kind", "text", "seed", *PROBE_MEASURES]]


def gather_answers(evaluations: dict[str, Evaluation], judge_word: WordVerdicts, top: int) -> Answers:
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
    return Answers(of_all("cases"), words.assign(verdict=words["token"].map(verdicts)), of_all("phrases"))


def check_counts(inputs: Inputs, arguments: argparse.Namespace) -> None:
    """Raise UserError where a number lacks that the pictures need."""
    path = arguments.clean / "counts.json"
    for source in inputs.clean:
        take_number(inputs.clean, path, source, "read")
    for key in ("rows", "kept"):
        take_number(inputs.filtered, arguments.filtered / "counts.json", key)
    for alarm in take(inputs.drift, arguments.filtered / "drift.json", "alarms"):
        take(alarm, arguments.filtered / "drift.json", "date")
