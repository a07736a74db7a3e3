"""Files become tables of texts, whatever their encoding, separator or form."""

import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klaster.loaders.files.grid import Limits, SpreadsheetNumber
from klaster.loaders.files.reading import as_table, content_digest, read_grid
from klaster.loaders.files.text_files import decode

TEXT = "id,name\na,Қарағанды\nb,Теміртау\n"
RUSSIAN = "id;имя\na;Караганда\nb;Темиртау\n"


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ("t.csv is utf-8 with a byte order mark",)),
        ("utf-16", ("t.csv is utf-16",)),
    ],
)
def test_unicode_encodings_are_found_out(
    tmp_path: Path, encoding: str, note: tuple[str, ...]
) -> None:
    grid = read_grid(write(tmp_path / "t.csv", TEXT.encode(encoding)))
    assert grid.rows == (("id", "name"), ("a", "Қарағанды"), ("b", "Теміртау"))
    assert (grid.faults, grid.notes) == ((), note)


def test_cp1251_is_found_out_and_said(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path / "ties.csv", RUSSIAN.encode("cp1251")))
    assert grid.rows[1] == ("a", "Караганда")
    assert grid.notes == ("ties.csv is cp1251 and was read as such",)


@pytest.mark.parametrize("encoding", ["cp1251", "koi8-r", "cp866", "utf-16-le", "utf-16-be"])
def test_a_declared_encoding_is_used(tmp_path: Path, encoding: str) -> None:
    grid = read_grid(write(tmp_path / "t.csv", RUSSIAN.encode(encoding)), encoding=encoding)
    assert grid.rows[2] == ("b", "Темиртау")
    assert not grid.faults


def test_kazakh_in_one_byte_needs_its_own_encoding(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", TEXT.encode("kz1048"))
    assert read_grid(path, encoding="kz1048").rows[1][1] == "Қарағанды"


def test_declared_utf8_against_cp1251_names_the_first_cell(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", "id,note,name\na,x,y\nb,z,Темиртау\nc,,Ы\n".encode("cp1251"))
    grid = read_grid(path, encoding="utf-8")
    (fault,) = grid.faults
    assert (fault.row, fault.column, fault.code) == (3, "name", "wrong-encoding")
    assert fault.value.startswith("\\xd2\\xe5")
    assert grid.contradicted


def test_declared_cp1251_against_utf8_is_a_contradiction(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path / "t.csv", TEXT.encode()), encoding="cp1251")
    (fault,) = grid.faults
    assert (fault.row, fault.column) == (2, "name")
    assert "its bytes are utf-8" in fault.problem


def test_a_byte_order_mark_against_the_declaration(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path / "t.csv", TEXT.encode("utf-16")), encoding="utf-8")
    assert [f.code for f in grid.faults] == ["wrong-encoding"]
    assert grid.rows[1][1] == "Қарағанды"


def test_a_utf8_file_with_broken_rows_is_not_read_as_cp1251(tmp_path: Path) -> None:
    lines = TEXT.encode().splitlines(keepends=True)
    data = b"".join([*lines, "c,Темиртау\n".encode("cp1251"), "d,Балқаш\n".encode()])
    table = as_table(read_grid(write(tmp_path / "t.csv", data)))
    (fault,) = table.faults
    assert (fault.row, fault.column, fault.code) == (4, "name", "wrong-encoding")
    assert table.bad_rows == {4}
    assert table.rows[3] == ("d", "Балқаш")
    assert not table.contradicted


def test_binary_files_are_refused(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path / "t.csv", b"id\x00\x01,a\n"))
    assert [f.code for f in grid.faults] == ["wrong-encoding"]
    assert not grid.complete


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_separators_are_found_out(tmp_path: Path, separator: str) -> None:
    rows = [["id", "name", "value"], ["a", "Mill", "1"], ["b", "Mine", "2"]]
    text = "\n".join(separator.join(row) for row in rows)
    grid = read_grid(write(tmp_path / "t.csv", text.encode()))
    assert [list(row) for row in grid.rows] == rows
    assert grid.separator == separator


def test_excels_separator_line_counts_as_a_row(tmp_path: Path) -> None:
    table = as_table(read_grid(write(tmp_path / "t.csv", b"sep=;\r\nid;v\r\na;1,5\r\n")))
    assert (table.header_row, table.row_numbers, table.rows) == (2, (3,), (("a", "1,5"),))


def test_rows_keep_their_spreadsheet_numbers(tmp_path: Path) -> None:
    data = 'id,note\na,"two\nlines"\n\nb,x\n'
    table = as_table(read_grid(write(tmp_path / "t.csv", data.encode())))
    assert table.row_numbers == (2, 4)
    assert table.rows[0] == ("a", "two\nlines")


def test_faults_of_the_form_are_all_found(tmp_path: Path) -> None:
    data = "id,name,name,,\na,x,y,,\nb,x,y,z,\nc,x,y,,,extra\nd\ne,x\x01,y,,\n"
    table = as_table(read_grid(write(tmp_path / "t.csv", data.encode()), separator=","))
    found = {(f.code, f.row, f.column) for f in table.faults}
    assert found == {
        ("duplicate-column", 1, "name"),
        ("ragged-row", 3, ""),
        ("ragged-row", 4, ""),
        ("ragged-row", 5, ""),
        ("control-character", 6, "name"),
    }
    assert table.bad_rows == {3, 4, 5, 6}


def test_a_column_without_a_name_is_a_fault_unless_it_is_empty(tmp_path: Path) -> None:
    data = "id,,,name\na,,1,x\nb,,,y\n"
    table = as_table(read_grid(write(tmp_path / "t.csv", data.encode())))
    assert [(f.code, f.row, f.column) for f in table.faults] == [("empty-header", 1, "number 3")]
    assert table.columns == ("id", "name")
    assert any("column number 2 is empty" in note for note in table.notes)


def test_quotation_marks_that_do_not_pair(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path / "t.csv", b'id,name\na,"Mill\nb,Mine\n'))
    (fault,) = grid.faults
    assert (fault.code, fault.row) == ("bad-quoting", 2)
    assert not grid.complete


def test_an_empty_file(tmp_path: Path) -> None:
    assert [f.code for f in as_table(read_grid(write(tmp_path / "t.csv", b""))).faults] == [
        "empty-file"
    ]


def test_letters_are_composed(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path / "t.csv", "id\nи\u0306\n".encode()))
    assert grid.rows[1] == ("й",)
    assert any("separate accents" in note for note in grid.notes)


def test_limits_of_text_files(tmp_path: Path) -> None:
    path = write(tmp_path / "t.csv", b"id\n" + b"a\n" * 100)
    assert [f.code for f in read_grid(path, limits=Limits(file_bytes=50)).faults] == ["too-large"]
    (fault,) = read_grid(path, limits=Limits(rows=10)).faults
    assert (fault.code, fault.row) == ("too-large", 11)


@pytest.mark.parametrize("name", ["t.xls", "t.pdf"])
def test_other_forms_are_refused(tmp_path: Path, name: str) -> None:
    (fault,) = read_grid(write(tmp_path / name, b"x")).faults
    assert fault.code == "unknown-format"
    assert ".xlsx" in fault.remedy


def test_a_missing_file(tmp_path: Path) -> None:
    assert [f.code for f in read_grid(tmp_path / "none.csv").faults] == ["unreadable-file"]


# -- spreadsheets


def workbook(path: Path, rows: list[list[object]], *more: str) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Лист1"
    for row in rows:
        sheet.append(row)
    for name in more:
        book.create_sheet(name).append(["id"])
    book.save(path)
    return path


def test_spreadsheet_cells(tmp_path: Path) -> None:
    import datetime as dt

    path = workbook(
        tmp_path / "t.xlsx",
        [["id", "year", "value", "day"], ["a", 2014.0, 1.5, dt.date(2014, 5, 31)], [], ["b", True]],
    )
    table = as_table(read_grid(path))
    assert table.rows == (("a", "2014", "1.5", "2014-05-31"), ("b", "true", "", ""))
    assert table.row_numbers == (2, 4)
    assert isinstance(table.rows[0][2], SpreadsheetNumber)


def test_sheets_are_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["id"], ["a"]], "Другой")
    assert any("has 2 sheets: the first, 'Лист1'" in note for note in read_grid(path).notes)
    assert read_grid(path, sheet="Другой").rows == (("id",),)
    (fault,) = read_grid(path, sheet="Лист2").faults
    assert (fault.code, fault.value) == ("unknown-sheet", "Лист2")
    assert "did you mean 'Лист1'" in fault.problem


def test_formulas_without_a_value_and_errors_are_faults(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["id", "value"], ["a", "=1+1"], ["b", "#DIV/0!"]])
    table = as_table(read_grid(path))
    assert [(f.code, f.row, f.column) for f in table.faults] == [
        ("formula-without-value", 2, "value"),
        ("excel-error", 3, "value"),
    ]
    assert table.bad_rows == {2, 3}


def test_a_spreadsheet_that_unpacks_too_large(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b" " * 3_000_000)
    assert path.stat().st_size < 10_000
    (fault,) = read_grid(path, limits=Limits(unpacked_bytes=1_000_000)).faults
    assert (fault.code, "3,000,000" in fault.problem) == ("too-large", True)


def test_a_sheet_with_one_cell_far_out(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet["A1"] = "id"
    sheet["XFD3000"] = 1
    book.save(tmp_path / "wide.xlsx")
    (fault,) = read_grid(tmp_path / "wide.xlsx", limits=Limits(cells=100_000)).faults
    assert fault.code == "too-large"


def test_entities_are_refused(tmp_path: Path) -> None:
    path = workbook(tmp_path / "t.xlsx", [["id"]])
    evil = tmp_path / "evil.xlsx"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(evil, "w") as target:
        for part in source.namelist():
            data = source.read(part)
            if part == "xl/workbook.xml":
                data = b'<!DOCTYPE x [<!ENTITY a "b">]>' + data
            target.writestr(part, data)
    assert [f.code for f in read_grid(evil).faults] == ["unsafe-file"]


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 cut off", b"\xd0\xcf\x11\xe0 old Excel"])
def test_damaged_spreadsheets(tmp_path: Path, data: bytes) -> None:
    assert [f.code for f in read_grid(write(tmp_path / "t.xlsx", data)).faults] == [
        "unreadable-file"
    ]


def test_an_archive_that_is_no_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert [f.code for f in read_grid(path).faults] == ["unreadable-file"]


# -- properties


@given(st.text(max_size=60))
def test_utf8_text_is_never_taken_for_something_else(text: str) -> None:
    if "\x00" not in text and not text.startswith("\ufeff"):
        assert decode(text.encode()).text == text


@given(st.lists(st.sampled_from(["Караганда", "Темиртау", "АО «Казцинк»", "№ 5"]), min_size=1))
def test_cp1251_text_comes_back(words: list[str]) -> None:
    text = "имя\n" + "\n".join(words)
    assert decode(text.encode("cp1251")).text == text


@given(st.randoms(use_true_random=False))
def test_the_digest_of_the_content_does_not_hang_on_row_order(random: object) -> None:
    from random import Random
    from tempfile import TemporaryDirectory

    assert isinstance(random, Random)
    rows = ["a,1", "b,2", "c,3", "d,4"]
    with TemporaryDirectory() as folder:
        digests = set()
        for _ in range(2):
            path = write(Path(folder) / "t.csv", "\n".join(["id,v", *rows]).encode())
            digests.add(content_digest(as_table(read_grid(path))))
            random.shuffle(rows)
        assert len(digests) == 1
        path = write(Path(folder) / "t.csv", "\n".join(["id,v", "a,9", *rows[1:]]).encode())
        assert content_digest(as_table(read_grid(path))) not in digests
