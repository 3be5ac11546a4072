"""Experiments side by side: queued, two at a time, none mixed up; their table."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import ROOT, Here, command, dvc, lend_environment, ran, set_params
from hypothesis import given
from hypothesis import strategies as st
from pages import RECIPES
from rich.console import Console
from ruamel.yaml import YAML

from brandmlm.config.params.reading import load_params
from brandmlm.reporting.decisive import DECISIVE
from brandmlm.reporting.experiment_table import experiment_table
from brandmlm.reporting.seed_spread import spread_over_seeds
from brandmlm.reporting.tables import Measure

UNCHANGED, BRAND = RULES = (load_params(ROOT / "params.yaml").filter.rule, "brand")
RATES = (1e-4, 3e-4)  # of the retrained project's two commits


@pytest.fixture
def queueing(retrained: Path) -> Iterator[Path]:
    """The retrained project, whose queue workers end with the test."""
    yield retrained
    dvc(retrained, "queue", "stop", "--kill", ok=False)


def files(project: Path) -> dict[Path, bytes]:
    """The workspace: every file that is not DVC's or git's own."""
    return {
        path.relative_to(project): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and not {".dvc", ".git", "__pycache__"} & set(path.relative_to(project).parts)
    }


def details(project: Path, revision: str) -> dict[str, Any]:
    """All numbers of a commit."""
    return dict(json.loads(command(project, "git", "show", f"{revision}:metrics/details.json").stdout))


@pytest.mark.long
def test_four_queued_experiments_two_at_a_time(queueing: Path) -> None:
    """A grid of two keep rules and two learning rates; with the rule that is there both rates were run before."""
    workspace, status = files(queueing), command(queueing, "git", "status", "--porcelain").stdout
    rules = ",".join(f"'{rule}'" for rule in RULES)
    rates = ",".join(map(str, RATES))
    grid = ("-S", f"sample.filter.rule={rules}", "-S", f"train.learning_rate={rates}")
    dvc(queueing, "exp", "run", "--queue", *grid)
    dvc(queueing, "queue", "start", "-j", "2")
    deadline = time.monotonic() + 420
    while re.search(r"\b(Queued|Running)\b", dvc(queueing, "queue", "status").stdout):
        assert time.monotonic() < deadline, dvc(queueing, "queue", "status").stdout
        time.sleep(2)
    assert dvc(queueing, "queue", "status").stdout.count("Success") == 4
    assert files(queueing) == workspace
    assert command(queueing, "git", "status", "--porcelain").stdout == status

    rows = json.loads(dvc(queueing, "exp", "show", "--json").stdout)[1]["experiments"]
    results: dict[tuple[str, float], dict[str, Any]] = {}
    for [row] in (experiment["revs"] for experiment in rows):
        params = row["data"]["params"]["params.yaml"]["data"]
        rule, rate = params["sample"]["filter"]["rule"], params["train"]["learning_rate"]
        assert set(row["data"]["metrics"]["metrics/metrics.json"]["data"]) <= set(DECISIVE)
        results[rule, rate] = details(queueing, row["rev"])
        # The lock in the experiment's commit was made with its own params.
        lock = YAML(typ="safe").load(command(queueing, "git", "show", f"{row['rev']}:dvc.lock").stdout)["stages"]
        assert lock["filter"]["params"]["params.yaml"]["sample.filter"]["rule"] == rule
        assert lock["train@filtered"]["params"]["params.yaml"]["train"]["learning_rate"] == rate
    assert set(results) == {(rule, rate) for rule in RULES for rate in RATES}
    committed = {rate: details(queueing, revision) for revision, rate in zip(("HEAD~1", "HEAD"), RATES, strict=True)}
    for (rule, rate), result in results.items():
        filtered = result["rows"]["filtered"]
        expected = {
            BRAND: filtered["signals"]["brand"]["passed"],
            UNCHANGED: committed[rate]["rows"]["filtered"]["kept"],
        }
        # The model learnt from the rows of its own rule.
        assert result["training"]["filtered"]["rows"] == filtered["kept"] == expected[rule]
    perplexity = {
        model: {key: result["evaluation"][model]["real"]["perplexity"] for key, result in results.items()}
        for model in ("full", "filtered")
    }
    assert len(set(perplexity["filtered"].values())) == 4
    for rate in RATES:  # v1 knows of the rate and of no rule
        assert len({perplexity["full"][rule, rate] for rule in RULES}) == 1
    assert len(set(perplexity["full"].values())) == len(RATES)
    # With the rule and the rate of a commit, an experiment comes to what is in that commit.
    for rate in RATES:
        assert results[UNCHANGED, rate]["evaluation"] == committed[rate]["evaluation"]

    shown = command(queueing, "python", "-m", "brandmlm", "experiments", COLUMNS="80").stdout
    assert max(map(len, shown.splitlines())) <= 80
    wide = command(queueing, "python", "-m", "brandmlm", "experiments", COLUMNS="200").stdout
    assert all(name in wide for name in ("filter.rule", "learning_rate", "real"))

    # An edit of the figures' code reruns the report and nothing else.
    with (queueing / "brandmlm" / "reporting" / "pictures.py").open("a", encoding="utf-8") as file:
        file.write("\nassert True\n")
    assert ran(dvc(queueing, "exp", "run", "-n", "edit")) == {"code", "report"}


def rows() -> list[dict[str, Any]]:
    base = {"rev": "main", "typ": "baseline", "Experiment": None, "State": None}
    run = {"rev": "1234567", "typ": "branch_commit", "Experiment": "bold-name", "State": "Success"}
    perplexity, claims = "real", "claims"
    return [
        {**base, "train.learning_rate": 0.0005, "sample.filter.rule": "~unwanted", "seed.train.tokens": 3.0, perplexity: 150.9, claims: 0.9},  # noqa: E501
        {**run, "train.learning_rate": 0.0003, "sample.filter.rule": "brand & product & feature & positive", "seed.train.tokens": 3.0, perplexity: 160.2, claims: 0.9},  # noqa: E501
        {**run, "Experiment": "waiting", "State": "Queued", "train.learning_rate": 1e-5, "sample.filter.rule": None, "seed.train.tokens": 3.0, perplexity: None, claims: None},  # noqa: E501
    ]  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_the_table_has_only_what_differs_and_fits(width: int) -> None:
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(experiment_table(rows(), ["train.learning_rate", "sample.filter.rule", "seed.train.tokens"]))
    text = console.export_text()
    assert max(map(len, text.splitlines())) <= width
    for part in ("train.learning_rate", "filter.rule", "real", "bold-name", "queued", "0.0003", "1e-05", "151"):
        assert part in text
    for part in ("tokens", "claims", "nan", "None"):
        assert part not in text


def other_base_and_sources() -> list[dict[str, Any]]:
    """As `dvc.api.exp_show` tells of a base, of sources and of many params that differ."""
    [main, run, _] = rows()
    main["claims"], run["claims"] = 0.901, 0.88
    base, sources = "sample.base", "sample.sources"
    main |= {f"{base}.kind": "package", f"{base}.name": "sentence-transformers/all-MiniLM-L6-v2"}
    main |= {f"{base}.digests.model.safetensors": "5" * 64, f"{sources}.reviews.kind": "sample"}
    main |= {f"{sources}.reviews.path": "sample/reviews.csv", "train.seed": 1, "split.salt": "a", "filter.min_words": 3}
    run |= {f"{base}.kind": "path", f"{base}.path": "models/mine", "train.seed": 2, "split.salt": "b"}
    run |= {f"{sources}.pages.kind": "file", f"{sources}.pages.path": "../a/long/way/to/adidas/products.csv"}
    run |= {f"{sources}.pages.sha256": "7" * 64, "filter.min_words": 4}
    return [main, run]


@pytest.mark.parametrize("width", [80, 120, 250])
def test_what_differs_is_listed_below_where_it_is_long(width: int) -> None:
    """Another base, other sources, many params: the metrics stay whole, and each param is on a line."""
    table = other_base_and_sources()
    names = [name for name in {**table[0], **table[1]} if "." in name]
    console = Console(width=width, record=True, file=open("/dev/null", "w"))  # noqa: PTH123, SIM115
    console.print(experiment_table(table, names))
    text = console.export_text()
    lines = [line.rstrip() for line in text.splitlines()]
    assert max(map(len, lines)) <= width and len(lines) <= 30
    assert lines[1].split() == ["experiment", "claims", "real"]
    assert [line.split() for line in lines[3:5]] == [["main", "90.1", "%", "151"], ["bold-name", "88.0", "%", "160"]]
    for line in (
        "base = package …formers/all-MiniLM-L6-v2", "sources.reviews = sample sample/reviews.csv", "split.salt = b",
        "base = path models/mine", "sources.pages = file …y/to/adidas/products.csv", "train.learning_rate = 0.0003",
        "filter.rule = brand & product & feature & positive",
    ):  # fmt: skip
        assert any(each.endswith(line) for each in lines), line
    for part in ("5555", "7777", "digest", "nan", "None"):
        assert part not in text


numbers = st.floats(-1e6, 1e6)


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=6), st.sampled_from(["lower", "higher"]))
def test_the_spread_over_seeds_is_numpy_s(pairs: list[tuple[float, float]], better: str) -> None:
    runs = [
        [Measure("m", better, (1.0, v1, v2)), Measure("lacking", better, (None, v1, None if n else v2))]
        for n, (v1, v2) in enumerate(pairs)
    ]
    [row] = spread_over_seeds(runs)  # what a run lacks has no mean
    values = np.array(pairs)
    for column, model in enumerate(("v1", "v2")):
        assert row.models[model].values == tuple(values[:, column])
        assert row.models[model].mean == pytest.approx(values[:, column].mean())
        assert row.models[model].deviation == pytest.approx(values[:, column].std(ddof=1), abs=1e-6)
    gain = values[:, 1] - values[:, 0] if better == "higher" else values[:, 0] - values[:, 1]
    assert row.wins == (gain > 0).sum()


def seeds(project: Path, *words: str, ok: bool = True) -> Any:
    return command(project, "python", "-m", "brandmlm", "seeds", *words, ok=ok, COLUMNS="160")


@pytest.mark.long
def test_several_seeds_are_experiments_and_are_not_run_again(built: Path) -> None:
    before = files(built)
    done = seeds(built, "5", "6", "--json")
    after = files(built)
    noise = json.loads(after.pop(Path("metrics/noise.json")))
    assert after == before  # nothing else changes
    assert (noise["profile"], noise["brand"], noise["seeds"]) == ("sample", "nike", [5, 6])
    # Nothing that a stage reads, or that a run replaces.
    assert dvc(built, "status").stdout.strip() == "Data and pipelines are up to date."
    # The first is the seed of the params: trained before.
    assert done.stdout.count("Running stage 'train@full'") == 1
    measures = json.loads(done.stdout.splitlines()[-1])["measures"]
    names = re.findall(r"seed-\d+-\w+", dvc(built, "exp", "list", "--name-only").stdout)
    assert sorted(name.split("-")[1] for name in names) == ["5", "6"]
    committed = json.loads((built / "metrics" / "details.json").read_text())
    [real] = [row for row in measures if row["name"] == "perplexity, real text"]
    for label, model in (("v1", "full"), ("v2", "filtered")):
        values = real["models"][label]
        assert values[0] == committed["evaluation"][model]["real"]["perplexity"]
        known = noise["metrics"].get(f"evaluation.{model}.real.perplexity", 0)
        assert known == pytest.approx(2**0.5 * 12.71 * np.std(values, ddof=1), rel=1e-2)
        # One number of so short a training may well be the same; all of them are not.
        assert any(row["models"][label][0] != row["models"][label][1] for row in measures)
    # As the page has it.
    [recipe] = RECIPES[11]
    again = command(built, "sh", "-c", recipe, COLUMNS="160", **lend_environment(built))
    assert "Running stage" not in again.stdout and again.stdout.count("is there") == 2
    assert "2 seeds: 5, 6" in again.stdout
    mean = np.mean(real["models"]["v2"])
    assert f"{mean:,.0f} ± " in next(line for line in again.stdout.splitlines() if "perplexity, real text" in line)
    # Other params are another experiment, not the one of the same name.
    set_params(built, {"report.top": 7})
    other = seeds(built, "5", "6")
    assert "Running stage 'report'" in other.stdout and "Running stage 'train" not in other.stdout
    assert "in the top 7 of a claim" in other.stdout


@pytest.mark.parametrize(
    ("values", "message"), [(("5", "5"), "one seed has no spread"), (("5", "6"), "experiments need git")]
)
def test_one_seed_and_no_repository_are_said_in_a_line(
    values: tuple[str, ...], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, here: Here
) -> None:
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    done = here(tmp_path, "brandmlm.commands.app", "seeds", *values, ok=False)
    assert (done.returncode, done.stdout) == (1, "") and message in done.stderr and done.stderr.count("\n") == 1
