"""Cleaning part by part gives what cleaning in memory gives, to the byte, wherever the parts are worked on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from raw_rows import COLUMNS, LONG, fetch_tables, raw_sources, write_all, write_csv
from whole_tables import clean_sources, read_source

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.clean import Clean
from brandmlm.config.params.reading import load_params
from brandmlm.config.params.sources import FileSource
from brandmlm.core.errors import UserError
from brandmlm.core.executors import InlineExecutor, open_executor
from brandmlm.core.files import read_json
from brandmlm.data import cleaning_parts
from brandmlm.data.brand_context import BrandContext
from brandmlm.data.cleaning_parts import CleanedFiles, Running, clean_files
from brandmlm.data.corpus import read_table, write_table

ROOT = Path(__file__).resolve().parents[2]
RAW = ROOT.parent / "shared" / "raw"
RAW_FILES = {"reviews": "nike_customer_reviews_kaggle", "products": "nike_products", "catalogue": "products_kaggle"}
PARAMS = Clean(min_words=2, near_duplicate=0.8, language_confidence=0.1, min_brand_share=0.0)
NIKE = BrandContext.of(load_lexicon(ROOT / "brands/nike/lexicon.yaml"))


def sample_tables(folder: Path) -> list[Path]:
    sources = dict(load_params(ROOT / "params.yaml").sources)
    fetch_tables(
        folder, {name: each.model_copy(update={"path": str(ROOT / each.path)}) for name, each in sources.items()}
    )  # type: ignore[union-attr]
    return [folder / name for name in sources]


def made_tables(folder: Path) -> list[Path]:
    write_all(folder)
    return [folder / name for name in read_json(folder / "sources.json")]


def real_tables(folder: Path) -> list[Path]:
    if not RAW.is_dir():
        pytest.skip("the real rows are not beside this checkout (../shared/raw)")
    sources = dict(load_params(ROOT / "params.yaml").sources)
    fetch_tables(
        folder,
        {
            name: FileSource(
                kind="file", path=str(RAW / f"{RAW_FILES[name]}.csv"), table=each.table, columns=each.columns
            )
            for name, each in sources.items()
        },
    )
    return [folder / name for name in sources]


def cleaned(folders: list[Path], out: Path, **running: Any) -> tuple[CleanedFiles, dict[str, bytes]]:
    out.mkdir()
    found = clean_files(folders, PARAMS, NIKE, out, out.with_name(".parts"), Running(**running))
    assert not out.with_name(".parts").exists()
    return found, {file.name: file.read_bytes() for file in sorted(out.iterdir())}


@pytest.mark.parametrize("tables", [made_tables, sample_tables, real_tables])
def test_parts_give_what_all_rows_in_memory_give(tables: Any, tmp_path: Path) -> None:
    folders = tables(tmp_path / "raw")
    result, mapped = clean_sources([read_source(folder) for folder in folders], PARAMS, NIKE)
    write_table(result.corpus, tmp_path / "corpus.parquet")
    write_table(result.dropped, tmp_path / "dropped.parquet")
    for number, running in enumerate(
        [{}, {"part_rows": 70, "plain_texts": 0}, {"part_rows": 31, "plain_texts": 10**9}]
    ):
        found, files = cleaned(folders, tmp_path / f"out{number}", **running)
        assert found.counts == result.counts
        assert files == {name: (tmp_path / name).read_bytes() for name in ("corpus.parquet", "dropped.parquet")}
        for folder, each in zip(folders, mapped, strict=True):
            columns = found.columns[folder.name]
            assert (columns.notes, columns.warnings) == (each.notes, each.warnings)
            assert columns.unreadable_dates == each.unreadable_dates


def test_unreadable_rows_and_values_are_counted_over_all_parts(tmp_path: Path) -> None:
    rows = [
        f"Nike shoe number {number},{LONG.replace(',', '')} {number},{number % 7},{number:02}/13/2020"
        for number in range(1, 40)
    ]
    file = tmp_path / "reviews.csv"
    file.write_text("\n".join(["Title,Content,Rating,Date", *rows, "one,two,three,four,five"]) + "\n", encoding="utf-8")
    source = FileSource(kind="file", path=str(file), table="review", max_bad_rows=0.5)
    (raw,) = fetch_tables(tmp_path / "raw", {"reviews": source})
    whole, (mapped,) = clean_sources([raw], PARAMS, NIKE)
    found, _ = cleaned([tmp_path / "raw" / "reviews"], tmp_path / "out", part_rows=4)
    assert found.counts == whole.counts and found.counts["reviews"]["dropped"]["unreadable"] == 1
    assert found.columns["reviews"].notes == mapped.notes and "cannot be read" in mapped.notes[0]
    dropped = read_table(tmp_path / "out" / "dropped.parquet")
    pd.testing.assert_frame_equal(dropped, whole.dropped)
    assert dropped["detail"].dropna().tolist() == ["5 fields where the header has 4"]


def test_no_row_left(tmp_path: Path) -> None:
    raw = raw_sources(
        tmp_path / "raw", reviews=[{"Title": "", "Content": "Sehr gute Schuhe, sehr bequem und schnell da"}] * 3
    )
    folder = [tmp_path / "raw" / raw[0].name]
    (tmp_path / "out").mkdir()
    with pytest.raises(UserError, match=r"no row is left after cleaning.*write `language: de`"):
        clean_files(folder, PARAMS, NIKE, tmp_path / "out", tmp_path / ".parts", Running(part_rows=2))


class Failing(InlineExecutor):
    """Dies before the given task, as a process does that is killed."""

    def __init__(self, at: int) -> None:
        self.left, self.mapped = at, 0

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if function is cleaning_parts.map_one:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            self.mapped += 1
        return super().submit(function, *args, **kwargs)


def test_a_run_goes_on_from_the_parts_that_an_earlier_one_finished(tmp_path: Path) -> None:
    folders = sample_tables(tmp_path / "raw")
    _, expected = cleaned(folders, tmp_path / "expected")
    (tmp_path / "out").mkdir()
    arguments = folders, PARAMS, NIKE, tmp_path / "out", tmp_path / ".parts"
    with pytest.raises(KeyboardInterrupt):
        clean_files(*arguments, Running((Failing(3), 1), part_rows=70))
    second = Failing(100)
    clean_files(*arguments, Running((second, 1), part_rows=70))
    assert second.mapped == 9 - 3  # 220, 173 and 84 rows
    assert {name: (tmp_path / "out" / name).read_bytes() for name in expected} == expected


KILLED = """
import os, signal, sys
from pathlib import Path
from brandmlm.core.executors import InlineExecutor
from brandmlm.data.cleaning_parts import Running, clean_files, map_one
import test_cleaning_parts as t

class Killed(InlineExecutor):
    def submit(self, function, /, *arguments, **named):
        future = super().submit(function, *arguments, **named)
        if function is map_one and arguments[0].number == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return future

folder = Path(sys.argv[1])
clean_files([folder / "raw" / name for name in sys.argv[2:]], t.PARAMS, t.NIKE, folder / "out", folder / ".parts",
            Running((Killed(), 1), part_rows=70))
"""


@pytest.mark.slow
def test_a_killed_process_loses_no_finished_part(tmp_path: Path) -> None:
    folders = sample_tables(tmp_path / "raw")
    _, expected = cleaned(folders, tmp_path / "expected")
    (tmp_path / "out").mkdir()
    words = [sys.executable, "-c", KILLED, str(tmp_path), *(folder.name for folder in folders)]
    paths = os.pathsep.join(map(str, (ROOT, ROOT / "tests", ROOT / "tests" / "data")))
    done = subprocess.run(words, env=os.environ | {"PYTHONPATH": paths}, check=False)
    assert done.returncode == -signal.SIGKILL
    finished = {file: file.stat().st_ino for file in tmp_path.glob(".parts/*/*.parquet")}
    assert len(finished) == 3
    executor = Failing(100)
    clean_files(folders, PARAMS, NIKE, tmp_path / "out", tmp_path / ".parts", Running((executor, 1), part_rows=70))
    assert executor.mapped == 9 - 3
    assert {name: (tmp_path / "out" / name).read_bytes() for name in expected} == expected


def test_other_params_start_anew(tmp_path: Path) -> None:
    folders = sample_tables(tmp_path / "raw")
    (tmp_path / "out").mkdir()
    with pytest.raises(KeyboardInterrupt):
        clean_files(
            folders, PARAMS, NIKE, tmp_path / "out", tmp_path / ".parts", Running((Failing(3), 1), part_rows=70)
        )
    stricter, executor = PARAMS.model_copy(update={"min_words": 9}), Failing(100)
    clean_files(folders, stricter, NIKE, tmp_path / "out", tmp_path / ".parts", Running((executor, 1), part_rows=70))
    assert executor.mapped == 9
    assert min(read_table(tmp_path / "out" / "corpus.parquet")["text"].str.split().str.len()) >= 8


@pytest.mark.long
@pytest.mark.parametrize("workers", [2, 4])
def test_a_pool_gives_the_same_bytes(workers: int, tmp_path: Path) -> None:
    folders = sample_tables(tmp_path / "raw")
    _, expected = cleaned(folders, tmp_path / "expected")
    with open_executor(workers) as executor:
        assert executor[1] == workers
        assert cleaned(folders, tmp_path / "out", executor=executor, part_rows=70)[1] == expected


@pytest.fixture
def cluster() -> Iterator[Any]:
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, protocol="tcp", dashboard_address=None
    ) as found:
        yield found


@pytest.mark.long
def test_a_cluster_whose_worker_is_killed_gives_the_same_bytes(cluster: Any, tmp_path: Path) -> None:
    folders = [tmp_path / "raw" / "reviews"]
    rows = [{"Title": f"Nike shoe {n}", "Content": f"{LONG} {n % 400} {n}", "Star_rating": "5"} for n in range(3500)]
    write_csv(tmp_path / "reviews.csv", COLUMNS["reviews"], rows)
    source = FileSource(kind="file", path=str(tmp_path / "reviews.csv"), table="review")
    fetch_tables(tmp_path / "raw", {"reviews": source})
    _, expected = cleaned(folders, tmp_path / "expected", part_rows=50_000)

    killed = []

    def kill_one() -> None:
        """Kill a worker once parts are being finished."""
        while not list(tmp_path.glob(".parts/*/*.parquet")):
            time.sleep(0.01)
        killed.append(next(iter(cluster.workers.values())).pid)
        os.kill(killed[0], signal.SIGKILL)

    assert cluster.scheduler_address.startswith("tcp://")
    thread = threading.Thread(target=kill_one)
    with open_executor(1, cluster.scheduler_address) as executor:
        assert isinstance(executor[0], Executor) and executor[1] == 2
        thread.start()
        found = cleaned(folders, tmp_path / "out", executor=executor, part_rows=50)[1]
    thread.join()
    assert killed and found == expected


def test_a_scheduler_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("brandmlm.core.executors._CONNECT_S", 0.2)
    with (
        pytest.raises(UserError, match=r"execution\.scheduler: 'tcp://127\.0\.0\.1:9' cannot be reached"),
        open_executor(1, "tcp://127.0.0.1:9"),
    ):
        pass
