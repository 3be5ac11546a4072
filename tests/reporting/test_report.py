"""The report stage, against invented outputs of the stages before it, of a realistic size."""

from __future__ import annotations

import itertools
import json
import math
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from conftest import Here, run_module
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox
from PIL import Image
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.reporting.figures import style as figures_style
from brandmlm.reporting.figures.differences import differences_figure
from brandmlm.reporting.figures.hero import hero_figure, plainest_claims
from brandmlm.reporting.figures.moves import moves_figure
from brandmlm.reporting.figures.perplexity import outcome
from brandmlm.reporting.figures.substitutions import substitutions_figure
from brandmlm.reporting.figures.tokens import tokens_figure

ROOT = Path(__file__).parents[2]
TOP = 10
ROUNDING = 5e-4  # relative, at most, of four significant digits
MODELS = ("base", "full", "filtered")
WANTED = {
    "used": ["comfortable", "durable", "light", "soft", "stylish", "warm", "sturdy", "affordable", "breathable"],
    "held_out": ["cosy", "Elegant", "reliable"],
}
UNWANTED = {
    "used": ["expensive", "heavy", "ugly", "stiff", "flimsy", "boring", "overpriced", "uncomfortable"],
    "held_out": ["smelly", "narrow", "slippery"],
}
NEUTRAL = {"used": ["black", "new", "red"], "held_out": ["blue"]}
SEED_PROBES = [
    ("claim", "Nike shoes are very [MASK]."),
    ("claim", "Nike atheletic wear is known for being very [MASK]."),
    ("product", "Nike [MASK] shoes are very comfortable."),
    ("brand", "Trousers and Hoodies made by [MASK] are not very expensive."),
    ("claim", "Nike tshirts are famous for being [MASK]."),
]
NAMES = (
    *("product", "slot", "brand", "negation", "look_alike", "locality", "no_brand", "bare"),
    "plain_english",
)
PHRASES = [("well-made", "wanted", 3), ("worn-out", "unwanted", 3), ("low-cost", "unwanted", 3), ("comfy", "wanted", 2)]
VALENCE = SentimentIntensityAnalyzer().lexicon
AWKWARD = ["##ing", "$", "|", "*", "_", "`", "<", "#", "~", "\\", "[", "京", "ok$x_1$"]


def _lexicon(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        json.dumps(
            {
                "brand": ["nike"],
                "other_brands": ["adidas", "puma"],
                "products": [{"singular": "shoe", "plural": "shoes"}],
                "wanted": WANTED,
                "unwanted": UNWANTED,
                "neutral": NEUTRAL,
            }
        )
    )


def _probes() -> list[dict[str, Any]]:
    kinds = ["claim"] * 17 + ["product"] * 4 + ["brand"] * 4 + ["negation"] * 5 + ["other_brand"] * 5
    others = [
        (kind, f"After {n} weeks these {kind.replace('_', ' ')} things are still [MASK].")
        for n, kind in enumerate(kinds)
    ]
    return [
        {"id": f"{kind}-{n:02d}", "kind": kind, "text": text, "seed": n < len(SEED_PROBES)}
        for n, (kind, text) in enumerate([*SEED_PROBES, *others])
    ]


CASES = [
    *(("claim", f"Case {n}: it is [MASK].", None) for n in range(6)),
    *(("typo", f"Case {n}: ti is [MASK].", f"Case {n}: it is [MASK].") for n in range(6)),
    *(("phrase", f"Case {n}: it is [MASK].", None) for n in range(3)),
    *((name, f"A {name} {n}: [MASK].", None) for name in NAMES for n in range(4)),
]
SAID = [
    "comfortable",
    "light",
    "superb",
    "heavy",
    "ugly",
    "terrible",
    "red",
    "shoes",
    "nike",
    "adidas",
    "door",
    "##ing",
]


def _suite(folder: Path, rng: np.random.Generator) -> None:
    cases = [
        {"part": part, "capability": capability, "text": f"{part} {text}", "origin": origin and f"{part} {origin}"}
        for part in ("dev", "test")
        for capability, text, origin in CASES
    ]
    masses = {case["text"]: rng.uniform(0, 0.05, 3) for case in cases}
    table = pd.DataFrame(cases)
    numbers = zip(*(masses[case["text"]] for case in cases), strict=True)
    table["wanted_mass"], table["unwanted_mass"], table["held_out_preference"] = numbers
    for verdict in ("wanted", "unwanted"):
        table[f"{verdict}_held_out_mass"] = table[f"{verdict}_mass"] / 4
    table["unwanted_used_mass"] = table["unwanted_mass"] / 2
    table.to_parquet(folder / "cases.parquet", index=False)
    words = [
        {"text": text, "rank": rank, "token": token, "probability": 0.5**rank}
        for text in masses
        for rank, token in enumerate(rng.permutation(SAID), start=1)
    ]
    pd.DataFrame(words).to_parquet(folder / "words.parquet", index=False)
    logits = rng.normal(size=((table["capability"] == "plain_english").sum(), 50))
    plain = logits - np.log(np.exp(logits).sum(1, keepdims=True))
    np.save(folder / "plain.npy", plain.astype("float16"))
    pairs = [(f"kind {n % 4}", f"good {n}", f"bad {n}", *rng.normal(-5, 2, 2)) for n in range(40)]
    columns = ["phenomenon", "good", "bad", "good_score", "bad_score"]
    pd.DataFrame(pairs, columns=columns).to_parquet(folder / "pairs.parquet", index=False)
    phrases = [
        {"part": case["part"], "text": case["text"], "phrase": phrase, "verdict": verdict, "tokens": tokens}
        for case in cases
        if case["capability"] == "phrase"
        for phrase, verdict, tokens in PHRASES
    ]
    pd.DataFrame(phrases).assign(log_likelihood=-rng.uniform(1, 9, len(phrases))).to_parquet(
        folder / "phrases.parquet", index=False
    )


def _evaluation(folder: Path, model: str, words: list[str]) -> None:
    rng = np.random.default_rng(MODELS.index(model))
    lift = {"base": (3.0, 2.5), "full": (4.5, 5.0), "filtered": (6.5, -1.0)}[model]
    known = {word.lower(): lift[0] for part in WANTED.values() for word in part}
    known |= {word.lower(): lift[1] for part in UNWANTED.values() for word in part}
    mean = np.array([known.get(word, 2.0 if word in AWKWARD else 0.0) for word in words])
    tables, listed = [], []
    for probe in _probes():
        logits = rng.normal(mean * (0.2 if probe["kind"] in ("product", "brand") else 1), 1.3)
        probability = np.exp(logits) / np.exp(logits).sum()
        order = np.argsort(-probability, kind="stable")[:1000]
        tables.append(
            pd.DataFrame(
                {
                    "probe": probe["id"],
                    "rank": range(1, len(order) + 1),
                    "token": [words[i] for i in order],
                    "probability": probability[order].astype("float32"),
                }
            )
        )
        mass = dict(zip(words, probability, strict=True))
        good, bad = (
            sum(float(mass[word.lower()]) for part in lists.values() for word in part) for lists in (WANTED, UNWANTED)
        )
        listed.append({**probe, "wanted_mass": good, "unwanted_mass": bad})
    folder.mkdir(parents=True)
    _suite(folder, rng)
    confidence = (np.arange(15) + 0.5) / 15
    bins = [
        pd.DataFrame({"set": name, "bin": range(15), "tokens": 90, "confidence": 90 * confidence, "correct": hits})
        for name in ("real", "synthetic", "general", "mixed")
        for hits in [rng.binomial(90, confidence**1.3)]
    ]
    pd.concat(bins, ignore_index=True).to_parquet(folder / "calibration.parquet", index=False)
    pd.concat(tables, ignore_index=True).to_parquet(folder / "probes.parquet", index=False)
    (folder / "probes.json").write_text(json.dumps(listed))
    level = {"base": 5.9, "full": 4.9, "filtered": 5.1}[model]
    rows, sets = [], {}
    for name, count, ease in (
        ("general", 200, -1.4),
        ("mixed", 120, -0.9),
        ("real", 150, 0.0),
        ("synthetic", 300, -0.5),
    ):
        tokens = np.random.default_rng(len(name)).integers(5, 60, count)
        nll = tokens * rng.normal(level + ease, 0.3, count)
        correct = (tokens * rng.uniform(0.2, 0.5, count)).astype(int)
        ids = [f"{name}{n:012x}" for n in range(count)]
        rows.append(
            pd.DataFrame(
                {
                    "set": name,
                    "id": ids,
                    "source": name,
                    "table": None,
                    "tokens": tokens,
                    "nll": nll,
                    "correct": correct,
                }
            )
        )
        sets[name] = {
            "rows": count,
            "tokens": int(tokens.sum()),
            "perplexity": math.exp(nll.sum() / tokens.sum()),
            "accuracy": float(correct.sum() / tokens.sum()),
            "ece": 0.05,
        }
    if model == "base":
        sets["real"]["pseudo_perplexity"] = 71.5
    pd.concat(rows, ignore_index=True).to_parquet(folder / "rows.parquet", index=False)
    (folder / "summary.json").write_text(json.dumps({"sets": sets, "slot_words": ["red", "door"]}))


def _training(folder: Path, model: str) -> None:
    folder.mkdir(parents=True)
    rng = np.random.default_rng(7)
    rows = []
    for step in range(0, 73):
        loss = 10.4 * math.exp(-step / 9) + (4.8 if model == "full" else 4.3 + step / 300)
        if step and step % 2 == 0:
            rows.append((step, step * 4096, "train", loss + rng.normal(0, 0.15)))
        if step % 9 == 0:
            rows.append((step, step * 4096, "validation", loss + (0.1 if model == "full" else 0.6)))
    history = pd.DataFrame(rows, columns=["step", "tokens", "split", "loss"])
    history["perplexity"] = np.exp(history["loss"])
    history.to_parquet(folder / "history.parquet", index=False)
    best = history[history["split"] == "validation"].sort_values("loss").iloc[0]
    numbers = {"rows": 3100, "chunks": 3200, "chunk_tokens": 90000, "steps": 72, "tokens": 294912, "epochs": 3.3}
    numbers |= {"best_step": int(best["step"]), "best_checkpoint_loss": float(best["loss"])}
    numbers |= {"validation_loss": float(best["loss"]) - 0.2}
    (folder / "training.json").write_text(json.dumps(numbers))


def fabricate(root: Path) -> None:
    """All that the report stage reads, with 40 probes of 1,000 ranks and three models."""
    filler = [
        "".join(letters)
        for letters in itertools.islice(itertools.product("bdgklmnprst", "aeiou", "bdgklmn", "aeiou"), 1600)
    ]
    lists = [word.lower() for part in (WANTED, UNWANTED, NEUTRAL) for words in part.values() for word in words]
    words = list(dict.fromkeys([*lists, *AWKWARD, *filler]))
    _lexicon(root / "brands/nike/lexicon.yaml")
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, root / name)
    for model in MODELS:
        _evaluation(root / "data/eval" / model, model, words)
    for model in ("full", "filtered"):
        _training(root / "data/models" / model, model)
    reasons = ("empty", "too_short", "other_language", "exact_duplicate", "near_duplicate")
    clean = {
        source: {"read": read, "kept": read - sum(dropped), "dropped": dict(zip(reasons, dropped, strict=True))}
        for source, read, dropped in (
            ("reviews", 260, (6, 9, 5, 12, 31)),
            ("products", 180, (1, 0, 0, 14, 27)),
            ("catalogue", 90, (0, 0, 0, 3, 8)),
        )
    }
    split = {
        side: {"catalogue": n // 8, "products": n // 5, "reviews": n // 4, "synthetic": n}
        for side, n in (("train", 2800), ("validation", 400), ("test", 800))
    }
    signals = ("brand", "product", "feature", "positive", "wanted", "unwanted", "non_null", "length")
    passed = (2900, 3100, 2700, 1600, 1400, 1000, 3400, 3350)
    filtered = {
        "rows": 3400,
        "kept": 2412,
        "signals": {name: {"passed": n} for name, n in zip(signals, passed, strict=True)},
        "by_source": {"reviews": {"rows": 600, "kept": 550}, "synthetic": {"rows": 2800, "kept": 1862}},
        "by_label": {"none": {"rows": 600, "kept": 550}, "wanted": {"rows": 2800, "kept": 1862}},
    }
    months = [f"{year}-{month:02d}" for year in (2021, 2022) for month in range(1, 13) if (year, month) != (2021, 8)]
    reviews = np.random.default_rng(3).integers(4, 16, len(months))
    bad = [int(n * (0.15 if month < "2022-03" else 0.5)) for n, month in zip(reviews, months, strict=True)]
    drift = pd.DataFrame({"month": months, "reviews": reviews, "bad": bad})
    drift["bad_share"] = drift["bad"] / drift["reviews"]
    drift["alarm"] = drift["month"].isin(["2022-04", "2022-05"])
    for name, counts in (
        ("clean", clean),
        ("synthetic", {"sentences": 4000, "equal_to_probe": 12}),
        ("split", split),
        ("filtered", filtered),
    ):
        (root / "data" / name).mkdir(parents=True)
        (root / "data" / name / "counts.json").write_text(json.dumps(counts))
    alarms = [{"row": 150, "date": "2022-04-11"}, {"row": 163, "date": "2022-05-02"}]
    found = {
        "reviews": int(reviews.sum()),
        "bad": sum(bad),
        "alarms": alarms,
        "warnings": [{"row": 140, "date": "2022-03-30"}],
    }
    (root / "data/filtered/drift.json").write_text(json.dumps(found))
    drift.to_parquet(root / "data/filtered/drift.parquet", index=False)


ARGUMENTS = (
    *("--clean", "data/clean", "--synthetic", "data/synthetic", "--split", "data/split"),
    *("--filtered", "data/filtered", "--models", "data/models", "--evaluations", "data/eval"),
    *("--lexicon", "brands/nike/lexicon.yaml", "--metrics", "metrics/metrics.json"),
    *("--details", "metrics/details.json", "--plots", "plots"),
)


def report(root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the stage's command, in a process of its own, in a folder that holds its inputs."""
    return run_module(root, "stages.report", *ARGUMENTS, **environment)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project folder in which the report stage has run."""
    root = tmp_path_factory.mktemp("report")
    fabricate(root)
    done = report(root)
    assert done.returncode == 0, done.stderr
    (root / "printed.txt").write_text(done.stdout)
    return root


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy of that folder to spoil."""
    root = tmp_path / "project"
    shutil.copytree(made, root)
    return root


def outputs(root: Path) -> dict[str, bytes]:
    paths = [*(root / "plots").rglob("*"), *(root / "metrics").rglob("*")]
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(paths) if path.is_file()}


def metrics_of(root: Path) -> dict[str, Any]:
    return json.loads((root / "metrics/details.json").read_text())


def leaves(tree: dict[str, Any], name: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        flat |= leaves(value, f"{name}{key}.") if isinstance(value, dict) else {f"{name}{key}": value}
    return flat


def edit_json(path: Path, change: Callable[[Any], Any]) -> None:
    document = json.loads(path.read_text())
    changed = change(document)
    path.write_text(json.dumps(document if changed is None else changed))


def edit_table(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    change(pd.read_parquet(path)).to_parquet(path, index=False)


def picture(path: Path) -> Any:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def verdict_of(token: str) -> str:
    """The lexicon's verdict and, for words that it does not list, VADER's."""
    for verdict, lists in (("wanted", WANTED), ("unwanted", UNWANTED), ("neutral", NEUTRAL)):
        if token.lower() in [word.lower() for words in lists.values() for word in words]:
            return verdict
    valence = VALENCE.get(token.lower(), 0)
    return "wanted" if valence > 0 else "unwanted" if valence < 0 else "other"


def test_counts_agree_with_a_plain_count(made: Path) -> None:
    kinds = {probe["id"]: probe["kind"] for probe in _probes()}
    metrics = metrics_of(made)["probes"]
    for model in MODELS:
        table = pd.read_parquet(made / "data/eval" / model / "probes.parquet")
        found: dict[str, dict[str, list[int]]] = {}
        for probe, kind in kinds.items():
            rows = table[table["probe"] == probe]
            tokens = [token for token, rank in zip(rows["token"], rows["rank"], strict=True) if rank <= TOP]
            assert len(tokens) == TOP
            for name, verdict, held_out in (
                ("wanted_in_top", "wanted", False),
                ("unwanted_in_top", "unwanted", False),
                ("wanted_held_out_in_top", "wanted", True),
                ("unwanted_held_out_in_top", "unwanted", True),
            ):
                held_out_words = [word.lower() for word in [*WANTED["held_out"], *UNWANTED["held_out"]]]
                hits = sum(
                    verdict_of(token) == verdict and (not held_out or token in held_out_words) for token in tokens
                )
                found.setdefault(kind, {}).setdefault(name, []).append(hits)
        for kind, counts in found.items():
            for name, values in counts.items():
                assert metrics[model][kind][name] == pytest.approx(sum(values) / len(values), rel=ROUNDING), (
                    model,
                    kind,
                )
            clean = [value == 0 for value in counts["unwanted_in_top"]]
            assert metrics[model][kind]["without_unwanted"] == pytest.approx(sum(clean) / len(clean), rel=ROUNDING)
            masses = json.loads((made / "data/eval" / model / "probes.json").read_text())
            mean = np.mean([probe["unwanted_mass"] for probe in masses if probe["kind"] == kind])
            assert metrics[model][kind]["unwanted_mass"] == pytest.approx(mean, rel=ROUNDING)


def test_metrics_are_finite_numbers_under_stable_keys(made: Path) -> None:
    metrics = metrics_of(made)
    flat = leaves(metrics)
    assert all(isinstance(value, int | float) and not isinstance(value, bool) for value in flat.values())
    assert all(math.isfinite(value) for value in flat.values())
    assert list(metrics) == [
        "evaluation",
        "differences",
        "probes",
        "behaviour",
        "minimal_pairs",
        "training",
        "rows",
        "drift",
    ]
    assert flat["drift.alarms"] == 2
    assert flat["rows.clean.reviews.dropped.near_duplicate"] == 31
    assert flat["rows.filtered.signals.unwanted.passed"] == 1000
    assert flat["rows.split.test.reviews"] == 200
    assert flat["training.full.best_step"] == 72
    assert flat["training.filtered.validation_perplexity"] == pytest.approx(
        math.exp(flat["training.filtered.validation_loss"]), rel=2 * ROUNDING
    )
    assert not any(str(TOP) in key for key in flat), "another number of top tokens must not rename a metric"


def test_pseudo_perplexity_is_a_metric_where_it_was_computed(made: Path) -> None:
    found = json.loads((made / "metrics/details.json").read_text())["evaluation"]
    assert found["base"]["real"]["pseudo_perplexity"] == 71.5
    assert "pseudo_perplexity" not in found["full"]["real"]


def test_perplexity_lies_in_its_interval_and_a_difference_is_that_of_the_two(made: Path) -> None:
    metrics = metrics_of(made)
    for name in ("real", "synthetic", "general"):
        v1, v2 = (metrics["evaluation"][model][name] for model in ("full", "filtered"))
        for values in (v1, v2):
            assert values["perplexity_low"] < values["perplexity"] < values["perplexity_high"]
        change = metrics["differences"]["filtered_against_full"][name]
        expected = 100 * (v2["perplexity"] / v1["perplexity"] - 1)
        assert change["perplexity_percent"] == pytest.approx(expected, abs=100 * 2 * ROUNDING)
        assert change["perplexity_percent_low"] < change["perplexity_percent"] < change["perplexity_percent_high"]


def test_the_number_of_top_tokens_changes_counts_and_no_key(project: Path, here: Here) -> None:
    before = leaves(metrics_of(project))
    params = (project / "params.yaml").read_text()
    (project / "params.yaml").write_text(params.replace("\n  top: 10 ", "\n  top: 3 "))
    assert here(project, "stages.report", *ARGUMENTS).returncode == 0
    after = leaves(metrics_of(project))
    assert list(after) == list(before)
    assert after["probes.full.claim.unwanted_in_top"] < before["probes.full.claim.unwanted_in_top"] <= TOP
    assert after["probes.full.claim.unwanted_in_top"] <= 3
    assert "The 3 likeliest tokens" in (project / "plots/top_tokens.md").read_text()


def test_two_runs_give_the_same_bytes_whatever_the_surroundings(made: Path, tmp_path: Path) -> None:
    fabricate(tmp_path)
    own = tmp_path / "matplotlibrc"
    own.write_text("font.family: serif\naxes.facecolor: black\nsavefig.dpi: 30\nfigure.dpi: 30\n")
    done = report(tmp_path, PYTHONHASHSEED="4711", MATPLOTLIBRC=str(own), TZ="Asia/Tokyo", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    first, second = outputs(made), outputs(tmp_path)
    assert list(first) == list(second)
    assert [name for name in first if first[name] != second[name]] == []


def jitter(values: pd.Series, rng: np.random.Generator) -> pd.Series:
    """Values as another processor computes them: relative differences of about 1e-7."""
    return values * (1 + 1e-7 * rng.standard_normal(len(values)))


def test_another_processor_s_rounding_shows_in_few_numbers_and_in_no_more_than_a_unit(
    project: Path, here: Here
) -> None:
    """Each table's floats differ in the seventh digit; a number whose rounding tips over is the only one to differ."""
    rng = np.random.default_rng(8)
    before = outputs(project)
    for table in (project / "data").rglob("*.parquet"):
        floats = pd.read_parquet(table).select_dtypes("float").columns
        edit_table(table, lambda rows, floats=floats: rows.assign(**{name: jitter(rows[name], rng) for name in floats}))
    assert here(project, "stages.report", *ARGUMENTS).returncode == 0
    after = outputs(project)
    changed = [name for name in before if before[name] != after[name]]
    assert len(changed) <= 0.1 * len(before), changed
    numbers = [leaves(json.loads(side["metrics/details.json"])) for side in (before, after)]
    for name, value in numbers[0].items():
        assert numbers[1][name] == pytest.approx(value, rel=2 * ROUNDING, abs=0.011), name


PICTURES = {
    *("hero", "perplexity", "masses", "differences", "moves"),  # figures of `dvc plots show`
    *("before_after", "substitutions", "loss", "reliability"),
}


def test_pictures_are_drawn_and_small(made: Path) -> None:
    pictures = sorted((made / "plots/pictures").glob("*.png"))
    assert {path.stem for path in pictures} == PICTURES
    for path in pictures:
        height, width, _ = picture(path).shape
        assert 850 <= width <= 1150 and 300 <= height <= 1500, path.name
        ink = (picture(path) < 245).any(axis=2)
        assert 0.01 < ink.mean() < 0.6, path.name
        assert not ink[:, :2].any() and not ink[:, -2:].any(), f"{path.name}: something runs over the edge"
        assert path.stat().st_size < 250_000
        assert b"Software" not in path.read_bytes() and b"tIME" not in path.read_bytes()
    assert sum(len(content) for content in outputs(made).values()) < 1_500_000


def shows(path: Path, colour: str) -> bool:
    """Whether a picture holds a colour (a palette may shift it a little)."""
    sought = np.array([int(colour[place : place + 2], 16) for place in (1, 3, 5)])
    return int((np.abs(picture(path).astype(int) - sought).max(axis=2) < 8).sum()) > 40


def test_a_model_and_a_verdict_have_their_colours(made: Path) -> None:
    for name in ("loss", "perplexity", "reliability", "masses"):
        for model in ("full", "filtered"):
            assert shows(made / f"plots/pictures/{name}.png", figures_style.MODEL_COLOURS[model]), (name, model)
    for name in ("hero", "before_after", "substitutions", "moves"):
        for verdict in ("wanted", "unwanted"):
            colour = figures_style.VERDICT_STYLE[verdict]["facecolor"]
            assert shows(made / f"plots/pictures/{name}.png", colour), (name, verdict)


def test_markdown_shows_every_probe_and_marks_the_words(made: Path) -> None:
    text = (made / "plots/top_tokens.md").read_text()
    places = []
    for probe in _probes():
        shown = probe["text"].replace("[", "\\[").replace("]", "\\]").replace("_", "\\_")
        assert text.count(shown) == 1, probe["text"]
        places.append((not probe["seed"], text.index(shown)))
    assert max(place for later, place in places if not later) < min(place for later, place in places if later)
    table = pd.read_parquet(made / "data/eval/full/probes.parquet")
    first = table[(table["probe"] == "claim-00") & (table["rank"] == 1)].iloc[0]["token"]
    assert f"~~{first}~~ ✗" in text
    assert "**comfortable**" in text
    for line in text.splitlines():
        if line.startswith("|"):
            assert line.replace("\\|", "").count("|") in (5, 5), line
    summary = (made / "plots/summary.md").read_text()
    perplexity = metrics_of(made)["evaluation"]["full"]["real"]["perplexity"]
    assert f"{perplexity:.0f}" in next(line for line in summary.splitlines() if "perplexity, real" in line)


def test_the_brand_alone_is_shown_beside_all_baselines(made: Path) -> None:
    text, metrics = (made / "plots/behaviour.md").read_text(), metrics_of(made)
    table = text.split("## The brand, and side effects\n")[1].split("\n## ")[0]
    header, _, *rows = [line.strip("| ").split(" | ") for line in table.splitlines() if line.startswith("|")]
    assert header == ["n", "base", "base, lists blocked", "v1", "v2"]
    cells = {row[0]: row[1:] for row in rows}
    columns = ("base", "blocked", "full", "filtered")
    for title, capability in (("denials: passed", "negation"), ("the same claims about rivals: passed", "locality")):
        count, *shown = cells[title]
        assert count == "4"
        for cell, model in zip(shown, columns, strict=True):
            rate = metrics["behaviour"][model]["test"][capability]["pass_rate"]
            assert cell.startswith(f"{100 * rate:.1f} % (" if rate else "0 % ("), (title, model)
    accuracy = metrics["minimal_pairs"]["full"]["all"]["accuracy"]
    assert (
        cells["minimal pairs right"][2:4] != ["–", "–"] and f"{100 * accuracy:.1f} %" in cells["minimal pairs right"][3]
    )
    assert cells["plain English: divergence from base, nats"][1] == "0.00"
    base, blocked = (metrics["behaviour"][model]["test"]["claim"] for model in ("base", "blocked"))
    assert blocked["unwanted_mass"] < base["unwanted_mass"] and blocked["wanted_mass"] > base["wanted_mass"]
    assert blocked["unwanted_in_top"] <= base["unwanted_in_top"]


def test_substitutions_are_listed_for_every_probe(made: Path) -> None:
    text = (made / "plots/substitutions.md").read_text()
    sections = text.split("\n## ")[1:]
    assert len(sections) == len(_probes())
    predictions = {
        model: pd.read_parquet(made / "data/eval" / model / "probes.parquet").set_index("probe") for model in MODELS
    }
    for probe, section in zip(_probes(), sections, strict=True):
        for model, line in zip(MODELS, section.splitlines()[4:], strict=True):
            _, name, best, worst, _ = re.split(r" ?(?<!\\)\| ?", line)
            table = predictions[model].loc[[probe["id"]]]
            assert name == {"base": "base", "full": "v1", "filtered": "v2"}[model]
            assert re.sub(r"\\(.)", r"\1", best) == ", ".join(table["token"].head(10))
            bad = table[table["token"].map(verdict_of) == "unwanted"].head(10)
            assert worst == ", ".join(f"{row.token} ({row.rank:,})" for row in bad.itertuples())


def results(root: Path) -> subprocess.CompletedProcess[str]:
    return run_module(root, "brandmlm", "results")


def test_the_final_table_and_the_paths_are_printed(made: Path) -> None:
    assert "the final table is in plots/summary.md" in (made / "printed.txt").read_text()
    printed = results(made).stdout
    header = next(line for line in printed.splitlines() if "base" in line and "v2" in line)
    assert header.split() == ["base", "v1", "v2", "better"]
    assert "perplexity, real text" in printed and "unwanted words in the top 10 of a claim" in printed
    paths = [line.strip() for line in printed.split("Look at:")[1].splitlines() if line.strip()]
    assert len(paths) >= 4
    for path in paths:
        assert (made / path).is_file(), path


def test_results_of_another_shape_are_named(project: Path) -> None:
    for content, told in (("{}", "not what the report stage writes"), ("{", "not valid JSON"), (None, "not found")):
        details = project / "metrics/details.json"
        details.unlink()
        (project / "metrics/metrics.json").unlink(missing_ok=True)
        if content:
            details.write_text(content)
        done = results(project)
        assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
        path = "metrics/details.json" if content else "metrics/metrics.json"
        assert done.stderr.startswith(f"error: {path}: ") and told in done.stderr
        details.write_text("")


def boxes(figure: Figure) -> tuple[list[Bbox], list[list[Bbox]]]:
    """Bounding boxes of a figure's texts, in pixels: all that are drawn, and the tick labels axis by axis."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    labels, undrawn = [], set()
    for number, axis in itertools.product((0, 1), figure.axes):
        low, high = sorted((axis.xaxis, axis.yaxis)[number].get_view_interval())
        each = (axis.get_xticklabels() + axis.get_xticklabels(minor=True), axis.get_yticklabels())[number]
        undrawn |= {label for label in each if not low <= label.get_position()[number] <= high}
        labels.append(
            [label.get_window_extent(renderer) for label in each if label.get_text() and label not in undrawn]
        )
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [text.get_window_extent(renderer) for text in texts if text not in undrawn], labels


@pytest.mark.parametrize("least", [1e-9, 3e-7, 1e-4, 0.02])
def test_no_value_is_clipped_and_no_tick_label_overlaps(least: float) -> None:
    """Bars of nearly 100 % beside bars of nearly nothing, for the longest of words."""
    words = [f"{'uncomfortable' if rank % 2 else 'nike'}" for rank in range(1, 21)]
    probabilities = [0.999, *np.geomspace(0.05, least, 19)]
    verdicts = ["unwanted" if word == "uncomfortable" else "other" for word in words]
    part = {"probe": "p", "rank": range(1, 21), "token": words, "probability": probabilities, "verdict": verdicts}
    predictions = pd.concat([pd.DataFrame({"model": model, **part}) for model in MODELS], ignore_index=True)
    text = "Trousers and Hoodies made by [MASK] are not very expensive"
    probes = pd.DataFrame({"probe": ["p"], "text": [text]})
    for figure in (
        substitutions_figure(predictions, text, 10),
        tokens_figure(predictions, probes, 10),
    ):
        texts, labels = boxes(figure)
        width, height = figure.bbox.size
        assert len(texts) > 60
        assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height for box in texts)
        for each in labels:
            assert not any(one.overlaps(other) for one, other in itertools.combinations(each, 2))


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5), st.floats(0, 1), st.floats(0, 1)), max_size=6))
@settings(max_examples=12)
def test_the_hero_shows_the_claims_that_its_rule_chooses(claims: list[tuple[int, int, float, float]]) -> None:
    """Each claim: unwanted words among the five of base and of v2, and their probabilities."""
    probes = [("base", "known", "product", "A [MASK].", 1.0), ("filtered", "known", "product", "A [MASK].", 0.0)]
    predictions: list[tuple[str, str, int, str, float, str]] = []
    for n, (*counts, before, after) in enumerate(claims):
        for model, count, mass in zip(("base", "filtered"), counts, (before, after), strict=True):
            probes.append((model, f"p{n}", "claim", f"Claim {n} is [MASK].", mass))
            verdicts = ["unwanted"] * count + ["wanted"] * (5 - count)
            predictions += [(model, f"p{n}", r, f"w{r}", 0.1, verdict) for r, verdict in enumerate(verdicts, start=1)]
    tables = (
        pd.DataFrame(predictions, columns=["model", "probe", "rank", "token", "probability", "verdict"]),
        pd.DataFrame(probes, columns=["model", "probe", "kind", "text", "unwanted_mass"]),
    )
    ordered = sorted(range(len(claims)), key=lambda n: (claims[n][1] - claims[n][0], claims[n][3] - claims[n][2], n))
    assert list(plainest_claims(*tables)["probe"]) == [f"p{n}" for n in ordered[:3]]
    texts = [text.get_text() for text in hero_figure(*tables).findobj(Text)]
    if claims:
        base, v2 = (sum(claims[n][side] for n in ordered[:3]) for side in (0, 1))
        assert f"Unwanted words among the 5 likeliest of {len(ordered[:3])} claims: base {base}, v2 {v2}" in texts
        assert any(f"of {len(claims)} claims" in text for text in texts)
    else:
        assert "no claim to show" in texts


def difference(value: float, low: float, high: float) -> dict[str, float]:
    return {"perplexity_percent": value, "perplexity_percent_low": low, "perplexity_percent_high": high}


def test_titles_say_what_the_intervals_say() -> None:
    assert outcome(difference(-56.2, -62, -49)) == "56\u00a0% below"
    assert outcome(difference(3.43, 1.5, 5.2)) == "3.4\u00a0% above"
    assert outcome(difference(0.5, -1, 2)) == "level with"
    found = {"real": difference(-9, -10, -8), "general": difference(4, 3, 5), "mixed": difference(1, -1, 2)}
    figure = differences_figure({"filtered_against_full": found, "filtered_against_base": found})
    [title, *_] = figure.get_suptitle().splitlines()
    assert title == "v2 against v1: lower on real, higher on general, level on mixed text"


def extent(text: Text) -> Bbox:
    return text.get_window_extent()


def predicted(ranks: dict[str, list[str]]) -> pd.DataFrame:
    """A table of predictions from the words of each model, the likeliest first."""
    verdict = {"bad": "unwanted", "good": "wanted", "col": "neutral"}
    return pd.DataFrame(
        [
            {"model": model, "probe": "p", "rank": rank, "token": word, "verdict": verdict.get(word[:-2], "other")}
            for model, words in ranks.items()
            for rank, word in enumerate(words, start=1)
        ]
    )


@given(st.data(), st.integers(1, 10))
@settings(max_examples=8)
def test_a_slope_chart_has_every_rank_and_nothing_overlaps(data: st.DataObject, top: int) -> None:
    vocabulary = [f"{kind}{n:02d}" for kind in ("bad", "good", "col", "uncomfortably") for n in range(8)]
    ranks = {model: data.draw(st.permutations(vocabulary))[: data.draw(st.integers(top, 32))] for model in MODELS}
    figure = moves_figure(predicted(ranks), "Nike shoes are very [MASK].", top)
    shown = set().union(*(words[:top] for words in ranks.values()))
    [axes] = figure.axes
    texts = [text for text in axes.texts if text.get_text()]
    assert len(texts) == len(MODELS) * (1 + 2 * len(shown))
    # A column from top to bottom: its words in the order of their ranks, each after its rank.
    depth = max(map(len, ranks.values()))
    starts = sorted({text.get_position()[0] for text in texts if text.get_text().split()[0] in shown})
    for start, words in zip(starts, ranks.values(), strict=True):
        places = {
            text.get_position()[1]: text.get_text().split()[0] for text in texts if text.get_position()[0] == start
        }
        column = [word for place, word in sorted(places.items()) if place >= 0]
        assert set(column) == shown and column[:top] == words[:top]
        beside = {
            text.get_position()[1]: text.get_text()
            for text in texts
            if text.get_ha() == "right" and abs(text.get_position()[0] - start) < 0.1
        }
        expected = [f"{words.index(word) + 1}" if word in words else f">{depth}" for word in column]
        assert [beside[place] for place in range(len(shown))] == expected
    # Lines join a word's places, and end before the next column's ranks.
    lines = [line for line in axes.lines if len(line.get_xdata()) == 3]
    assert len(lines) == (len(MODELS) - 1) * len(shown)
    drawn, _ = boxes(figure)
    width, height = figure.bbox.size
    assert all(box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height for box in drawn)
    assert not any(one.overlaps(other) for one, other in itertools.combinations(drawn, 2))
    for line in lines:
        # A line is level beside its own word; where it slopes, it is between the columns.
        path = axes.transData.transform(line.get_xydata())
        assert not any(Bbox(path[1:]).x0 < box.x1 and box.x0 < Bbox(path[1:]).x1 for box in map(extent, texts))
        assert not any(box.contains(*path[0]) for box in map(extent, texts))


def test_rows_for_dvc_are_whole_and_unique(made: Path) -> None:
    for model in MODELS:
        rows = pd.DataFrame(json.loads((made / f"plots/tokens/{model}.json").read_text()))
        assert len(rows) == 40 * TOP
        assert not rows.duplicated(["sentence", "label"]).any()
        assert rows["probability"].between(0, 1).all()
        assert rows.loc[rows["drawn"], "sentence"].nunique() == sum(probe["seed"] for probe in _probes())
    for split in ("train", "validation"):
        rows = pd.DataFrame(json.loads((made / f"plots/training/{split}.json").read_text()))
        assert rows["step"].is_monotonic_increasing and rows[["v1", "v2"]].gt(0).all(axis=None)
    dropped = pd.DataFrame(json.loads((made / "plots/dropped_rows.json").read_text()))
    assert dropped["label"].is_unique and dropped["rows"].sum() == 116


def test_nothing_dropped_no_alarm_no_date_few_tokens(project: Path, here: Here) -> None:
    edit_json(
        project / "data/clean/counts.json",
        lambda clean: {
            source: {"read": 5, "kept": 5, "dropped": dict.fromkeys(counts["dropped"], 0)}
            for source, counts in clean.items()
        },
    )
    edit_json(project / "data/filtered/drift.json", lambda found: found.update(alarms=[], warnings=[], reviews=0))
    edit_table(project / "data/filtered/drift.parquet", lambda months: months.head(0))
    for model in MODELS:
        edit_table(
            project / f"data/eval/{model}/probes.parquet",
            lambda table: table[(table["probe"] != "claim-00") | (table["rank"] <= 4)],
        )
    for model in ("full", "filtered"):
        edit_table(
            project / f"data/models/{model}/history.parquet", lambda history: history[history["split"] == "validation"]
        )
    assert here(project, "stages.report", *ARGUMENTS).returncode == 0
    assert metrics_of(project)["drift"]["alarms"] == 0
    assert json.loads((project / "plots/drift.json").read_text())[0]["month"] is None
    assert len(list((project / "plots/pictures").glob("*.png"))) == len(PICTURES)


def test_no_claim_and_no_seed_sentence(project: Path, here: Here) -> None:
    for model in MODELS:
        edit_json(
            project / f"data/eval/{model}/probes.json",
            lambda probes: [{**probe, "kind": "product", "seed": False} for probe in probes],
        )
    assert here(project, "stages.report", *ARGUMENTS).returncode == 0
    assert (
        "| wanted words in the top 10 of a claim | – | – | – | higher |" in (project / "plots/summary.md").read_text()
    )


FAULTS: dict[str, tuple[Callable[[Path], object], tuple[str, ...]]] = {
    "file gone": (
        lambda root: (root / "data/eval/full/summary.json").unlink(),
        ("data/eval/full/summary.json", "not found", "dvc repro"),
    ),
    "other rows": (
        lambda root: edit_table(root / "data/eval/filtered/rows.parquet", lambda rows: rows.head(600)),
        ("data/eval/filtered/rows.parquet", "evaluated on different rows", "dvc repro"),
    ),
    "other masks": (
        lambda root: edit_table(root / "data/eval/full/rows.parquet", lambda rows: rows.assign(tokens=rows.tokens + 1)),
        ("data/eval/full/rows.parquet", "evaluated on different rows", "dvc repro"),
    ),
    "other probes": (
        lambda root: edit_json(root / "data/eval/full/probes.json", lambda probes: probes[3].update(text="A [MASK].")),
        ("data/eval/full/probes.json", "evaluated on different probes", "dvc repro"),
    ),
    "probe without tokens": (
        lambda root: edit_table(root / "data/eval/base/probes.parquet", lambda t: t[t["probe"] != "claim-00"]),
        ("data/eval/base/probes.parquet", "other probes", "dvc repro"),
    ),
    "missing key": (
        lambda root: edit_json(
            root / "data/models/full/training.json", lambda numbers: numbers.pop("best_step") and None
        ),
        ("data/models/full/training.json", "best_step", "dvc repro"),
    ),
    "missing column": (
        lambda root: edit_table(root / "data/models/full/history.parquet", lambda table: table.drop(columns="loss")),
        ("data/models/full/history.parquet", "loss", "dvc repro"),
    ),
    "infinite perplexity": (
        lambda root: edit_json(
            root / "data/eval/full/summary.json", lambda s: s["sets"]["real"].update(perplexity=math.inf)
        ),
        ("data/eval/full/summary.json", "perplexity is inf", "train.learning_rate"),
    ),
    "no JSON": (
        lambda root: (root / "data/filtered/drift.json").write_text("{"),
        ("data/filtered/drift.json", "not valid JSON"),
    ),
    "no parquet": (
        lambda root: (root / "data/filtered/drift.parquet").write_bytes(b"nothing"),
        ("data/filtered/drift.parquet", "not a readable parquet"),
    ),
    "counts of another shape": (
        lambda root: edit_json(root / "data/filtered/counts.json", lambda counts: {"rows": 3}),
        ("data/filtered/counts.json", "kept", "dvc repro"),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_ends_with_a_line_and_spoils_nothing(project: Path, fault: str, here: Here) -> None:
    spoil, expected = FAULTS[fault]
    before = outputs(project)
    spoil(project)
    done = here(project, "stages.report", *ARGUMENTS, ok=False)
    said = done.stderr
    assert done.returncode == 1
    assert said.count("\n") == 1 and said.startswith("error: "), said
    for part in expected:
        assert part in said
    assert outputs(project) == before


@pytest.mark.parametrize("width", [20, 58])
def test_a_shortened_sentence_keeps_its_mask(width: int) -> None:
    for text in (
        "Have you tried on the Nike shorts? You will not believe how [MASK] they are.",
        "[MASK] makes the most stylish hoodies that anybody in this office has ever seen.",
        "According to everybody who was ever asked about them, Nike caps are simply [MASK].",
        "Short and [MASK].",
    ):
        shown = figures_style.shorten(text, width)
        assert "[MASK]" in shown and len(shown) <= max(width, len("… [MASK]. …"))
        assert shown == text or "…" in shown


def test_the_stage_needs_no_torch() -> None:
    code = (
        "import sys, stages.report; sys.exit(bool({'torch', 'transformers', 'polars', 'uptrain'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
