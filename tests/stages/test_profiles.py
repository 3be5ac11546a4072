"""Profiles in DVC: each can be looked at, and one with sources of any names runs through."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import dvc, set_params

from brandmlm.config.params.sections import find_profiles, read_document


@pytest.mark.slow
def test_dvc_shows_the_status_of_every_profile(small: Path) -> None:
    document = read_document(small / "params.yaml")
    source = {"kind": "file", "path": "mine.tsv", "table": "review"}
    own = {"sources": {"shop-1": source}, "base": {"kind": "path", "path": "b"}}
    set_params(small, {"acme": {**own, "synthesize": {}, "filter": {}, "train": {}}})
    for profile in (*find_profiles(document), "acme"):
        set_params(small, {"profile": profile})
        status = json.loads(dvc(small, "status", "--json").stdout)
        assert any("changed outs" in entry for entry in status["fetch"]), profile
