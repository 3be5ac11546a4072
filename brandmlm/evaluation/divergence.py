"""How far a model's distribution at a mask is from base's."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from brandmlm.evaluation.evaluation_tables import PLAIN, Evaluation, Halves


def kl_from_base(base: Halves, model: Halves) -> npt.NDArray[np.float64]:
    """KL(base ‖ model) of each sentence, in nats: (sentences, vocabulary) log-probabilities → (sentences,).

    Half precision rounds a log-probability by at most 0.1 % of it, up and down alike: the sum is exact to about 0.001.
    """
    p, q = base.astype(np.float64), model.astype(np.float64)
    # The rounded distributions do not quite sum to 1.
    p -= np.log(np.exp(p).sum(1, keepdims=True))
    q -= np.log(np.exp(q).sum(1, keepdims=True))
    divergence: npt.NDArray[np.float64] = (np.exp(p) * (p - q)).sum(1)
    return np.maximum(divergence, 0.0)


def with_divergence(evaluations: Mapping[str, Evaluation]) -> pd.DataFrame:
    """The cases of all models, base among them, with the columns model and kl (nan except on plain sentences)."""
    tables = []
    for model, each in evaluations.items():
        divergence = np.full(len(each.cases), np.nan)
        plain = (each.cases["capability"] == PLAIN).to_numpy()
        divergence[plain] = kl_from_base(evaluations["base"].plain, each.plain)
        tables.append(each.cases.assign(model=model, kl=divergence))
    return pd.concat(tables, ignore_index=True)
