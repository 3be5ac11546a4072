"""Audit of seeded reviews: what survives the removal of personal data, and what innocent texts lose."""

from __future__ import annotations

import pytest

from bench.personal_data import audit

# The most that may survive, by kind.
LIMITS = {"e-mail": 0.01, "card": 0.01, "IBAN": 0.01, "IP": 0.01, "national": 0.01, "handle": 0.02, "phone": 0.05,
          "name": 0.10}  # fmt: skip


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.slow), pytest.param(3, marks=pytest.mark.slow)])
def test_few_of_ten_thousand_planted_items_survive_and_innocents_stay(seed: int) -> None:
    found = audit(reviews=10_000, innocents=2_000, seed=seed)
    assert {kind for kind, _ in found.seeded} == set(LIMITS)
    rates = {kind: found.rate(kind) for kind in LIMITS}
    assert all(rates[kind] <= limit for kind, limit in LIMITS.items()), rates
    assert len(found.changed) <= 0.005 * found.innocents, found.changed[:5]
