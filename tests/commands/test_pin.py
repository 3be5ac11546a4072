"""`brand-mlm pin` writes digests, rows and versions into params.yaml, and changes no other line."""

from __future__ import annotations

import difflib
import functools
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, run_main, set_params
from fetching import digest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brandmlm.commands import pin
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.sources import AnySource, HubSource
from brandmlm.core.errors import UserError
from brandmlm.data.kept_files import request_digest

TEXT = (ROOT / "params.yaml").read_text(encoding="utf-8")
ROWS = b"some,rows\n"
A, B = "a" * 64, "1" * 64  # the second would be a number if it stood without quotes
C = "c" * 64
REVISION = "f" * 40


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, as a diff shows them."""
    return [
        line
        for line in difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
        if not line.startswith(("---", "+++", "@@"))
    ]


def fetched(project: Path, item: str, source: AnySource, version: int | str) -> None:
    """What `fetch` leaves of a source."""
    folder = project / "data" / "raw" / item
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "r.csv").write_bytes(ROWS)
    origin = {
        "source": item, "kind": source.kind, "retrieved_from": f"{source.kind}:r.csv", "version": version,
        "sha256": digest(ROWS), "rows": 17, "files": [{"file": "r.csv", "from": "r.csv"}],
        "request": request_digest(source),
    }  # fmt: skip
    (folder / "origin.json").write_text(json.dumps(origin))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project in profile seed after a run without pins."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "params.yaml").write_text(TEXT.replace("profile: sample ", "profile: seed   ", 1))
    seed = YAML(typ="safe").load(TEXT)["seed"]
    for item, source in load_params(tmp_path / "params.yaml").sources.items():
        fetched(tmp_path, item, source, 3 if source.kind == "kaggle" else "5a1c")
    (tmp_path / "data" / "base").mkdir()
    base = {
        "kind": "hub", "retrieved_from": seed["base"]["repository"], "revision": REVISION,
        "digests": {"config.json": A, "special_tokens_map.json": B},
    }  # fmt: skip
    (tmp_path / "data" / "base" / "origin.json").write_text(json.dumps(base))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    return run_main(monkeypatch, capsys, pin.main, "pin")


def test_what_came_is_pinned_and_nothing_else_is_touched(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (project / "params.yaml").read_text()
    code, out, err = run(monkeypatch, capsys)
    assert (code, err) == (0, "")
    assert "dvc commit --force fetch base" in out
    after = (project / "params.yaml").read_text()
    rows = [f"+      sha256: {digest(ROWS)}", "+      min_rows: 17"]
    old = YAML(typ="safe").load(TEXT)["seed"]["base"]
    assert changed(before, after) == [
        *rows, "+      version: 3", *rows, *rows, "+      version: 3",
        f"-    revision: {old['revision']}", f"+    revision: {REVISION}",
        f"-      config.json: {old['digests']['config.json']}", f"+      config.json: {A}",
        f"+      special_tokens_map.json: '{B}'",
    ]  # fmt: skip
    params = load_params(project / "params.yaml")
    assert (params.sources["reviews"].sha256, params.sources["reviews"].min_rows) == (digest(ROWS), 17)
    assert params.base.digests["special_tokens_map.json"] == B
    assert "everything is pinned already" in run(monkeypatch, capsys)[1]
    assert (project / "params.yaml").read_text() == after


def spoil_rows(project: Path) -> None:
    (project / "data/raw/products/files/r.csv").write_text("edited")


def another_dataset(project: Path) -> None:
    set_params(project, {"seed.sources.products.dataset": "some/other"})


def another_base(project: Path) -> None:
    set_params(project, {"seed.base.repository": "some/other"})


def not_run(project: Path) -> None:
    shutil.rmtree(project / "data/raw/products")


@pytest.mark.parametrize(
    ("spoil", "parts"),
    [
        (spoil_rows, ["products/files", "changed since it was fetched", "dvc repro --force fetch"]),
        (another_dataset, ["dataworld:r.csv", "sources.products", "dvc repro fetch"]),
        (another_base, ["distilbert/distilbert-base-uncased", "dvc repro base"]),
        (not_run, ["products/origin.json", "dvc repro fetch"]),
    ],
)
def test_what_is_not_what_params_name_is_not_pinned(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spoil: Any, parts: list[str]
) -> None:
    spoil(project)
    before = (project / "params.yaml").read_bytes()
    code, out, err = run(monkeypatch, capsys)
    assert (code, out) == (1, "") and err.startswith("error: ") and all(part in err for part in parts)
    assert (project / "params.yaml").read_bytes() == before


def test_the_sample_needs_no_pins(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    set_params(project, {"profile": "sample"})
    assert "nothing to pin in profile sample" in run(monkeypatch, capsys)[1]


def test_a_source_of_any_name_is_pinned_and_a_hub_s_by_its_commit(project: Path) -> None:
    keys = {"kind": "hub", "repository": "some/reviews", "revision": "main", "table": "review"}
    source = HubSource.model_validate(keys)
    fetched(project, "our-shop", source, REVISION)
    with pytest.raises(UserError, match="names another now"):
        pin.source_pins("our-shop", source)
    origin = project / "data/raw/our-shop/origin.json"
    origin.write_text(json.dumps({**json.loads(origin.read_text()), "revision": "main"}))
    pins = {keys[-1]: value for keys, value in pin.source_pins("our-shop", source).items()}
    assert pins == {"revision": REVISION, "sha256": digest(ROWS), "min_rows": 17}


LAYOUTS = {
    "comments": "seed:\n  base:  # mine\n    revision: main  # newest\n    # about the kind\n    kind: hub\n\n# end\n",
    "quotes": "seed:\n  base:\n    revision: \"main\"\n    kind: 'hub'\n  train: 1\n",
    "common": "base:\n  kind: hub\n  revision: main\n\n  # a remark\nseed:\n  x: 1\n",
    "no last line end": "seed:\n  base:\n    revision: main\n    kind: hub",
    "windows": "seed:\r\n  base:\r\n    revision: main\r\n    kind: hub\r\n  other: 1\r\n",
    "empty digests": "seed:\n  base:\n    revision: main\n    kind: hub\n    digests:\n    # none yet\n  other: 1\n",
    "flow": "seed:\n  base: {kind: hub, revision: main}\n  other: 1\n",
    "empty flow": "seed:\n  base:\n    kind: hub\n    revision: main\n    digests: {}\n  other: 1\n",
    "as DVC writes it": f"seed:\n  base:\n    kind: hub\n    revision: main\n  a_name_of_twenty: \n    {C}\n",
    "folded": "seed:\n  base:\n    kind: hub\n    revision: main\n    note: >-\n      two\n      lines\n  other: 1\n",
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_layouts_of_the_user_s_own_stay(name: str) -> None:
    text = LAYOUTS[name]
    pins: dict[pin.Keys, str | int] = {
        ("base", "revision"): REVISION, ("base", "digests", "a.json"): A, ("base", "digests", "b.json"): B,
    }  # fmt: skip
    edited = pin.set_pins(text, "seed", pins)
    document = YAML(typ="safe").load(edited)
    base = document["base"] if name == "common" else document["seed"]["base"]
    assert (base["revision"], base["digests"]) == (REVISION, {"a.json": A, "b.json": B})
    # Only lines with a pin differ.
    old, new = text.splitlines(), edited.splitlines()
    kept = [line for line in new if not any(pinned in line for pinned in (REVISION, A, B, "digests:"))]
    assert kept == [line for line in old if "revision" not in line and "digests:" not in line]
    assert edited.count("\r\n") == (edited.count("\n") if "\r\n" in text else 0)
    if name != "flow":
        pinned = [line.replace(REVISION, "main").split() for line in new if REVISION in line]
        assert pinned == [line.split() for line in old if "revision" in line]


def test_new_keys_come_before_the_comment_on_what_follows() -> None:
    text = "base:\n  kind: hub\n  revision: main\n\n# about the sources\nsources: {}\nseed: {}\n"
    assert pin.set_pins(text, "seed", {("base", "digests", "a.json"): A}) == text.replace(
        "  revision", f"  digests:\n    a.json: {A}\n  revision"
    )


@pytest.mark.parametrize(
    "text",
    [
        "seed:\n     base:\n          kind: hub\n          revision:    main\n     other: 1\n",
        "seed:\r\n  base:\n    kind: hub\n    revision: main\n",
    ],
    ids=["wide indent", "mixed line ends"],
)
def test_a_layout_that_an_edit_would_change_is_left_and_the_pins_are_told(text: str) -> None:
    with pytest.raises(UserError, match=f"pin by hand: base.revision: {REVISION}, base.digests.a.json: {A}"):
        pin.set_pins(text, "seed", {("base", "revision"): REVISION, ("base", "digests", "a.json"): A})


NAMES = st.sampled_from(["reviews", "products", "catalogue"])


@settings(max_examples=20)
@given(
    st.dictionaries(
        st.tuples(st.just("sources"), NAMES, st.sampled_from(["sha256", "min_rows", "version", "path"])),
        st.one_of(st.integers(1, 10**9), st.text("0123456789abcdef", min_size=64, max_size=64), st.just("1e5")),
        max_size=6,
    ),
    st.sampled_from(["sample", "seed"]),
)
def test_any_pins_are_read_back_as_they_were_set(pins: dict[pin.Keys, str | int], profile: str) -> None:
    edited = pin.set_pins(TEXT, profile, pins)
    document = YAML(typ="safe", pure=True).load(edited)
    for keys, value in pins.items():
        assert functools.reduce(dict.__getitem__, keys, document[profile]) == value
    comments = [line.partition("#")[2] for line in TEXT.splitlines() if "#" in line]
    assert [line.partition("#")[2] for line in edited.splitlines() if "#" in line] == comments
