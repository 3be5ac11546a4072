"""The seed profile, whole, with tiny data: Kaggle, data.world and the model hub are stand-ins on this machine."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from conftest import ROOT, SMALL, command, commit, copy_project, dvc, lend_environment, ran, set_params
from fetching import digest
from ruamel.yaml import YAML
from sites import SECRETS, TOKEN, DataWorld, Hub, Kaggle, Site, kaggle, leaks

SOURCES = ("reviews", "products", "catalogue")
EXPORT = {"export@full", "export@filtered"}
PINNED = ("config.json", "model.safetensors", "tokenizer.json", "vocab.txt")


@dataclass
class Seeded:
    """The project after `dvc repro` with profile seed, committed; the stand-ins still run. Copy it to change it."""

    project: Path
    done: CompletedProcess[str]
    variables: dict[str, str]
    sites: tuple[Site, ...]

    def asked(self) -> list[str]:
        """What the sites were asked since the last call."""
        found = [one.path for site in self.sites for one in site.asked]
        for site in self.sites:
            site.asked.clear()
        return found


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory, distilbert: dict[str, bytes]) -> Iterator[Seeded]:
    folder = tmp_path_factory.mktemp("seed")
    project = copy_project(folder / "project")
    seed = YAML(typ="safe").load(project / "params.yaml")["seed"]
    small = {key.replace("sample.", "seed."): value for key, value in SMALL.items()}
    digests = {name: digest(distilbert[name]) for name in PINNED}
    set_params(project, {**small, "profile": "seed", "seed.base.digests": digests})
    (project / "dvc.lock").unlink()
    shutil.rmtree(project / "tests")  # which hold the secrets that are looked for
    commit(project)
    rows = {item: (ROOT / "sample" / f"{item}.csv").read_bytes() for item in SOURCES}
    home = folder / "home"
    home.mkdir()
    with contextlib.ExitStack() as stack:
        shop: Kaggle = stack.enter_context(kaggle())
        world, hub = DataWorld(), Hub()
        for site in (world, hub):
            stack.enter_context(site.running())
        shop.datasets = {seed["sources"][item]["dataset"]: {1: {f"{item}.csv": rows[item]}} for item in SOURCES[::2]}
        world.datasets = {seed["sources"]["products"]["dataset"]: {"products.csv": rows["products"]}}
        hub.files = {seed["base"]["repository"]: {seed["base"]["revision"]: distilbert}}
        variables = {
            "KAGGLE_API_ENVIRONMENT": "TEST", "KAGGLE_API_TOKEN": TOKEN,
            "DW_API_HOST": f"http://127.0.0.1:{world.port}", "DW_AUTH_TOKEN": TOKEN,
            "HF_ENDPOINT": f"http://127.0.0.1:{hub.port}", "HF_TOKEN": TOKEN, "HF_HOME": str(home / "hf"),
            "HOME": str(home), "NO_PROXY": "127.0.0.1,localhost",
        }  # fmt: skip
        done = dvc(project, "repro", **variables)
        commit(project)
        yield Seeded(project, done, variables, (shop, world, hub))


@pytest.fixture
def copy(seeded: Seeded, tmp_path: Path) -> Path:
    seeded.asked()
    return Path(shutil.copytree(seeded.project, tmp_path / "project", symlinks=True))


@pytest.mark.slow
def test_the_whole_profile_runs(seeded: Seeded, distilbert: dict[str, bytes]) -> None:
    assert len(ran(seeded.done)) == 15
    for item in SOURCES:
        folder = seeded.project / "data" / "raw" / item
        assert (folder / "files" / f"{item}.csv").read_bytes() == (ROOT / "sample" / f"{item}.csv").read_bytes()
        assert json.loads((folder / "origin.json").read_text())["kind"] in ("kaggle", "dataworld")
    config = json.loads((seeded.project / "data/base/config.json").read_text())
    assert (config["model_type"], config["dim"]) == ("distilbert", 32)
    metrics = json.loads((seeded.project / "metrics/details.json").read_text())
    assert metrics
    assert "fetch: products: not pinned; `brand-mlm pin`" in seeded.done.stdout


@pytest.mark.slow
def test_no_secret_is_left_anywhere(seeded: Seeded) -> None:
    """In what was printed, the lock file, outputs, DVC's cache and its run logs, git's history, the hub's cache."""
    assert leaks(seeded.project.parent) == []
    said = seeded.done.stdout + seeded.done.stderr + command(seeded.project, "git", "log", "-p", "--all").stdout
    assert not any(secret in said for secret in SECRETS)


@pytest.mark.slow
def test_nothing_is_asked_again_while_params_stay(seeded: Seeded, copy: Path) -> None:
    assert ran(dvc(copy, "repro", **seeded.variables)) == set()
    set_params(copy, {"report.top": 7})
    assert ran(dvc(copy, "repro", **seeded.variables)) == {"report"} | EXPORT
    # Outputs that were lost come from DVC's cache.
    shutil.rmtree(copy / "data")
    dvc(copy, "checkout")
    assert ran(dvc(copy, "repro", **seeded.variables)) == set()
    assert seeded.asked() == []


@pytest.mark.slow
def test_an_experiment_with_this_profile(seeded: Seeded, copy: Path) -> None:
    """What is there already, be it by another pin, is not downloaded again."""
    set_params(copy, {"profile": "sample"})
    commit(copy)
    done = dvc(copy, "exp", "run", "-S", "profile=seed", "-S", "+seed.sources.reviews.version=1", **seeded.variables)
    assert ran(done) == {"fetch"}, done.stdout
    assert seeded.asked() == []


@pytest.mark.slow
def test_a_source_whose_folder_is_removed_is_fetched_again_and_no_other(seeded: Seeded, copy: Path) -> None:
    shop = seeded.sites[0]
    assert isinstance(shop, Kaggle)
    (name,) = [name for name, versions in shop.datasets.items() if "reviews.csv" in versions[1]]
    newer = shop.datasets[name][1]["reviews.csv"].replace(b"Ireland", b"Iceland")
    shop.datasets[name][2] = {"reviews.csv": newer}
    try:
        shutil.rmtree(copy / "data/raw/reviews")
        done = dvc(copy, "repro", "--single-item", "fetch", **seeded.variables)
    finally:
        del shop.datasets[name][2]
    assert ran(done) == {"fetch"}
    assert all("DatasetApiService" in path or path.startswith("/storage/") for path in seeded.asked())
    assert (copy / "data/raw/reviews/files/reviews.csv").read_bytes() == newer
    assert json.loads((copy / "data/raw/reviews/origin.json").read_text())["version"] == 2


@pytest.mark.slow
def test_pins_are_noted_without_another_download(seeded: Seeded, copy: Path) -> None:
    done = command(copy, "python", "-m", "brandmlm", "pin")
    advice = next(line for line in done.stdout.splitlines() if "dvc commit" in line).split("`")[1]
    command(copy, *advice.split(), **seeded.variables)
    assert ran(dvc(copy, "repro", **seeded.variables)) == EXPORT  # the cards name the commit that is now pinned
    assert seeded.asked() == []
    shutil.rmtree(copy / "data/raw/reviews")
    done = dvc(copy, "repro", "--single-item", "fetch", **seeded.variables)
    assert "not pinned" not in done.stdout
    assert json.loads((copy / "data/raw/reviews/origin.json").read_text())["version"] == 1


@pytest.mark.slow
def test_make_lets_the_hub_be_asked(seeded: Seeded, copy: Path, tmp_path: Path) -> None:
    """With an empty cache, from make: nothing there forbids the network to who wants it."""
    set_params(copy, {"seed.base.max_megabytes": 100})
    variables = {**seeded.variables, **lend_environment(copy), "HF_HOME": str(tmp_path / "hf")}
    assert ran(command(copy, "make", "repro", **variables)) == {"base"} | EXPORT
    assert any(path.startswith("/api/models/") for path in seeded.asked())
