"""What params.yaml says reaches the shell as text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from conftest import ROOT, set_params
from ruamel.yaml import YAML

from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError

NASTY = ("nike; touch PWNED #", "$(touch PWNED)", "`touch PWNED`", "a && touch PWNED", 'a" ; touch PWNED; "', "a b")


def commands() -> list[str]:
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    return [stage.get("do", stage)["cmd"] for stage in stages.values()]


def test_only_the_brand_is_what_somebody_writes() -> None:
    """Items of `foreach` are of dvc.yaml itself."""
    assert {name for cmd in commands() for name in re.findall(r"\$\{(\w+)", cmd)} == {"brand", "item", "key"}


@pytest.mark.parametrize("brand", NASTY)
def test_a_brand_s_name_is_no_command(tmp_path: Path, brand: str) -> None:
    python = tmp_path / "bin" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    python.chmod(0o755)
    for cmd in commands():
        whole = cmd.replace("${brand}", brand)
        done = subprocess.run(["sh", "-c", whole], cwd=tmp_path, env={"PATH": f"{python.parent}:/bin:/usr/bin"},
                              capture_output=True, text=True, check=True)  # fmt: skip
        assert [path.name for path in tmp_path.iterdir()] == ["bin"]
        files = re.findall(r"brands/\$\{brand\}/(\w+\.yaml)", cmd)
        assert [line for line in done.stdout.splitlines() if line.startswith("brands/")] == [
            f"brands/{brand}/{name}" for name in files
        ]


@pytest.mark.parametrize("name", [*NASTY, "../nike", "", "a'b", ".git", "a/b", "a\nb"])
def test_names_of_brands_and_profiles_are_names(tmp_path: Path, name: str) -> None:
    (tmp_path / "params.yaml").write_bytes((ROOT / "params.yaml").read_bytes())
    set_params(tmp_path, {"brand": name})
    with pytest.raises(UserError, match=r"params\.yaml: brand: .*letters, digits"):
        load_params(tmp_path / "params.yaml")
    document = YAML(typ="safe").load(ROOT / "params.yaml")
    YAML().dump({**document, "profile": name, name: document["sample"]}, tmp_path / "params.yaml")
    with pytest.raises(UserError, match=r"params\.yaml: profile: .*letters, digits"):
        load_params(tmp_path / "params.yaml")
