"""A file is read for what its first bytes say it is; what is no table is named, with the remedy."""

from __future__ import annotations

import base64
import datetime
import io
import json
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from table_files import read_refusal

from brandmlm.data.tables import ReadOptions, open_table, read_table

OPTIONS = ReadOptions(name="mine", key="sources.reviews")

# Written by xlwt: a text, a number and a cell that the workbook shows as a date.
XLS = zlib.decompress(
    base64.b85decode(
        "c-rk)OK1~882)CHG!NRmObe}2Lcm&Upr{uw?N+Jwlu~=~fuL!#YG_F$32MDqt+@z-;7RdPs0T0gaqxi(dh;Mu^dJaAq9^erDD==~{pZiFq*"
        "WmSEmY=P=9_>1nSbZsdG5^Xg-~hsUPl?L&<_VHrWZ{$Izho}CxW1S)0CnednlL+>k3{Eb!3wZPg-8NWgp7^E<?jz=L=%sBZVV4h2d<*h^`^_"
        "un$Qgedr?=xJep6+S#ix^EmSc<~v;SDf0kpt}ype*^)Sn1%0?@mo<tHYBA39L%#PR+q`GZcC_N99L49aifUOGcIVQ`$#s^|>1@Uvs6&U0jFFS+"
        "0B*qt3=Z}t61|5AB}AyR=kVQ(0^jUe{XDAlYpWL^{o+c!`ww~#b>eFMHO&c3!#u{5q=*1EIc1I;qsHm9aVEcn9grF;6pXV47mzO`b9o1lN=}7o"
        "m}Il5cr-SdK5?=Ti;gFcfA-0>p4W!pinXDI=S(wkimH-wh-XfaoLjp6^-W@IL_f-!Y2FX2yT)eeBure87G&(_9F3WrKo85?m@o2MH?rKp9HC)N"
        "ao0$zCG4BwGM6~Fi|X0Qc&l%zk-JGQe%b%1v-nBhO7i?r`CMfFoj!{g?P4jim(L91A}(%Rmw2q(v9MN{56tbqtTrAkX!&khTVnvra()p)%+-`^"
        "9q}`zS#2e)#c!+yTg&!%M)eD}ZsXPN@_mgg`?WA0aH9>>?8-hUC@3f>C@3f>DAWsK{f9fO6N1b7&v#q*I?EI)>YC)g#VE4$6zEX77a59km}+SJ"
        "w816pcZoV}?E6BA15|qs6BuJZCK?{UbWRhs-&40?@b68bM(eLM;^#lE{|Cj~)}H"
    )
)


def put(folder: Path, content: bytes | str, name: str = "mine.csv") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def refusal(path: Path, options: ReadOptions = OPTIONS) -> str:
    return read_refusal(path, options)


def cells(table: pd.DataFrame) -> list[list[Any]]:
    return [[None if pd.isna(cell) else cell for cell in row] for row in table.to_numpy().tolist()]


# --- what is no table ------------------------------------------------------------------------------------------------


def zipped(*names: str, **contents: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name in names:
            file.writestr(name, contents.get(name, "<x/>"))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("<!DOCTYPE html><html><title>403 Forbidden</title>Sign in</html>", ["web page titled '403 Forbidden'"]),
        ("\n<!-- x -->\n<HTML lang='en'><body>", ["web page,"]),
        ("\ufeff<html>", ["web page"]),
        ("<!doctype html>".encode("utf-16"), ["web page"]),
        ("version https://git-lfs.github.com/spec/v1\noid x\nsize 12345\n", ["LFS pointer", "12,345", "lfs pull"]),
        ("../../.git/annex/objects/x/SHA256E-s1--2.csv", ["git-annex pointer"]),
        ("<?xml version='1.0'?><rows/>", ["XML file"]),
        ("<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'>", ["Excel 2003"]),
        ("-- MySQL dump 10.13\n", ["database dump"]),
        ("CREATE TABLE reviews (a int);\n", ["database dump"]),
        ("From a@example.com Mon Jan 1\nSubject: x\n", ["e-mail"]),
        (b"%PDF-1.7\n", ["PDF document"]),
        (b"Rar!\x1a\x07\x00", ["RAR archive", "unpack"]),
        (b"7z\xbc\xaf\x27\x1c\0\4", ["7z archive", "unpack"]),
        (b"\x28\xb5\x2f\xfd\0", ["zstd", "unzstd"]),
        (b"\x89PNG\r\n\x1a\n", ["PNG picture"]),
        (b"\xff\xd8\xff\xe0", ["JPEG picture"]),
        (b"SQLite format 3\0", ["SQLite database"]),
        (b"ARROW1\0\0", ["Feather"]),
        (b"\x80\x04\x95\x10", ["pickle", "run code"]),
        (b"{\\rtf1", ["RTF document"]),
        (b"x" * 257 + b"ustar\0", ["tar archive"]),
        (b"\0\0\0\x18ftypmp42", ["film"]),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, ["old Office file", "CSV UTF-8"]),
        (zipped("[Content_Types].xml", "word/document.xml"), ["Word document"]),
        (zipped("[Content_Types].xml", "ppt/presentation.xml"), ["PowerPoint"]),
        (zipped("Index/Document.iwa"), ["Numbers"]),
        (zipped("mimetype", mimetype="application/vnd.oasis.opendocument.text"), ["OpenDocument text"]),
        (zipped("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"), ["workbook cannot be read"]),
        (b"PAR1" + b"x" * 100, ["Parquet file cannot be read", "download it again"]),
        (b"PARE" + b"x" * 100, ["encrypted Parquet"]),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named(tmp_path: Path, content: bytes | str, parts: list[str]) -> None:
    message = refusal(put(tmp_path, content))
    assert all(part in message for part in parts) and "; " in message, message


# --- JSON ------------------------------------------------------------------------------------------------------------


def test_json_values_keep_their_spelling(tmp_path: Path) -> None:
    lines = [
        '{"overall": 5.0, "votes": 12, "big": 12345678901234567890123, "text": "Good\\n\\"shoes\\" \\ud83d\\ude00"}',
        '{"text": null, "verified": true, "overall": NaN, "images": ["a", "b"], "style": {"Size:": "L"}, "none": []}',
    ]
    table = read_table(put(tmp_path, "\n".join(lines)))
    assert list(table.columns) == ["overall", "votes", "big", "text", "verified", "images", "style", "none"]
    assert cells(table) == [
        ["5.0", "12", "12345678901234567890123", 'Good\n"shoes" 😀', None, None, None, None],
        [None, None, None, None, "true", "a\nb", '{"Size:": "L"}', None],
    ]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('{"text": "x"', "not JSON: Expecting ',' delimiter"),
        ("{'text': 'x'}", "(Python's quotes?)"),
        ('{"text": "x"} {"text": "y"}', "text after the object"),
        ('["x"]', "not a JSON object"),
        ('{"text": "\\ud83d"}', "half of a surrogate pair"),
        ('{"text": ' + "[" * 100_000 + "}", "nested too deeply"),
    ],
)
def test_a_bad_json_line_is_skipped(tmp_path: Path, line: str, reason: str) -> None:
    content = f'{{"text": "a"}}\n\n{line}\n{{"text": "b"}}\n'
    with open_table(put(tmp_path, content), OPTIONS) as table:
        assert table.read()["text"].tolist() == ["a", "b"]
        assert [(bad.line, reason in bad.reason) for bad in table.bad_rows] == [(3, True)]
    with open_table(
        put(tmp_path, content.encode() + b'{"text": "caf\xe9"}\n'), ReadOptions("x", max_bad_rows=0.9)
    ) as table:
        assert table.read()["text"].tolist() == ["a", "b", "café"]


def test_a_bad_first_json_line_is_skipped_too(tmp_path: Path) -> None:
    rows = read_table(put(tmp_path, '{"text": "a\n{"text": "b"}\n{"text": "c"}\n'))
    assert rows["text"].tolist() == ["b", "c"] and list(rows.index) == [2, 3]


RECORDS = st.lists(
    st.dictionaries(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=5),
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10) | st.none(),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=6,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    records=RECORDS,
    form=st.sampled_from(["lines", "array", "array of lines", "indented"]),
    escaped=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_what_json_writes_is_read_back(
    tmp_path: Path, records: list[dict[str, str | None]], form: str, escaped: bool, encoding: str, newline: str
) -> None:
    lines = [json.dumps(record, ensure_ascii=escaped) for record in records]
    text = {
        "lines": newline.join(lines) + newline,
        "array": json.dumps(records, ensure_ascii=escaped),
        "array of lines": f"[{newline}{f',{newline}'.join(lines)}{newline}]{newline}",
        "indented": json.dumps(records, ensure_ascii=escaped, indent=2).replace("\n", newline),
    }[form]
    table = read_table(put(tmp_path, text.encode(encoding)), ReadOptions("x", max_bad_rows=0))
    keys = list(dict.fromkeys(key for record in records for key in record))
    assert list(table.columns) == keys
    assert cells(table) == [[record.get(key) for key in keys] for record in records]
    if form in ("lines", "array of lines"):
        first = 2 if form == "array of lines" else 1
        assert list(table.index) == list(range(first, first + len(records)))


def test_a_long_array_on_one_line_is_a_stream(tmp_path: Path) -> None:
    records = [{"number": number, "text": "x" * (number % 700)} for number in range(30_000)]
    records[1]["text"] = "y" * 1_000_000
    path = put(tmp_path, json.dumps(records))
    with open_table(path, ReadOptions("x", batch_rows=7_000)) as table:
        batches = list(table.batches(["number"]))
    assert [len(batch) for batch in batches] == [7_000, 7_000, 7_000, 7_000, 2_000]
    assert pd.concat(batches)["number"].tolist() == [str(number) for number in range(30_000)]


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ('[{"a": 1},\n{"a": 2}', ["line 2", "never closed"]),
        ('[{"a": 1},\n{"a": 2},', ["line 2", "never closed"]),
        ('[{"a": 1}\n\n{"a": 2}]', ["line 3", "no comma"]),
        ('[{"a": 1},\n{"a": 2]', ["line 2", "not JSON"]),
        ('[{"a": 1}, 5]', ["line 1", "other than objects"]),
        ('[["a", "b"], ["c", "d"]]', ["line 1", "other than objects"]),
        ("[]", ["holds no object"]),
        ("[{}]", ["holds no object"]),
        ("{}\n{}\n", ["objects are empty"]),
        ('{\n  "reviews": [\n    {"text": "x"}\n  ]\n}', ["one JSON object over several lines", "JSON Lines"]),
        ('{"count": 1, "reviews": [{"text": "x"}]}', ["one JSON object with all rows inside", "JSON Lines"]),
        ('{"text": {"0": "x", "1": "y"}, "stars": {"0": 5, "1": 4}}', ["one JSON object with all rows inside"]),
        ('{"columns": ["text"], "index": [0], "data": [["x"]]}', ["one JSON object with all rows inside"]),
        ("{'a': 1}\n{'a': 2}\n", ["2 of 2 rows", "Python's quotes?"]),
    ],
)
def test_broken_json_is_refused(tmp_path: Path, content: str, parts: list[str]) -> None:
    message = refusal(put(tmp_path, content))
    assert all(part in message for part in parts), message


# --- Parquet ---------------------------------------------------------------------------------------------------------


def test_parquet_values_are_text(tmp_path: Path) -> None:
    day = datetime.datetime(2020, 12, 29, 10, 30)
    columns = {
        "text": pa.array(["Good", None]),
        "words": pa.array(["a", "a"]).dictionary_encode(),
        "raw": pa.array(["café".encode(), b"\xff"], pa.binary()),
        "stars": pa.array([5, None], pa.int8()),
        "mean": pa.array([4.5, float("nan")]),
        "at": pa.array([day, None], pa.timestamp("ms")),
        "zoned": pa.array([day, None], pa.timestamp("us", "UTC")),
        "day": pa.array([day.date(), None]),
        "flag": pa.array([True, None]),
        "list": pa.array([["x", "y"], None]),
        "struct": pa.array([{"a": 1}, None]),
        "dotted.name": pa.array(["d", "e"]),
    }
    path = tmp_path / "rows.bin"
    pq.write_table(pa.table(columns), path)
    table = read_table(path)
    assert list(table.columns) == list(columns) and list(table.index) == [1, 2]
    first, second = cells(table)
    assert first[:5] == ["Good", "a", "café", "5", "4.5"]
    assert [value[:10] for value in first[5:8]] == ["2020-12-29"] * 3
    assert first[8:] == ["true", "x\ny", '{"a": 1}', "d"]
    assert second == [None, "a", None, None, None, None, None, None, None, None, None, "e"]


def test_parquet_comes_in_batches_of_the_columns_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": range(2_500), "b": "x"}).to_parquet(path, row_group_size=700)
    with open_table(path, ReadOptions("x", batch_rows=1_000)) as table:
        batches = list(table.batches(["a"]))
    assert sum(map(len, batches)) == 2_500 and max(map(len, batches)) <= 1_000
    assert pd.concat(batches)["a"].tolist() == [str(number) for number in range(2_500)]


def test_parquet_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    pd.DataFrame({"a": [str(number) for number in range(300_000)]}).to_parquet(path)
    assert "over the limit of 1 MB" in refusal(path, ReadOptions("mine", max_bytes=1_000_000))


# --- workbooks -------------------------------------------------------------------------------------------------------


def workbook(path: Path, **sheets: list[list[Any]]) -> Path:
    file = xlsxwriter.Workbook(str(path), {"default_date_format": "dd/mm/yyyy", "constant_memory": False})
    for name, rows in sheets.items():
        sheet = file.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    file.close()
    return path


def test_workbook_values_are_text(tmp_path: Path) -> None:
    day = datetime.datetime(2020, 12, 29)
    rows = [
        ["text", "stars", "day", "time", "code", "flag", "serial"],
        ["Good,\n“light”", 5, day, day.replace(hour=10), "007", True, 43000],
        [],
        [None, 4.5, None, None, "x_x000D_", None, 0.1],
    ]
    table = read_table(workbook(tmp_path / "rows.csv", Reviews=rows, Notes=[]))
    assert list(table.columns) == rows[0] and list(table.index) == [2, 4]
    assert cells(table) == [
        ["Good,\n“light”", "5", "2020-12-29", "2020-12-29T10:00:00", "007", "true", "43000"],
        [None, "4.5", None, None, "x", None, "0.1"],
    ]


def test_one_of_several_sheets_is_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "a.xlsx", One=[["a"], [1]], Two=[["b"], [2]], Empty=[])
    message = refusal(path)
    assert "2 sheets with rows: 'One', 'Two'" in message and "sources.reviews.sheet in params.yaml" in message
    assert list(read_table(path, ReadOptions("x", sheet="Two")).columns) == ["b"]
    message = refusal(path, ReadOptions("mine", sheet="two"))
    assert "no sheet 'two'" in message and "'One', 'Two', 'Empty'" in message
    assert "is empty" in refusal(path, ReadOptions("mine", sheet="Empty"))


def test_settings_that_a_format_does_not_have(tmp_path: Path) -> None:
    message = refusal(put(tmp_path, "a\n1\n"), ReadOptions("mine", "sources.a", sheet="One"))
    assert "no workbook and has no sheets; remove sources.a.sheet in params.yaml" in message
    path = workbook(tmp_path / "a.xlsx", One=[["a"], [1]])
    assert "remove 'encoding' of the source in params.yaml" in refusal(path, ReadOptions("mine", encoding="utf-8"))


def test_a_title_and_blank_rows_above_a_sheets_header(tmp_path: Path) -> None:
    title = [[], ["Reviews of 2024"], ["text", "stars"], ["Good", 5]]
    assert "row 2 of the sheet 'One' is a title" in refusal(workbook(tmp_path / "a.xlsx", One=title))
    table = read_table(workbook(tmp_path / "b.xlsx", One=[[], [], ["", "text"], [1, "Good"], [2]]))
    assert list(table.columns) == ["text"] and list(table.index) == [4, 5]


def test_a_stray_cell_at_the_far_end_is_named(tmp_path: Path) -> None:
    file = xlsxwriter.Workbook(str(tmp_path / "a.xlsx"))
    sheet = file.add_worksheet()
    sheet.write(0, 0, "text")
    sheet.write(1_048_575, 16_383, "x")
    file.close()
    assert "reaches to cell XFD1048576" in refusal(tmp_path / "a.xlsx")


def test_old_workbooks_and_open_document(tmp_path: Path) -> None:
    assert cells(read_table(put(tmp_path, XLS))) == [['Good, "light" café', "5", "2020-12-29"]]
    names = 'xmlns:{0}="urn:oasis:names:tc:opendocument:xmlns:{0}:1.0"'
    spaces = " ".join(names.format(name) for name in ("office", "table", "text"))
    row = "<table:table-row>{}</table:table-row>".format
    text = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'.format
    day = '<table:table-cell office:value-type="date" office:date-value="2020-12-29"></table:table-cell>'
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name='One'>"
        f"{row(text('text') + text('day'))}{row(text('Good') + day)}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    manifest = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" manifest:media-type="x"/></manifest:manifest>'
    )
    mimetype = "application/vnd.oasis.opendocument.spreadsheet"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("mimetype", mimetype)
        file.writestr("content.xml", content)
        file.writestr("META-INF/manifest.xml", manifest)
    [row_read] = cells(read_table(put(tmp_path, buffer.getvalue())))
    assert row_read[0] == "Good" and row_read[1].startswith("2020-12-29")
