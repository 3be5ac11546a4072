"""UpTrain operators over the signals, and the check set that runs them."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import polars as pl

from brandmlm.config.params.filter import Filter
from brandmlm.filtering.keep_rule import parse_rule
from brandmlm.filtering.signals import SIGNALS, Match, canonical, expressions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # UpTrain's settings use a form of pydantic's Field that pydantic deprecates
    from uptrain.framework import Check, CheckSet, Settings
    from uptrain.operators import ColumnOp, TransformOp
    from uptrain.operators.base import register_op


_CHECK: Final = "verdicts"


# UpTrain knows an operator by its module and class and keeps its fields as JSON. Its classes carry no types.
@register_op
class ReadTexts(TransformOp):  # type: ignore[misc]
    """Source: the columns id and text of a corpus table."""

    path: str

    def setup(self, settings: Settings) -> ReadTexts:
        return self

    def run(self) -> dict[str, pl.DataFrame]:
        return {"output": pl.read_parquet(self.path, columns=["id", "text"])}


@register_op
class AddSignals(ColumnOp):  # type: ignore[misc]
    """Adds a boolean column for every signal."""

    words: dict[str, list[str]]
    match: Match
    positive_threshold: float
    min_words: int
    max_words: int

    def setup(self, settings: Settings) -> AddSignals:
        return self

    def run(self, data: pl.DataFrame) -> dict[str, pl.DataFrame]:
        columns = expressions(self.words, self.match, self.positive_threshold, self.min_words, self.max_words)
        texts = data.with_columns(canonical=canonical(pl.col("text"), self.match))
        return {"output": texts.with_columns(**columns).drop("canonical")}


@register_op
class ApplyKeepRule(TransformOp):  # type: ignore[misc]
    """Leaves the id, the signals and the column `kept`: what the keep rule says of them."""

    rule: str

    def setup(self, settings: Settings) -> ApplyKeepRule:
        self._signal = parse_rule(self.rule, SIGNALS)
        return self

    def run(self, data: pl.DataFrame) -> dict[str, pl.DataFrame]:
        return {"output": data.select("id", *SIGNALS, pl.Series("kept", self._signal.run(data), dtype=pl.Boolean))}


class OfflineSettings(Settings):  # type: ignore[misc]
    """UpTrain's settings, of which nothing comes from the environment: UpTrain would take up API keys there and write
    them in clear beside its results, and variables as common as SEED would change what it does."""

    @classmethod
    def settings_customise_sources(cls, settings_cls: Any, init_settings: Any, **others: Any) -> tuple[Any, ...]:
        return (init_settings,)


def evaluate_signals(corpus: Path, words: dict[str, list[str]], params: Filter) -> pl.DataFrame:
    """Run UpTrain over a corpus table in parquet: columns id, one boolean a signal, and `kept`, rows in their order.

    `words` are those of the word signals (see `signal_words`).

    Raises UserError where the keep rule cannot be parsed.
    """
    parse_rule(params.rule, SIGNALS)
    signals = AddSignals(
        words=words,
        match=params.match,
        positive_threshold=params.positive_threshold,
        min_words=params.min_words,
        max_words=params.max_words,
    )
    checks = CheckSet(
        source=ReadTexts(path=str(corpus)),
        checks=[Check(name=_CHECK, operators=[signals, ApplyKeepRule(rule=params.rule)])],
    )
    schema = {"id": pl.String, **dict.fromkeys((*SIGNALS, "kept"), pl.Boolean)}
    # UpTrain empties its folder of logs, then leaves its settings, its plan and its results there.
    with tempfile.TemporaryDirectory() as logs, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it uses names that pydantic deprecates
        checks.setup(OfflineSettings(logs_folder=logs)).run()
        return pl.read_ndjson(Path(logs) / f"{_CHECK}.jsonl", schema=schema)
