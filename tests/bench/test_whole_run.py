"""The cost of every stage is measured by the commands of dvc.yaml."""

from __future__ import annotations

import sys
from pathlib import Path

from conftest import ROOT, command, dvc

PIPELINE = """\
stages:
  first:
    cmd: echo 1 > first.txt
    outs: [first.txt]
  second:
    foreach: {a: 1, b: 2}
    do:
      cmd: cp first.txt ${key}.txt
      deps: [first.txt]
      outs: ["${key}.txt"]
"""


def test_each_folder_has_a_table_of_its_stages(tmp_path: Path) -> None:
    folders = [tmp_path / "before", tmp_path / "after"]
    for number, folder in enumerate(folders):
        folder.mkdir()
        dvc(folder, "init", "--no-scm", "--quiet")
        (folder / "dvc.yaml").write_text(PIPELINE)
        (folder / "metrics").mkdir()
        (folder / "metrics" / "metrics.json").write_text(str(number))
    said = command(ROOT, sys.executable, "-m", "bench.whole_run", *map(str, folders)).stdout
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows] == ["`first`", "`second@a`", "`second@b`"] * 2
    assert all(float(peak) > 0 and float(wall) >= 0 for _, _, _, wall, peak in rows)
    assert said.endswith("metrics.json: differs\n")
    assert all((folder / "b.txt").read_text() == "1\n" for folder in folders)
    chosen = command(ROOT, sys.executable, "-m", "bench.whole_run", str(folders[0]), "--stages", "second").stdout
    assert "`second@b`" in chosen
    assert "`first`" not in chosen
