"""brandmlm in a notebook: clean, train and predict in a folder that is no project."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from bases import tiny_base
from conftest import ROOT, command

# As a person writes it; NOTEBOOK.format(base=...).
NOTEBOOK = """
import brandmlm
import pandas as pd

things, words = ("shoes", "socks", "caps", "bags"), ("light", "soft", "ugly", "heavy", "durable")
texts = [f"The Nike {thing} that I bought were very {word}." for thing in things for word in words]
table = pd.DataFrame({"text": [*texts, texts[0], "Nike", ""]})

cleaned = brandmlm.clean(table, near_duplicate=1.0)
print(len(cleaned.corpus), sorted(cleaned.dropped["reason"]))

result = brandmlm.train(cleaned.corpus, "{base}", tokens=500, batch_tokens=128, contrastive_weight=0.0)
print(type(result).__name__, result.summary.rows, result.summary.steps)
result.save("mine")

tried = brandmlm.load("mine").predict("Nike shoes are very [MASK].", top=5)
print([round(one.probability, 5) for one in tried] == [
    round(one.probability, 5) for one in result.predictor.predict("Nike shoes are very [MASK].", top=5)
])
print(*(one.token for one in tried))
"""


@pytest.mark.slow
def test_a_notebook_cleans_trains_and_predicts(tmp_path: Path) -> None:
    base, folder = tiny_base(tmp_path / "base"), tmp_path / "notebook"
    folder.mkdir()
    done = command(folder, sys.executable, "-c", NOTEBOOK.replace("{base}", str(base)), PYTHONPATH=str(ROOT))
    cleaned, trained, same, tokens = done.stdout.splitlines()
    assert cleaned == "20 ['empty', 'exact_duplicate', 'too_short']"
    assert trained.startswith("TrainingResult 20 ")
    assert same == "True"
    assert len(tokens.split()) == 5
    assert sorted(path.name for path in folder.iterdir()) == ["mine"]
    assert "Warning" not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.slow
def test_its_types_are_known(tmp_path: Path) -> None:
    code = 'import brandmlm\nreveal_type(brandmlm.load("x").predict("A [MASK].", top=5)[0].token)\nbrandmlm.lod\n'
    (tmp_path / "notebook.py").write_text(code)
    config, cache = str(ROOT / "pyproject.toml"), str(ROOT / ".mypy_cache")
    words = ("-m", "mypy", "--config-file", config, "--cache-dir", cache, str(tmp_path / "notebook.py"))
    done = command(tmp_path, sys.executable, *words, ok=False, MYPYPATH=str(ROOT))
    assert 'Revealed type is "str"' in done.stdout
    assert 'Module has no attribute "lod"' in done.stdout
