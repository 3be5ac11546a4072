"""UpTrain operators: one for each signal, one for the keep rule, and the check that runs them in memory.

UpTrain's `CheckSet` would add nothing but files: it writes its settings, its plan and the result as JSON lines.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping, Sequence

import pandas as pd
import polars as pl
from loguru import logger
from pydantic import ConfigDict

from brandmlm.config.params.filter import Filter
from brandmlm.filtering.keep_rule import parse_rule
from brandmlm.filtering.matching import canonical
from brandmlm.filtering.signals import COSTLY, SIGNALS, signal_expressions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # UpTrain's settings use arguments of pydantic's Field that are deprecated
    from uptrain.framework import Check, Settings
    from uptrain.framework.signal import Signal
    from uptrain.operators import ColumnOp
    from uptrain.operators.base import register_op

logger.disable("uptrain")


# UpTrain's classes carry no types.
class _AddColumn(ColumnOp):  # type: ignore[misc]
    model_config = ConfigDict(arbitrary_types_allowed=True)

    def setup(self, settings: Settings) -> _AddColumn:
        return self


@register_op
class AddExpression(_AddColumn):
    """Adds the column `name`: the value of a polars expression over the columns before it."""

    name: str
    expression: pl.Expr

    def run(self, data: pl.DataFrame) -> dict[str, pl.DataFrame]:
        return {"output": data.with_columns(self.expression.alias(self.name))}


@register_op
class AddKeepRule(_AddColumn):
    """Adds the boolean column `kept`: the value of the keep rule."""

    rule: Signal

    def run(self, data: pl.DataFrame) -> dict[str, pl.DataFrame]:
        return {"output": data.with_columns(pl.Series("kept", self.rule.run(data), dtype=pl.Boolean))}


def evaluate_signals(
    corpus: pd.DataFrame,
    words: Mapping[str, Sequence[str]],
    params: Filter,
    valences: Mapping[str, float] | None = None,
) -> pd.DataFrame:
    """Evaluate the signals and the keep rule for each row of a corpus.

    Args:
        corpus: A table with the columns `id` and `text`, and perhaps `polarity` (see `data.synthesis.tables`).
        words: The words of each word signal; see `signal_words`.
        params: The keep rule, how words match, and the thresholds.
        valences: Score by word (`Lexicon.valences`); None: VADER's.

    Returns:
        A row for each row of the corpus, in its order: `id`, a boolean for each of `SIGNALS` (those of `COSTLY` only if
        the rule names them), and `kept`.

    Raises:
        UserError: The keep rule cannot be parsed.
    """
    rows = corpus.reindex(columns=["id", "text", "polarity"])
    names = [name for name in SIGNALS if name not in COSTLY or re.search(rf"\b{name}\b", params.rule)]
    expressions = signal_expressions(words, params, valences)
    operators = [
        AddExpression(name="canonical", expression=canonical(pl.col("text"), params.match)),
        *(AddExpression(name=name, expression=expressions[name]) for name in names),
        AddKeepRule(rule=parse_rule(params.rule, SIGNALS)),
    ]
    # `model_construct` reads nothing from the environment, where Settings would look for API keys and for names as
    # common as SEED.
    check = Check(name="signals", operators=operators).setup(Settings.model_construct())
    signals: pl.DataFrame = check.run(pl.from_pandas(rows.astype({"polarity": "string"})))
    return signals.select("id", *names, "kept").to_pandas()
