"""Whatever the bytes, a table or one line for the user; and never the whole file in memory."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from conftest import ROOT, environment
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brandmlm.core.errors import UserError
from brandmlm.data.tables import ReadOptions, open_table

CSV = 'text,stars,day\n"Good, ""light""\nshoes",5,29-12-2020\nSchöne Schuhe,4,\n' * 30
RECORDS = [{"text": "Good " * number, "stars": number, "list": ["a", None]} for number in range(40)]


def in_memory(make: str) -> bytes:
    buffer = io.BytesIO()
    if make == "parquet":
        pd.DataFrame(RECORDS).to_parquet(buffer)
    elif make == "xlsx":
        file = xlsxwriter.Workbook(buffer)
        file.add_worksheet("One").write_row(0, 0, ["text", "stars"])
        file.close()
    else:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("rows.csv", CSV)
    return buffer.getvalue()


SEEDS = [
    CSV.encode(), CSV.encode("utf-16"), CSV.encode("cp1252"), CSV.replace(",", ";").encode(),
    gzip.compress(CSV.encode()), bz2.compress(CSV.encode()), json.dumps(RECORDS).encode(),
    "\n".join(map(json.dumps, RECORDS)).encode(),
    in_memory("parquet"), in_memory("xlsx"), in_memory("zip"), b"sep=;\r\n\xff\xfe<html>PAR1",
]  # fmt: skip

SPLICES = st.sampled_from(list(b',;\t|"\\\n\r{}[]:<>\0\xff\xfe\xe9\xc3 a1')).map(lambda byte: bytes([byte]))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A file with some bytes replaced, cut out or put in, perhaps cut off."""
    content = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(1, 4))):
        place = draw(st.integers(0, len(content)))
        content[place : place + draw(st.integers(0, 9))] = draw(SPLICES | st.binary(max_size=4))
    return bytes(content[: draw(st.integers(0, len(content)))] if draw(st.booleans()) else content)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=damaged() | st.binary(max_size=200) | st.lists(SPLICES, max_size=60).map(b"".join),
    share=st.sampled_from([0.0, 0.001, 1.0]),
)
def test_any_bytes_are_a_table_or_one_line(tmp_path: Path, content: bytes, share: float) -> None:
    path = tmp_path / "any"
    path.write_bytes(content)
    try:
        with open_table(path, ReadOptions("any", max_bad_rows=share)) as table:
            names = [name for name in table.columns if name and table.columns.count(name) == 1]
            rows = table.read(names)
            assert list(rows.columns) == names and rows.index.is_monotonic_increasing
    except UserError as error:
        assert str(error).startswith("any: ") and "\n" not in str(error)


MEMORY = """
import resource, sys
from brandmlm.data.tables import ReadOptions, open_table

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

rows = 0
for path in sys.argv[1:3]:
    with open_table(path, ReadOptions(path, batch_rows=2_000)) as table:
        rows += sum(map(len, table.batches()))
before = peak()
with open_table(sys.argv[3], ReadOptions("x", batch_rows=2_000)) as table:
    rows += sum(map(len, table.batches()))
print(rows, peak() - before)
"""


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_large_file_is_read_in_the_memory_of_a_batch(tmp_path: Path, form: str) -> None:
    texts = [f"{number} " + "It is light, and it fits. " * 40 for number in range(2_000)]
    small, large = tmp_path / "small", tmp_path / "large"
    frame = pd.DataFrame({"text": texts})
    for path, times in ((small, 1), (large, 25)):
        rows = pd.concat([frame] * times)
        rows.to_csv(path, index=False) if form == "csv" else rows.to_json(path, orient="records")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY, small, small, large], cwd=ROOT, env=environment(), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    rows_read, grown = done.stdout.split()
    assert int(rows_read) == 54_000 and large.stat().st_size > 50_000_000
    assert float(grown) < 25  # MB; two batches and what the allocator keeps
