"""Delimited text of any dialect is read as it was written; broken rows are counted, broken files refused."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd
import polars as pl
import pytest
from conftest import RAW
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_files import read_refusal

from brandmlm.data.tables import ReadOptions, open_table, read_table
from brandmlm.data.tables.delimited import MAX_FIELD

SEPARATORS = ",;\t|^"
OPTIONS = ReadOptions(name="reviews.csv", key="sources.reviews")


def put(folder: Path, content: bytes | str) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, options: ReadOptions = OPTIONS) -> str:
    return read_refusal(path, options)


def skipped(path: Path, options: ReadOptions = OPTIONS) -> tuple[list[list[str]], list[tuple[int, str, int]]]:
    """The rows that were read, and the bad ones."""
    with open_table(path, options) as table:
        rows = table.read().to_numpy().tolist()
        return rows, [(bad.line, bad.reason, bad.lines) for bad in table.bad_rows]


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n\r\t"\\' + SEPARATORS), max_size=12)


def tables(separator: str) -> st.SearchStrategy[tuple[list[str], list[list[str]]]]:
    """Names that no other separator splits, and rows of any text that do not repeat the names."""
    names = st.lists(
        st.from_regex(rf"[A-Za-zé€][A-Za-z0-9 _é\"\{separator}]{{0,8}}[a-z]", fullmatch=True),
        min_size=1, max_size=5, unique=True,
    )  # fmt: skip
    return names.flatmap(
        lambda header: st.tuples(
            st.just(header),
            st.lists(
                st.lists(CELLS, min_size=len(header), max_size=len(header)).filter(
                    lambda cells: [cell.strip() for cell in cells] != header
                ),
                max_size=6,
            ),
        )
    )


def same(path: Path, header: list[str], rows: list[list[str]], encoding: str | None = None) -> None:
    table = read_table(path, ReadOptions(name="x", encoding=encoding, max_bad_rows=0))
    assert list(table.columns) == header
    assert table.to_numpy().tolist() == rows
    assert all(pd.api.types.is_string_dtype(kind) for kind in table.dtypes)


ANY_TABLE = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@ANY_TABLE
@given(
    data=st.data(),
    separator=st.sampled_from(SEPARATORS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32", "utf-16-le", "utf-16-be"]),
    newline=st.sampled_from(["\n", "\r\n", "\r"]),
    blank=st.integers(0, 2),
    declared=st.booleans(),
)
def test_what_csv_writes_is_read_back(
    tmp_path: Path,
    data: st.DataObject,
    separator: str,
    encoding: str,
    newline: str,
    blank: int,
    declared: bool,
) -> None:
    header, rows = data.draw(tables(separator))
    written = io.StringIO(newline="")
    # Minimal quoting leaves line breaks other than its own bare; one column may look like several.
    breaks = any(mark in cell for cells in rows for cell in cells for mark in "\r\n")
    every = breaks or len(header) == 1
    writer = csv.writer(
        written, delimiter=separator, lineterminator=newline, quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL
    )
    writer.writerows([header, *rows])
    text = (f"sep={separator}{newline}" if declared else "") + written.getvalue() + blank * newline
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    same(put(tmp_path, mark + text.encode(encoding)), header, rows)


@ANY_TABLE
@given(data=st.data(), separator=st.sampled_from(SEPARATORS), writer=st.sampled_from(["pandas", "polars"]))
def test_what_pandas_and_polars_write_is_read_back(
    tmp_path: Path, data: st.DataObject, separator: str, writer: str
) -> None:
    header, rows = data.draw(tables(separator))
    path = tmp_path / "rows.csv"
    if writer == "pandas":
        frame = pd.DataFrame(rows, columns=header, dtype="str")
        frame.to_csv(path, sep=separator, index=False, quoting=csv.QUOTE_NONNUMERIC)
    else:
        columns = {name: [row[place] for row in rows] for place, name in enumerate(header)}
        style = "always" if len(header) == 1 else "necessary"
        pl.DataFrame(columns, schema=dict.fromkeys(header, pl.String)).write_csv(
            path, separator=separator, quote_style=style
        )
    same(path, header, rows)


@ANY_TABLE
@given(
    data=st.data(),
    encoding=st.sampled_from(["cp1250", "cp1251", "latin-1", "koi8-r", "cp437", "mac-roman"]),
    separator=st.sampled_from(SEPARATORS),
)
def test_any_code_page_is_read_when_it_is_named(
    tmp_path: Path, data: st.DataObject, encoding: str, separator: str
) -> None:
    cells = st.text(st.characters(codec=encoding, exclude_categories=["Cc"]), max_size=10)
    rows = data.draw(st.lists(st.tuples(cells, cells), max_size=6))
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([("one", "two"), *rows])
    same(put(tmp_path, written.getvalue().encode(encoding)), ["one", "two"], [list(row) for row in rows], encoding)


@pytest.mark.parametrize("separator", SEPARATORS)
def test_the_separator_is_the_one_that_splits_the_rows_alike(tmp_path: Path, separator: str) -> None:
    other = ";" if separator == "," else ","
    header = separator.join(['"Name"', f"Text{other} if any", '"Stars"'])
    rows = [
        separator.join(['"A, B; C"', f"It was{other} well{other} good", "5"]),
        separator.join(["D", f'"""Fine""{separator} they said"', "4"]),
    ]
    table = read_table(put(tmp_path, "\r\n".join([header, *rows, ""])))
    assert list(table.columns) == ["Name", f"Text{other} if any", "Stars"]
    assert table["Stars"].tolist() == ["5", "4"]


@pytest.mark.parametrize("declaration", ["sep=;", '"sep=;"', "SEP=;", "\ufeffsep=;"])
def test_a_declared_separator_wins_and_keeps_line_numbers(tmp_path: Path, declaration: str) -> None:
    table = read_table(put(tmp_path, f"{declaration}\r\na,b;c\r\n1,2;3\r\n"))
    assert list(table.columns) == ["a,b", "c"] and list(table.index) == [3]


def test_a_declared_tab(tmp_path: Path) -> None:
    assert list(read_table(put(tmp_path, "sep=\\t\na\tb\n1\t2\n")).columns) == ["a", "b"]
    assert list(read_table(put(tmp_path, "sep=\t\na\tb\n1\t2\n")).columns) == ["a", "b"]


def test_blanks_after_separators_and_quotes_after_backslashes(tmp_path: Path) -> None:
    rows = 'stars, text\n5, "Good, light"\n1, "Bad, heavy"\n'
    assert read_table(put(tmp_path, rows)).to_numpy().tolist() == [["5", "Good, light"], ["1", "Bad, heavy"]]
    rows = 'text,stars\n"He said \\"good\\", and C:\\new",5\n"""Bad""",1\n'
    found = read_table(put(tmp_path, rows)).to_numpy().tolist()
    assert found == [['He said "good", and C:\\new', "5"], ['"Bad"', "1"]]


def test_quotes_that_are_no_more_than_characters(tmp_path: Path) -> None:
    """As in Amazon's own tab-separated files."""
    rows = ['5\t"Great" they say, and it is', '4\t"Fine"', '1\t"bad', '2\t5" wide', "3\tplain"]
    table = read_table(put(tmp_path, "\n".join(["stars\ttext", *rows, ""])))
    assert table["text"].tolist() == ['"Great" they say, and it is', '"Fine"', '"bad', '5" wide', "plain"]
    prose = read_table(put(tmp_path, 'text\n"Great" they say, and it is\n"Fine", too\nplain\n'))
    assert prose["text"].tolist() == ['"Great" they say, and it is', '"Fine", too', "plain"]
    one_bad = "".join(f'"A ""b"" {number}"\t{number}\n' for number in range(200))
    found, bad = skipped(put(tmp_path, f'text\tstars\n{one_bad}"x" y\t5\n'))
    assert found[0] == ['A "b" 0', "0"] and [line for line, _, _ in bad] == [202]


def test_one_column_of_prose_keeps_its_commas(tmp_path: Path) -> None:
    table = read_table(put(tmp_path, 'text\nGood, light; fine\n"Bad, heavy"\n\n  \nIt is 5" wide\n'))
    assert table["text"].tolist() == ["Good, light; fine", "Bad, heavy", "  ", 'It is 5" wide']


def test_rows_with_a_field_more_than_the_header(tmp_path: Path) -> None:
    """R numbers its rows without a name for that column; some tools end every row with a separator."""
    numbered = read_table(put(tmp_path, '"text","stars"\n"1","Good",5\n"2","Bad",1\n'))
    assert numbered.to_numpy().tolist() == [["Good", "5"], ["Bad", "1"]]
    ended = read_table(put(tmp_path, "text,stars\nGood,5,\nBad,1,\n"))
    assert ended.to_numpy().tolist() == [["Good", "5"], ["Bad", "1"]]


def test_empty_cells_are_empty_strings_and_nothing_is_guessed(tmp_path: Path) -> None:
    table = read_table(put(tmp_path, 'a,b\n,""\nNA,007\nnull,1e5\n'))
    assert table.to_numpy().tolist() == [["", ""], ["NA", "007"], ["null", "1e5"]]


def test_columns_without_a_name_do_no_harm(tmp_path: Path) -> None:
    path = put(tmp_path, ",text,,stars\n0,Good,x,5\n1,Bad,y,1\n")
    assert list(read_table(path).columns) == ["text", "stars"]
    with open_table(path) as table:
        assert table.columns == ("", "text", "", "stars")
        assert table.read(["stars"])["stars"].tolist() == ["5", "1"]


def test_a_name_that_occurs_twice_harms_only_where_it_is_read(tmp_path: Path) -> None:
    path = put(tmp_path, "a,b,a\n1,2,3\n")
    assert "column 'a' occurs twice" in refusal(path)
    with open_table(path) as table:
        assert table.read(["b"])["b"].tolist() == ["2"]


def test_line_numbers_count_the_lines_of_quoted_fields(tmp_path: Path) -> None:
    path = put(tmp_path, 'a,b\n"one\ntwo\n\nthree",1\n\n4,"5\r\n6"\n7\n\n8,9\n')
    rows, bad = skipped(path)
    assert rows == [["one\ntwo\n\nthree", "1"], ["4", "5\r\n6"], ["8", "9"]]
    assert bad == [(9, "1 field where the header has 2", 1)]
    assert list(read_table(path).index) == [2, 7, 11]


@pytest.mark.parametrize(
    ("rows", "bad"),
    [
        ("1\n", "1 field where the header has 2"),
        ("1,2,3\n", "3 fields where the header has 2"),
        ('"1"x,2\n', "text after a closing quote"),
        ("a,b\n", "the header again"),
        ("\ufeffa, b\n", "the header again"),
        ("\0,2\n", "a NUL byte"),
    ],
)
def test_a_bad_row_is_skipped_and_counted(tmp_path: Path, rows: str, bad: str) -> None:
    path = put(tmp_path, f"a,b\n3,é\n{rows}5,6\n")
    found, counted = skipped(path)
    assert found == [["3", "é"], ["5", "6"]]
    [(line, reason, lines)] = counted
    assert (line, lines) == (3, 1) and reason.startswith(bad)


def test_bytes_that_do_not_decode_cost_their_row(tmp_path: Path) -> None:
    content = "a,b\né,ü\nñ,1\n".encode() + b"caf\xe9,2\n" + "ö,3\n".encode()
    rows, bad = skipped(put(tmp_path, content))
    assert rows == [["é", "ü"], ["ñ", "1"], ["ö", "3"]]
    assert bad == [(4, "byte 0xe9 is not UTF-8", 1)]
    wide = "a,b\n1,2\n3,4\n".encode("utf-16")[:-1]
    rows, bad = skipped(put(tmp_path, wide + b"\0\0\xd8"))
    assert rows[:1] == [["1", "2"]] and "is not UTF-16" in bad[0][1]


def test_the_share_of_bad_rows_is_bounded(tmp_path: Path) -> None:
    good = "".join(f"{number},x\n" for number in range(2_000))
    path = put(tmp_path, f"a,b\n{good}1\n2\n{good}")
    assert [line for line, _, _ in skipped(path)[1]] == [2002, 2003]
    message = refusal(put(tmp_path, f"a,b\n{good}1\n2\n3\n4\n5\n{good}"))
    assert message == (
        "reviews.csv: 5 of 4,005 rows cannot be read (line 2002: 1 field where the header has 2; "
        "line 2003: 1 field where the header has 2; line 2004: 1 field where the header has 2; and 2 more), "
        "more than max_bad_rows (0.001) allows; correct them, or raise sources.reviews.max_bad_rows in params.yaml"
    )
    options = ReadOptions(name="reviews.csv", max_bad_rows=0.01)
    assert len(skipped(path, options)[1]) == 5
    strict = ReadOptions(name="reviews.csv", max_bad_rows=0)
    assert "line 2002" in refusal(put(tmp_path, f"a,b\n{good}1\n"), strict)


def test_what_was_skipped_is_told(tmp_path: Path) -> None:
    with open_table(put(tmp_path, "a,b\n1,2\n3\n"), OPTIONS) as table:
        assert table.notes == []
        table.read()
        assert table.notes == ["reviews.csv: 1 of 2 rows skipped (line 3: 1 field where the header has 2)"]
        table.read()
        assert len(table.bad_rows) == 1


def test_an_unbalanced_quote_counts_every_line_that_it_joins(tmp_path: Path) -> None:
    lines = [*(f"{number},x" for number in range(1_500)), '"7,y', *["8,z"] * 40, 'a "b" c,"d"']
    message = refusal(put(tmp_path, "a,b\n" + "\n".join(lines) + "\n"))
    assert "42 of 1,542 rows" in message and "line 1502: text after a closing quote" in message


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("", ["is empty"]),
        ("\n\n", ["nothing but blank lines"]),
        (",,\n1,2,3\n", ["line 1", "without names"]),
        (b"\xff\xfea\0,\0b", ["line 1", "header", "UTF-16"]),
        ('a,b\n1,2\n"3,4\n5,6\n', ["line 3", "never closed"]),
        ('"a,b\n1,2\n', ["line 1", "never closed"]),
        ('"a"x,b\n1,2\n', ["line 1", "header", "closing quote"]),
        ("a,b\n1," + "x" * (MAX_FIELD + 1) + "\n", ["line 2", "1,000,000 characters"]),
        ("a,b\n1," + "x" * 10_000_000 + "\n", ["line 2", "1,000,000 characters"]),
        ("a,b\n" + "x" * 17_000_000 + "\n", ["line 2", "16,777,216 characters"]),
        ("a,b\n1\n", ["1 of 1 rows", "line 2", "is the first line the header?"]),
    ],
    ids=range(11),
)
def test_broken_files_are_refused_with_the_line(tmp_path: Path, content: bytes | str, parts: list[str]) -> None:
    message = refusal(put(tmp_path, content))
    assert all(part in message for part in parts), message


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("Exported reviews 2024\nName,Text,Stars\nA,Good,5\nB,Bad,1\n", "line 1 is a title"),
        ("Exported reviews 2024,,\nName,Text,Stars\nA,Good,5\nB,Bad,1\n", "line 1 is a title"),
        ("Reviews, all of them\nName;Text;Lang;Stars\nA;Good;en;5\nB;Bad, heavy;en;1\n", "line 1 is a title"),
        ("Reviews\nof last year\n\nName\tText\nA\tGood\nB\tBad\n", "lines 1 to 2 are titles"),
        ("sep=;\nReviews\nName;Text;Stars\nA;Good;5\nB;Bad;1\n", "line 2 is a title"),
    ],
)  # fmt: skip
def test_a_title_above_the_header_is_named(tmp_path: Path, content: str, found: str) -> None:
    assert found in refusal(put(tmp_path, content))


@pytest.mark.parametrize(
    "content",
    [
        "5,Great shoes,2020-01-01\n4,Fine,2020-01-02\n1,Bad shoes,2020-03-02\n",
        '"0","They came late and the sole fell off again, awful!","x"\n"4","Good","y"\n',
        "The kettle whistled while she searched the drawer for a spoon.\nIt rained, and we stayed at home.\n",
    ],
)
def test_a_first_row_is_no_header(tmp_path: Path, content: str) -> None:
    assert "line 1 reads like a row" in refusal(put(tmp_path, content))


@pytest.mark.parametrize(
    ("content", "columns"),
    [
        ("text\nGreat, comfy, nice\nBad, ugly, slow\n", ["text"]),
        ("text\nGreat; comfy\nBad; ugly\n", ["text"]),
        ("text,\nGood,\nBad,\n", ["text"]),
        ("What did you like about it? Please explain in a few words.,Stars\nAll of it,5\nNothing,1\n", None),
        ("text,2019,2020\nGood,5,4\n", ["text", "2019", "2020"]),
        ("text,0,1,2\nGood,.5,.4,.1\n", ["text", "0", "1", "2"]),
        ("From date,To date\n2020-01-01,2020-01-02\n", ["From date", "To date"]),
        ("text\n", ["text"]),
    ],
)  # fmt: skip
def test_unusual_headers_are_headers(tmp_path: Path, content: str, columns: list[str] | None) -> None:
    found = list(read_table(put(tmp_path, content)).columns)
    assert found == columns or columns is None


def test_a_field_at_the_limit_is_read_and_the_limit_of_other_readers_stays(tmp_path: Path) -> None:
    before = csv.field_size_limit()
    with open_table(put(tmp_path, "a,b\n1," + "x" * MAX_FIELD + "\n" * 3 + "2,y\n"), OPTIONS) as table:
        for batch in table.batches():
            assert csv.field_size_limit() == before
            assert batch["b"].str.len().tolist() == [MAX_FIELD, 1]
    assert csv.field_size_limit() == before


def test_batches_hold_so_many_rows_and_no_more(tmp_path: Path) -> None:
    path = put(tmp_path, "a\n" + "".join(f"{number}\n" for number in range(25)))
    with open_table(path, ReadOptions(name="x", batch_rows=10)) as table:
        batches = list(table.batches())
        assert [len(batch) for batch in batches] == [10, 10, 5]
        assert list(batches[2].index) == [22, 23, 24, 25, 26]
        assert pd.concat(batches).equals(table.read())


def test_a_header_without_rows_is_an_empty_table(tmp_path: Path) -> None:
    table = read_table(put(tmp_path, "a,b\n"))
    assert list(table.columns) == ["a", "b"] and table.empty
    assert all(pd.api.types.is_string_dtype(kind) for kind in table.dtypes)


def test_no_file_and_no_readable_file(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "gone.csv")
    assert "a folder" in refusal(tmp_path)


@pytest.mark.skipif(not RAW.is_dir(), reason="the sources' own exports are not here")
@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("raw/nike_customer_reviews_kaggle.csv", 166),
        ("raw/nike_products.csv", 451),
        ("raw/products_kaggle.csv", 84),
        ("raw-adidas/products.csv", 612),
        ("raw-alexa/reviews.tsv", 3623),
    ],
)
def test_real_exports_read_whole(file: str, rows: int) -> None:
    path = RAW.parent / file
    with open_table(path) as table:
        found = table.read()
        assert table.notes == []
    expected = pd.read_csv(path, dtype="str", keep_default_na=False, sep="\t" if file.endswith("tsv") else ",")
    assert len(found) == rows
    assert list(found.columns) == list(expected.columns)
    assert found.to_numpy().tolist() == expected.to_numpy().tolist()
