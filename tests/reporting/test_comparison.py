"""Two revisions compared: the direction of metrics, noise, gates, stages, rows and tokens, on made-up numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.stats
from conftest import ROOT, committed_details
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.config.params.gates import Gate
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.reporting.comparison.gates import (
    FOLDED,
    HEADLINE,
    MAX_ROWS,
    check_gates,
    folded,
    headline,
    limit_text,
)
from brandmlm.reporting.comparison.locks import (
    by_reason,
    compare_locks,
    entry_digest,
    same_inputs,
    stale_commit,
    stale_stages,
)
from brandmlm.reporting.comparison.metrics import MetricChange, compare_metrics, direction, flatten, without_counts
from brandmlm.reporting.comparison.noise import Noise, measure_noise, parse_noise, write_noise
from brandmlm.reporting.comparison.page import Comparison, cell, markdown, words
from brandmlm.reporting.comparison.revision import Revision, State
from brandmlm.reporting.comparison.rows import compare_rows
from brandmlm.reporting.comparison.tokens import compare_tokens
from brandmlm.reporting.seed_spread import MeasureSpread, Spread
from brandmlm.reporting.tables import Measure, final_text

REAL = "evaluation.filtered.real.perplexity"
UNWANTED = "probes.filtered.claim.unwanted_in_top"
LOWER = Gate(metric=REAL, better="lower", may_worsen=0.05, relative=True)
HIGHER = Gate(metric="probes.filtered.claim.wanted_in_top", better="higher", may_worsen=0.5)
values = st.floats(0.01, 1e6)


def tree(name: str, value: float) -> dict[str, Any]:
    """A metrics tree that holds one metric, named with dots."""
    for key in reversed(name.split(".")):
        value = {key: value}  # type: ignore[assignment]
    return value  # type: ignore[return-value]


def one(name: str, base: float | None, head: float | None) -> MetricChange:
    sides = [{} if value is None else tree(name, value) for value in (base, head)]
    [change] = compare_metrics(*sides)
    return change


def failures(base: dict[str, Any], head: dict[str, Any], **gates: Gate) -> list[str]:
    return [text for result in check_gates(compare_metrics(base, head, gates), gates) if (text := result.failure)]


@pytest.mark.parametrize(
    ("name", "better"),
    [
        (REAL, "lower"),
        ("evaluation.base.general.accuracy", "higher"),
        ("probes.full.claim.wanted_held_out_in_top", "higher"),
        ("probes.full.claim.unwanted_mass", "lower"),
        ("probes.full.other_brand.without_unwanted", "higher"),
        ("probes.full.other_brand.wanted_mass", None),
        ("probes.full.negation.unwanted_mass", None),
        ("training.full.validation_loss", "lower"),
        ("training.full.steps", None),
        ("rows.clean.reviews.kept", None),
    ],
)
def test_which_way_is_better(name: str, better: str | None) -> None:
    assert direction(name) == better


def test_the_project_s_own_metrics_have_the_directions_and_gates_that_are_meant() -> None:
    """Every gate is about a metric that is there, and says the same direction as the metric's name does."""
    names = dict(flatten(committed_details()))
    gates = load_params(ROOT / "params.yaml").gates
    assert set(HEADLINE) <= set(names)
    for gate in gates.values():
        assert gate.metric in names
        assert direction(gate.metric) == gate.better


@given(base=values, head=values, name=st.sampled_from([REAL, HIGHER.metric, "training.full.steps"]))
def test_a_change_seen_from_the_other_side_is_its_opposite(base: float, head: float, name: str) -> None:
    opposite = {"better": "worse", "worse": "better", "same": "same", "changed": "changed", "noise": "noise"}
    assert one(name, head, base).outcome == opposite[one(name, base, head).outcome]


@given(base=values, head=values)
def test_a_gate_fails_exactly_where_the_metric_worsened_by_more_than_it_may(base: float, head: float) -> None:
    failed = failures(tree(REAL, base), tree(REAL, head), real=LOWER)
    assert bool(failed) == (head - base - 0.05 * base - 1e-3 * max(base, head) > 0)  # rounding excepted
    assert not (failed and one(REAL, base, head).outcome != "worse")


def test_a_gate_in_the_metric_s_own_unit() -> None:
    assert failures(tree(HIGHER.metric, 7.0), tree(HIGHER.metric, 6.5), wanted=HIGHER) == []
    [text] = failures(tree(HIGHER.metric, 7.0), tree(HIGHER.metric, 6.4), wanted=HIGHER)
    assert "7.00 to 6.40" in text and "≥ −0.5" in text
    none = Gate(metric=UNWANTED, better="lower", may_worsen=0.0)
    assert failures(tree(UNWANTED, 0.0), tree(UNWANTED, 0.0), unwanted=none) == []
    assert failures(tree(UNWANTED, 0.0), tree(UNWANTED, 0.04), unwanted=none)


@pytest.mark.parametrize(
    ("base", "head", "parts"),
    [
        (150.0, None, ["missing", "150"]),
        (150.0, math.nan, ["nan", "no finite number"]),
        (150.0, math.inf, ["inf", "no finite number"]),
        (None, None, ["neither", "gates.real.metric"]),
    ],
)
def test_what_is_no_number_fails(base: float | None, head: float | None, parts: list[str]) -> None:
    sides = [{} if value is None else tree(REAL, value) for value in (base, head)]
    [text] = failures(*sides, real=LOWER)
    for part in parts:
        assert part in text


def test_nan_without_a_gate_fails_too_and_a_metric_that_is_new_or_ungated_and_gone_does_not() -> None:
    assert len(failures(tree(REAL, 1.0), {**tree(REAL, 1.0), "training": {"loss": math.nan}}, real=LOWER)) == 1
    [text] = failures({}, {"training": {f"loss {n}": math.nan for n in range(9)}}, real=LOWER)[1:]
    assert text.startswith("no finite number: training.loss 0 is nan, ") and text.endswith(" and 4 more")
    assert failures({}, tree(REAL, 150.0), real=LOWER) == []
    assert one(REAL, None, 150.0).outcome == "new"
    assert failures({**tree(REAL, 1.0), "old": 2}, tree(REAL, 1.0), real=LOWER) == []
    assert one("old", 2.0, None).outcome == "missing"


def test_metrics_that_were_renamed_are_compared_under_their_new_names() -> None:
    """What a metrics.json from before the renaming holds of a training, against one from after it."""
    old = {"rows": 2129, "steps": 74, "best_step": 74, "best_validation_loss": 4.27, "best_validation_perplexity": 71.5}
    new = {"rows": 2129, "steps": 74, "best_step": 74, "best_checkpoint_loss": 4.27, "validation_loss": 4.5}
    changes = compare_metrics({"training": {"full": old}}, {"training": {"full": new}})
    assert {change.name.rpartition(".")[2]: change.outcome for change in changes} == {
        "rows": "same", "steps": "same", "best_step": "same",
        "best_checkpoint_loss": "same",
        "validation_loss": "new",  # of other weights than any metric before
    }  # fmt: skip
    # A revision from before is compared with another one from before.
    assert [change.outcome for change in compare_metrics({"training": {"full": old}}, {"training": {"full": old}})] == (
        ["same"] * 4
    )


def test_no_metric_of_earlier_revisions_is_missing() -> None:
    """One metric of each kind, as it was called before any was renamed, against today's."""
    old = read_json(ROOT / "tests" / "reporting" / "metrics_before_renaming.json")
    changes = compare_metrics(old, committed_details())
    compared = [change for change in changes if change.base is not None]
    assert len(compared) == sum(1 for _ in flatten(old)) - 1 - 2 * 2  # one is removed, two have an interval
    assert [change.name for change in compared if change.outcome == "missing"] == []


def interval(value: float, low: float, high: float) -> dict[str, Any]:
    return {"evaluation": {"filtered": {"real": {"perplexity": value, "perplexity_low": low, "perplexity_high": high}}}}


def test_intervals_that_overlap_mark_noise() -> None:
    [change] = compare_metrics(interval(150, 140, 160), interval(158, 148, 168))
    assert (change.name, change.outcome) == (REAL, "noise")  # the ends are no metrics of their own
    assert change.head_text == "158 (148 to 168)"
    [change] = compare_metrics(interval(150, 140, 160), interval(180, 170, 190))
    assert change.outcome == "worse"
    # One side without an interval: nothing can be said of noise.
    [change] = compare_metrics(tree(REAL, 150), interval(151, 141, 161))
    assert change.outcome == "worse"
    # An end without its other is a metric like any other.
    assert len(compare_metrics({}, {"loss": 1.0, "loss_low": 0.9})) == 2


def noise(**metrics: float) -> Noise:
    return Noise("sample", "nike", (5, 6, 7), {name.replace("__", "."): value for name, value in metrics.items()})


def test_a_difference_within_rounding_or_the_known_noise_is_noise() -> None:
    assert one(REAL, 150.0, 150.1).outcome == "noise"
    assert one(REAL, 150.0, 150.2).outcome == "worse"
    assert one("rows.clean.reviews.kept", 2129, 2130).outcome == "changed"  # a count is exact
    known = noise(evaluation__filtered__real__perplexity=3.0)
    for head, outcome in ((152.9, "noise"), (147.1, "noise"), (153.2, "worse"), (146.8, "better")):
        [change] = compare_metrics(tree(REAL, 150.0), tree(REAL, head), None, known)
        assert change.outcome == outcome, head


@given(base=values, head=values, known=st.floats(0, 100), allowed=st.floats(0, 100))
def test_a_gate_fails_only_beyond_its_limit_and_the_known_noise(
    base: float, head: float, known: float, allowed: float
) -> None:
    gates = {"real": Gate(metric=REAL, better="lower", may_worsen=allowed)}
    changes = compare_metrics(
        tree(REAL, base), tree(REAL, head), gates, noise(evaluation__filtered__real__perplexity=known)
    )
    [result] = check_gates(changes, gates)
    rounding = 1e-3 * max(base, head)
    assert bool(result.failure) == (head - base - allowed - rounding > 0 and head - base > max(known, rounding))
    assert result.by_noise == (not result.failure and head - base - allowed - rounding > 0)
    assert not (result.failure and changes[0].outcome != "worse")


DENIALS = "behaviour.filtered.test.negation.pass_rate"


@pytest.mark.parametrize(
    ("gate", "base", "known", "warns"),
    [
        (Gate(metric=DENIALS, better="higher", may_worsen=0.05), 0.5, 0.49, False),
        (Gate(metric=DENIALS, better="higher", may_worsen=0.05), 0.5, 0.5, True),  # down to 0 is within the noise
        (Gate(metric="probes.filtered.claim.unwanted_mass", better="lower", may_worsen=0.01), 0.9, 0.2, True),
        (LOWER, 150.0, 1e6, False),  # a perplexity has no upper limit
        (LOWER, math.nan, 1.0, False),
    ],
)
def test_a_gate_that_the_noise_keeps_from_failing_says_so(gate: Gate, base: float, known: float, warns: bool) -> None:
    changes = compare_metrics(
        tree(gate.metric, base), tree(gate.metric, base), {"it": gate}, noise(**{gate.metric: known})
    )
    [result] = check_gates(changes, {"it": gate})
    assert bool(result.warning) == warns
    worst = [tree(gate.metric, value) for value in (0.0, 1.0)]
    if warns:
        for head in worst:
            changes = compare_metrics(tree(gate.metric, base), head, {"it": gate}, noise(**{gate.metric: known}))
            assert not check_gates(changes, {"it": gate})[0].failure


def test_the_page_says_that_a_gate_cannot_fail() -> None:
    gates = {"denials": Gate(metric=DENIALS, better="higher", may_worsen=0.05)}

    def page(known: float) -> str:
        metrics = tree(DENIALS, 0.542)
        results = check_gates(compare_metrics(metrics, metrics, gates, noise(**{DENIALS: known})), gates)
        comparison = Comparison(
            Revision("a", metrics), Revision("b", metrics), State({}, {}, (), ()), [], results, [], False
        )
        return markdown(comparison, lambda path, side: None, {})

    line = (
        "The gate `denials` cannot fail: the known noise of its metric is 106.0 points, and from 54.2 % it can get "
        "worse by 54.2 points at most (`make seeds` with more seeds measures it better)."
    )
    assert line in page(1.06).splitlines()
    assert "cannot fail" not in page(0.1)


@given(st.lists(st.floats(1, 1e3) | st.integers(1, 9999).map(float), min_size=2, max_size=8))
def test_the_noise_over_seeds_is_that_of_a_difference_of_two_runs(found: list[float]) -> None:
    runs = [{REAL: value, f"{REAL}_low": value, f"{REAL}_high": value} for value in found]
    spread = MeasureSpread("row", "lower", False, {"v1": Spread((1.0,) * len(found)), "v2": Spread(tuple(found))}, 0)
    measured = measure_noise("sample", "nike", range(len(found)), runs, [spread])
    quantile = scipy.stats.t.ppf(0.975, len(found) - 1)
    deviation = float(np.std(found, ddof=1))
    assert measured.of(REAL) == pytest.approx(quantile * 2**0.5 * deviation, rel=1e-2, abs=1e-9)
    assert measured.v2_against_v1.get("row", 0) == pytest.approx(quantile * deviation, rel=1e-2, abs=1e-9)
    assert set(measured.metrics) <= {REAL}  # no interval ends


def test_a_count_has_no_noise_and_a_whole_perplexity_has() -> None:
    tree = {"training": {"steps": 75, "best": True}, "evaluation": {"rows": 80, "perplexity": 2937.0}}
    assert without_counts(tree) == {"training": {}, "evaluation": {"perplexity": 2937.0}}


def test_the_file_of_the_noise_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    known = noise(evaluation__filtered__real__perplexity=3.0)
    write_noise(known)
    assert parse_noise(Path("metrics/noise.json").read_bytes(), "here") == known
    assert parse_noise(None, "here") is None
    for damaged in (
        b"{",
        b"[]",
        b"{}",
        b'{"profile": 1}',
        Path("metrics/noise.json").read_bytes().replace(b"3.0", b"-3"),
    ):
        with pytest.raises(UserError, match=r"^here: metrics/noise.json is not what `make seeds` writes"):
            parse_noise(damaged, "here")


def test_which_inputs_were_the_same() -> None:
    run = {"split": split(), "train": entry()}
    assert same_inputs(run, {"split": split("b"), "train": entry(data="b", out="y")})
    assert not same_inputs(run, {"split": split(), "train": entry(rate=0.2)})
    assert not same_inputs({}, run) and not same_inputs(run, {})


@pytest.mark.parametrize(
    ("v1", "v2", "known", "word"),
    [(2.0, 1.0, 0.5, "better"), (1.0, 2.0, 0.5, "worse"), (1.0, 1.4, 0.5, "noise"), (1.0, 1.0005, 0.0, "noise"),
     (1.0, 1.0, 0.0, "same"), (None, 1.0, 0.0, "")],
)  # fmt: skip
def test_v2_against_v1_in_a_word(v1: float | None, v2: float, known: float, word: str) -> None:
    measure = Measure("row", "lower", (3.0, v1, v2))
    assert measure.v2_against_v1(known) == word
    assert final_text([measure], {"row": known}).splitlines()[1].endswith(f"lower   {word}".rstrip())
    assert "against" not in final_text([measure])


def test_gates_look_at_the_value_and_not_at_the_interval() -> None:
    assert failures(interval(150, 100, 200), interval(158, 108, 208), real=LOWER)


def test_the_table_on_top_is_short_and_begins_with_what_fails() -> None:
    base = committed_details()
    gates = {
        f"gate {n}": Gate(metric=name, better="lower", may_worsen=0.0)
        for n, (name, _) in zip(range(30), flatten(base), strict=False)
    }
    last = list(gates.values())[-1].metric
    head = committed_details()
    *parents, leaf = last.split(".")
    inner = head
    for key in parents:
        inner = inner[key]
    inner[leaf] += 1
    changes = compare_metrics(base, head, gates)
    rows = headline(changes, check_gates(changes, gates))
    assert len(rows) == MAX_ROWS == 14
    assert rows[0].name == last


def test_metrics_of_v1_are_folded() -> None:
    real, other = "evaluation.full.real.perplexity", "evaluation.full.general.perplexity"
    changes = [one(REAL, 150.0, 140.0), one(real, 120.0, 100.0), one(other, 50.0, 50.0)]
    assert [row.name for row in headline(changes, [])] == [REAL]
    assert [row.name for row in folded(changes, [])] == [real]
    gated = check_gates(changes, {"v1": Gate(metric=real, better="lower", may_worsen=0.0)})
    assert [row.name for row in headline(changes, gated)] == [real, REAL]
    assert folded(changes, gated) == []


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("evaluation.base.mixed.perplexity", "base: perplexity, mixed text"),
        ("probes.full.claim.unwanted_mass", "v1: probability of unwanted words, claims"),
        (
            "behaviour.filtered.test.locality.wanted_in_top",
            "v2: wanted words among the likeliest, claims about rivals (suite, part test)",
        ),
        ("behaviour.filtered.dev.negation.pass_rate", "v2: share that passes, denials (suite, part dev)"),
        ("minimal_pairs.filtered.all.accuracy", "v2: share right, minimal pairs"),
        ("minimal_pairs.full.verb_form.accuracy", "v1: share right, minimal pairs of verb form"),
        ("rows.filtered.kept", "rows.filtered.kept"),
        ("training.full.rows", "training.full.rows"),
    ],
)
def test_titles_use_plain_words(name: str, title: str) -> None:
    assert one(name, 1.0, 2.0).title == title


def test_no_title_on_the_page_has_a_private_word() -> None:
    titles = [one(name, 1.0, 2.0).title for name in (*HEADLINE, *FOLDED)]
    assert not [title for title in titles if "mass" in title or "in top" in title or "." in title]


def test_numbers_as_a_reader_sees_them() -> None:
    change = one(REAL, 167.519, 150.859)
    assert (change.title, change.base_text, change.head_text, change.delta_text) == (
        "v2: perplexity, real text", "168", "151", "−9.9 %",
    )  # fmt: skip
    assert one("probes.full.claim.unwanted_mass", 0.25, 0.24).delta_text == "−1.0 points"
    assert one(UNWANTED, 0.0, 0.25).delta_text == "+0.25"
    assert one("differences.a.real.perplexity_percent", -10.8, -8.3).delta_text == "+2.50 points"
    assert one("training.full.tokens", 300424.0, 302058.0).head_text == "302,058"
    assert one("training.full.steps", 77.0, 81.0).head_text == "81"
    assert limit_text(LOWER) == "≤ +5 %"
    assert limit_text(Gate(metric="a.unwanted_mass", better="lower", may_worsen=0.02)) == "≤ +2 points"


def entry(code: str = "1", rate: float = 0.1, data: str = "a", out: str = "x", cmd: str = "run") -> dict[str, Any]:
    return {
        "cmd": cmd,
        "deps": [{"path": "data/split", "md5": data}, {"path": "stages/train.py", "md5": code}],
        "params": {"params.yaml": {"train": {"learning_rate": rate}}},
        "outs": [{"path": "data/models", "md5": out}],
    }


def split(out: str = "a") -> dict[str, Any]:
    return {"cmd": "split", "outs": [{"path": "data/split", "md5": out}]}


def test_stages_that_reran_with_why_and_how_long() -> None:
    base = {"split": split(), "train": entry(), "old": entry()}
    head = {"split": split(), "train": entry(code="2", rate=0.2), "new": entry()}
    changes = compare_locks(base, head, {"train": (entry_digest(head["train"]), 12.3), "new": ("other", 1.0)})
    assert [(change.name, change.causes, change.seconds) for change in changes] == [
        ("train", ("train.learning_rate", "stages/train.py"), 12.3),
        ("new", ("new stage",), None),  # the time noted is of another run
        ("old", ("stage removed",), None),
    ]
    [change] = compare_locks({"train": entry()}, {"train": entry(out="y")}, {})
    assert change.causes == ("same inputs, other results",)


def test_status_tells_what_is_out_of_date_from_what_is_elsewhere() -> None:
    status = {
        "clean": [{"changed outs": {"data/clean": "deleted"}}],
        "split": [{"changed deps": {"data/clean/corpus.parquet": "deleted"}}],
        "train": [{"changed deps": {"params.yaml": {"train.seed": "modified"}, "data/split": "modified"}}],
        "evaluate": ["changed command", "always changed"],
        "report": [{"changed outs": {"metrics/metrics.json": "deleted"}}],
    }
    outs = ("data/clean", "data/split", "metrics/metrics.json")
    stale = stale_stages(status, outs, kept=("metrics/metrics.json",))
    assert stale == {
        "train": ["param train.seed modified", "data/split modified"],
        "evaluate": ["command"],
        "report": ["metrics/metrics.json deleted"],
    }
    assert by_reason({"a": ["x"], "b": ["y"], "c": ["x"]}) == ["`a`, `c` (x)", "`b` (y)"]
    assert by_reason({"a": ["stages/__init__.py", *"bcdefg"]}) == [
        r"`a` (stages/\_\_init\_\_.py, b, c, d, e and 2 more)"
    ]


@pytest.mark.parametrize(
    ("committed", "fresh", "stale"),
    [
        ({"train": entry()}, {"train": entry()}, {}),
        ({"train": entry()}, {"train": entry(rate=0.2, out="y")}, {"train": ["param train.learning_rate"]}),
        ({"train": entry()}, {"train": entry(code="2")}, {"train": ["stages/train.py"]}),
        ({"train": entry()}, {"train": entry(cmd="walk")}, {"train": ["command"]}),
        ({}, {"train": entry()}, {"train": ["not in it"]}),
        ({"train": entry()}, {}, {"train": ["no longer a stage"]}),
        # Other hardware, other bytes: not out of date.
        ({"split": split("a"), "train": entry()}, {"split": split("b"), "train": entry(data="b")}, {}),
        # Split gave the same, but train had been run on something older: out of date.
        ({"split": split("b"), "train": entry()}, {"split": split("b"), "train": entry(data="b")}, {"train": ["data/split"]}),  # noqa: E501
    ],
)  # fmt: skip
def test_a_commit_is_held_to_its_word(
    committed: dict[str, Any], fresh: dict[str, Any], stale: dict[str, list[str]]
) -> None:
    assert stale_commit(committed, fresh) == stale


def test_tokens_that_entered_and_left() -> None:
    def predictions(**sentences: str) -> list[dict[str, Any]]:
        return [
            {"order": order, "sentence": sentence, "rank": rank, "label": label}
            for order, (sentence, words) in enumerate(sentences.items())
            for rank, label in enumerate(words.split(), start=1)
        ]

    changes = compare_tokens(
        predictions(first="ugly light new", second="a b", gone="x"),
        predictions(second="b a", first="light soft warm", added="y"),
    )
    assert [(change.sentence, change.entered, change.left) for change in changes] == [
        ("first", ("soft", "warm"), ("ugly", "new"))
    ]


def test_rows_kept_and_dropped() -> None:
    def rows(read: int, kept: int, empty: int) -> dict[str, Any]:
        clean = {"reviews": {"read": read, "kept": kept, "dropped": {"empty": empty, "too_short": 1}}}
        filtered = {"rows": kept, "kept": kept - 1, "by_source": {"reviews": {"rows": kept, "kept": kept - 1}}}
        return {"rows": {"clean": clean, "filtered": filtered}}

    clean, every, _ = compare_rows(rows(10, 7, 2), rows(12, 8, 3))
    assert (clean.step, clean.read, clean.kept, clean.dropped, clean.reasons) == (
        "clean: reviews", "10 → 12", "7 → 8", "3 → 4", "empty 2 → 3",
    )  # fmt: skip
    assert (every.step, every.read, every.dropped) == ("filter: all", "7 → 8", "1")
    assert compare_rows({}, rows(12, 8, 3))[0].read == "– → 12"


def test_a_cell_is_narrow() -> None:
    assert cell("~unwanted & brand") == r"\~unwanted \& brand"
    assert cell(None) == "–"
    assert (
        cell(f"sha256 {'0123456789abcdef' * 4}") == "sha256 0\u2060123456789ab…"
    )  # cut, so that GitHub links no commit
    assert cell("x" * 40) == "x" * 40
    assert words(["light ✓", "a|b"]) == "light\u00a0✓, a\\|b"
