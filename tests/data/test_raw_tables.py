"""CSV files are read completely, or refused with the row and line at fault."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from conftest import RAW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from brandmlm.core.errors import UserError
from brandmlm.data.raw_tables import MAX_FIELD, read_csv
from brandmlm.data.schemas import SCHEMAS

TEXT = "name,note\nAir Max,“light” café\nPegasus,€ 90\n"


def put(folder: Path, content: bytes | str) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, required: tuple[str, ...] = ()) -> str:
    with pytest.raises(UserError) as caught:
        read_csv(path, required)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message
    return message


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.data(),
    columns=st.lists(
        st.from_regex(r"[A-Za-zé€][A-Za-z é,\"]{0,8}[a-z]", fullmatch=True), min_size=1, max_size=5, unique=True
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]),
    newline=st.sampled_from(["\n", "\r\n"]),
    blank=st.integers(0, 2),
)
def test_any_table_that_csv_writes_is_read_back_equal(
    tmp_path: Path, data: st.DataObject, columns: list[str], encoding: str, newline: str, blank: int
) -> None:
    row = st.lists(CELLS, min_size=len(columns), max_size=len(columns)).filter(
        lambda cells: cells != columns and [cell.strip() for cell in cells] != columns
    )
    rows = data.draw(st.lists(row, max_size=8))
    written = io.StringIO(newline="")
    # Minimal quoting does not quote a single carriage return, which is not readable CSV.
    lone = any("\r" in cell for cells in rows for cell in cells)
    writer = csv.writer(written, lineterminator=newline, quoting=csv.QUOTE_ALL if lone else csv.QUOTE_MINIMAL)
    writer.writerows([columns, *rows])
    content = (written.getvalue() + blank * newline).encode(encoding)

    table = read_csv(put(tmp_path, content), columns)

    assert list(table.columns) == columns
    assert table.to_numpy().tolist() == rows
    assert list(table.index) == list(range(1, len(rows) + 1))
    assert all(pd.api.types.is_string_dtype(kind) for kind in table.dtypes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
def test_usual_encodings_simply_work(tmp_path: Path, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    table = read_csv(put(tmp_path, mark + TEXT.encode(encoding)))
    assert table["note"].tolist() == ["“light” café", "€ 90"]


def test_latin_1_with_bytes_that_windows_1252_leaves_open(tmp_path: Path) -> None:
    assert read_csv(put(tmp_path, b"a\ncaf\xe9 \x81\n"))["a"].tolist() == ["café \x81"]


def test_empty_cells_are_empty_strings_and_nothing_is_guessed(tmp_path: Path) -> None:
    table = read_csv(put(tmp_path, 'a,b\n,""\nNA,007\nnull,1e5\n'))
    assert table.to_numpy().tolist() == [["", ""], ["NA", "007"], ["null", "1e5"]]


def test_line_breaks_in_quotes_and_blank_lines_do_not_shift_rows(tmp_path: Path) -> None:
    path = put(tmp_path, 'a,b\n"one\ntwo\n\nthree",1\n\n4,"5\r\n6"\n7\n\n')
    assert "row 3, line 9: 1 fields where the header has 2" in refusal(path)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["is empty"]),
        ("\n\n", ["only blank lines"]),
        (b"a,b\n1,2\n\0,3\n", ["line 3", "NUL", "UTF-8"]),
        ("a,b\n1,2\n".encode("utf-16-le"), ["line 1", "NUL", "UTF-16"]),
        (b"\xff\xfea\0,\0b", ["UTF-16", "line 1"]),
        (b"\xef\xbb\xbfa,b\ncaf\xe9,1\n", ["UTF-8", "line 2"]),
        ("a,b\né,ü\nñ,1\n".encode() + b"caf\xe9,2\n", ["line 4", "damaged UTF-8", "0xe9"]),
        ('a,b\n1,2\n"3,4\n5,6\n', ["row 2, line 3", "never closed"]),
        ('a,b\n"1"x,2\n', ["row 1, line 2", "closing quote"]),
        ("a,b\n1,2\n1,2,3\n", ["row 2, line 3", "3 fields", "header has 2"]),
        ("a,b\n1\n", ["row 1, line 2", "1 fields", "header has 2"]),
        ("a,b,a\n1,2,3\n", ["line 1", "'a' occurs twice"]),
        ("a,b\n1,2\na,b\n3,4\n", ["row 2, line 3", "header is repeated here"]),
        ("\ufeffa,b\n1,2\n\ufeffa, b\n3,4\n", ["row 2, line 3", "header is repeated here"]),
        ("a,b\n1," + "x" * (MAX_FIELD + 1) + "\n", ["row 1, line 2", "1,000,000 characters"]),
        ("a,b\n1," + "x" * 10_000_000 + "\n", ["row 1, line 2", "1,000,000 characters"]),
    ],
    ids=range(16),
)
def test_broken_files_are_refused_by_row_and_line(tmp_path: Path, content: bytes | str, parts: list[str]) -> None:
    message = refusal(put(tmp_path, content))
    assert all(part in message for part in parts), message


def test_a_field_at_the_limit_is_read_and_the_limit_of_other_readers_stays(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    assert len(read_csv(put(tmp_path, "a\n" + "x" * MAX_FIELD + "\n"))["a"][1]) == MAX_FIELD
    assert csv.field_size_limit() == before


def test_missing_columns_are_named(tmp_path: Path) -> None:
    message = refusal(put(tmp_path, "Reviewer,Title\nx,y\n"), SCHEMAS["reviews"])
    assert "'Content', 'Star_rating'" in message and "'Reviewer', 'Title'" in message


def test_another_separator_is_named(tmp_path: Path) -> None:
    assert "separated by ';'" in refusal(put(tmp_path, "a;b\n1;2\n"), ("a", "b"))


def test_no_file_and_no_readable_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "gone.csv")
    assert "cannot be read" in refusal(tmp_path)


@pytest.mark.skipif(not RAW.is_dir(), reason="the sources' own exports are not here")
@pytest.mark.parametrize(
    ("file", "source", "rows"),
    [
        ("nike_customer_reviews_kaggle.csv", "reviews", 166),
        ("nike_products.csv", "products", 451),
        ("products_kaggle.csv", "catalogue", 84),
    ],
)
def test_real_exports_read_whole(file: str, source: str, rows: int) -> None:
    table = read_csv(RAW / file, SCHEMAS[source])
    assert len(table) == rows
    assert tuple(table.columns) == SCHEMAS[source]
    expected = pd.read_csv(RAW / file, dtype="str", keep_default_na=False)
    assert table.to_numpy().tolist() == expected.to_numpy().tolist()
