"""The encoding of a text is found; a guess is told with an example, and the user's word settles it."""

from __future__ import annotations

from pathlib import Path

import pytest

from brandmlm.core.errors import UserError
from brandmlm.data.tables import ReadOptions, open_table, read_table

TEXT = "name,note\nAir Max,“light” café\nPegasus,€ 90\n"

LANGUAGES = {
    "cp1250": "Bardzo wygodne buty, świetna jakość i szybka wysyłka. Polecam każdemu, żółte są śliczne.",
    "iso8859-2": "Bardzo wygodne buty, świetna jakość i szybka wysyłka. Polecam każdemu, żółte są śliczne.",
    "cp1251": "Отличные кроссовки, очень удобные и лёгкие. Доставка быстрая.",
    "koi8-r": "Отличные кроссовки, очень удобные и лёгкие. Доставка быстрая.",
    "cp1252": "Die Schuhe sind größer als üblich, aber sehr schön. Lieferung pünktlich.",
    "cp1253": "Πολύ άνετα παπούτσια, εξαιρετική ποιότητα.",
    "cp1254": "Çok rahat bir ayakkabı, şık ve hafif. Kargo hızlıydı, teşekkürler.",
    "cp932": "とても履きやすい靴です。配送も早かったです。",
    "gb18030": "鞋子非常舒服，质量很好，发货快。",
    "cp949": "신발이 매우 편하고 배송이 빨라요.",
}


def put(folder: Path, content: bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content)
    return path


def read(path: Path, **options: str) -> tuple[list[list[str]], list[str]]:
    with open_table(path, ReadOptions(name="rows.csv", key="sources.reviews", **options)) as table:  # type: ignore[arg-type]
        return table.read().to_numpy().tolist(), table.notes


def refusal(path: Path, **options: str) -> str:
    with pytest.raises(UserError) as caught:
        read(path, **options)
    return str(caught.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_unicode_is_read_without_a_word(tmp_path: Path, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    rows, notes = read(put(tmp_path, mark + TEXT.encode(encoding)))
    assert rows == [["Air Max", "“light” café"], ["Pegasus", "€ 90"]]
    assert notes == []


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_told(tmp_path: Path, encoding: str) -> None:
    rows, notes = read(put(tmp_path, TEXT.encode(encoding)))
    assert rows[0] == ["Air Max", "“light” café"]
    assert notes == [f"rows.csv: no byte-order mark; read as {encoding.upper()}, a guess"]


def test_windows_1252_is_told_with_an_example(tmp_path: Path) -> None:
    rows, notes = read(put(tmp_path, TEXT.encode("cp1252")))
    assert rows == [["Air Max", "“light” café"], ["Pegasus", "€ 90"]]
    assert notes == [
        "rows.csv: not UTF-8; read as windows-1252, a guess (line 2: 'Air Max,“light” café'); if letters are wrong, "
        "set sources.reviews.encoding in params.yaml"
    ]


@pytest.mark.parametrize("encoding", LANGUAGES)
@pytest.mark.parametrize("lines", [2, 3_000])
def test_the_code_pages_of_many_languages_are_guessed(tmp_path: Path, encoding: str, lines: int) -> None:
    content = f"id\ttext\n{'1' * 300}\tplain\n" + f"2\t{LANGUAGES[encoding]}\n" * lines
    rows, notes = read(put(tmp_path, content.encode(encoding)))
    assert rows[-1] == ["2", LANGUAGES[encoding]]
    assert len(notes) == 1 and "a guess (line 3:" in notes[0]


@pytest.mark.parametrize("word", ["café", "naïve £20", "It’s", "Zoë", "¡Muy cómodas! El niño está feliz", "Größe"])
def test_one_word_is_no_evidence_against_windows_1252(tmp_path: Path, word: str) -> None:
    assert read(put(tmp_path, f"text\n{word}\n".encode("cp1252")))[0] == [[word]]


def test_latin_1_with_bytes_that_windows_1252_leaves_open(tmp_path: Path) -> None:
    assert read(put(tmp_path, b"a\ncaf\xe9 \x81\n"))[0] == [["café \x81"]]


@pytest.mark.parametrize(
    ("encoding", "content"),
    [
        ("cp1250", "text\nzażółć\n".encode("cp1250")),
        ("windows-1250", "text\nzażółć\n".encode("cp1250")),
        ("cp850", "text\nGröße\n".encode("cp850")),
        ("UTF8", "text\nGröße\n".encode()),
        ("utf-8", "text\nGröße\n".encode("utf-8-sig")),
        ("utf-16", "text\nGröße\n".encode("utf-16")),
    ],
)
def test_the_users_word_settles_it(tmp_path: Path, encoding: str, content: bytes) -> None:
    rows, notes = read(put(tmp_path, content), encoding=encoding)
    assert rows[0][0] in ("zażółć", "Größe") and notes == []


@pytest.mark.parametrize("encoding", ["utf-9", "base64", "idna", "unicode_escape", "", "a\0b", "rot13"])
def test_an_encoding_that_is_none(tmp_path: Path, encoding: str) -> None:
    if not encoding:
        assert read(put(tmp_path, b"a\nb\n"), encoding=encoding)[0] == [["b"]]
        return
    message = refusal(put(tmp_path, b"a\nb\n"), encoding=encoding)
    assert f"no encoding is called {encoding!r}" in message and "sources.reviews.encoding in params.yaml" in message


def test_a_wrong_encoding_costs_rows_and_says_so(tmp_path: Path) -> None:
    good = "".join(f"{number}\n" for number in range(3_000))
    path = put(tmp_path, f"text\n{good}Größe\n".encode("cp1252"))
    with open_table(path, ReadOptions(name="rows.csv", encoding="utf-8")) as table:
        assert len(table.read()) == 3_000
        assert table.notes == ["rows.csv: 1 of 3,001 rows skipped (line 3002: byte 0xf6 is not UTF-8)"]
    assert "line 1: the header cannot be read: byte 0xf6" in refusal(
        put(tmp_path, "Größe,b\n1,2\n".encode("cp1252")), encoding="utf-8"
    )


def test_a_damaged_letter_does_not_make_utf_8_another_encoding(tmp_path: Path) -> None:
    good = "".join(f"{number} é\n" for number in range(3_000))
    with open_table(put(tmp_path, f"text\n{good}".encode() + b"caf\xe9\n")) as table:
        assert table.read()["text"].tolist()[-1] == "2999 é"
        assert [bad.line for bad in table.bad_rows] == [3002]


@pytest.mark.parametrize("size", [60, 5_000, 300_000])
def test_bytes_of_no_kind_are_named_as_such(tmp_path: Path, size: int) -> None:
    content = bytes(index * 7919 % 251 for index in range(size))
    assert "binary data of an unknown kind" in refusal(put(tmp_path, b"\x01" + content))


def test_encodings_hold_for_json(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes('{"text": "café “light”"}\n'.encode("utf-16"))
    assert read_table(path)["text"].tolist() == ["café “light”"]
    path.write_bytes('[{"text": "Größe"}]'.encode("cp1252"))
    assert read_table(path)["text"].tolist() == ["Größe"]
