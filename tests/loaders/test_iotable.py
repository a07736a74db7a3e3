"""Input–output tables are taken as they stand, or not at all."""

import shutil
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klaster.loaders.case.case_folder import check_case, load_case
from klaster.loaders.io.oecd import read_oecd, read_oecd_npz
from klaster.loaders.io.symmetric import read_symmetric
from klaster.loaders.io.table_checks import check_table
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
ICIO = SHARED / "oecd-icio-g20-2019" / "icio_oecd2023_2019_isic_g20.npz"
CROATIA = SHARED / "croatia-io-2010"
needs_icio = pytest.mark.skipif(not ICIO.exists(), reason="no OECD table beside the repository")

# Eurostat Manual of Supply, Use and Input-Output Tables, 2008 (Germany 1995, as in
# rOpenGov/iotables germany_1995): total_final_use of industry is recorded 46 too low there.
SECTORS = ["agriculture", "industry", "construction", "trade", "business", "other"]
GERMANY = [
    [1131, 25480, 1, 607, 710, 762],
    [7930, 304584, 64167, 41082, 11981, 30360],
    [426, 7334, 3875, 5296, 23457, 9155],
    [3559, 72717, 14190, 74399, 10835, 21008],
    [3637, 96115, 31027, 65755, 193176, 34223],
    [1552, 14986, 1747, 11225, 15058, 22070],
]
OUTPUT = [43910, 1079446, 245606, 540063, 692487, 508918]
TOTAL_USE = [43910, 1079400, 245606, 540063, 692487, 508918]
# Miller & Blair 2009, Input-Output Analysis, 2nd ed., Table 2.3.
SMALL = "code,A,B,FD,OUTPUT\nA,150,500,350,1000\nB,200,100,1700,2000\n"

SPEC = TableSpec(name="t", year=1995, currency="EUR", unit="million EUR", source="test")


def read(tmp_path: Path, text: str, spec: TableSpec = SPEC, name: str = "t.csv") -> TableReading:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_symmetric(path, spec)


def germany_csv() -> str:
    lines = [",".join(["code", *SECTORS, "total_final_use", "output"])]
    for name, row, use, out in zip(SECTORS, GERMANY, TOTAL_USE, OUTPUT, strict=True):
        lines.append(",".join([name, *map(str, row), str(use), str(out)]))
    return "\n".join(lines)


def test_the_recorded_error_of_germany_1995_is_found_and_nothing_else(tmp_path: Path) -> None:
    reading = read(tmp_path, germany_csv())
    assert reading.faults == ()
    check = check_table(reading, "t.csv")
    assert check.statistics["total_residuals"] == {"total_final_use": {"industry": -46.0}}
    (fault,) = check.warnings
    assert (fault.row, fault.column, fault.value) == (3, "total_final_use", "1079400")
    assert fault.severity == "warning"
    # shares printed in the methods reference: own flows 599235 of 1225617
    assert np.trace(np.array(GERMANY)) == 599235
    assert check.statistics["self_tie_share"] == pytest.approx(
        599235 / check.statistics["flows_total"]
    )
    table = reading.table
    assert table is not None
    assert table.output.tolist() == OUTPUT
    assert check.statistics["spectral_radius"] < 1


def test_miller_and_blair(tmp_path: Path) -> None:
    reading = read(tmp_path, SMALL)
    table = reading.table
    assert table is not None
    assert table.flows.tolist() == [[150, 500], [200, 100]]
    assert table.final_demand["FD"].tolist() == [350, 1700]
    assert table.output.tolist() == [1000, 2000]
    check = check_table(reading, "t.csv")
    assert check.warnings == ()
    # A = [[.15, .25], [.2, .05]]: eigenvalues of the printed matrix
    assert check.statistics["spectral_radius"] == pytest.approx(0.1 + np.sqrt(0.05**2 + 0.05))


def test_special_rows_and_columns_by_their_russian_names(tmp_path: Path) -> None:
    text = (
        "Таблица «затраты – выпуск»;;;;;;\n"
        ";;;;;;\n"
        "Код;Наименование;A;B;Конечное использование;Импорт;Выпуск\n"
        "A;Сельское хозяйство;500,5;20;530,5;51;1 000,0\n"
        "B;Добыча;5;15;30;0;50\n"
        "Чистые налоги;;1;2;;;\n"
        "Валовая добавленная стоимость;;493,5;13;;;\n"
        "Выпуск;;1 000,0;50;;;\n"
    )
    reading = read(tmp_path, text)
    assert reading.faults == ()
    table = reading.table
    assert table is not None
    assert table.labels == ("Сельское хозяйство", "Добыча")
    assert table.value_added.loc["Валовая добавленная стоимость"].tolist() == [493.5, 13]
    assert table.final_demand["Импорт"].tolist() == [-51, 0]
    assert table.taxes is not None
    assert table.taxes.tolist() == [1, 2]
    check = check_table(reading, "t.csv")
    assert (
        check.warnings,
        check.statistics["row_residuals"],
        check.statistics["column_residuals"],
    ) == ((), {}, {})
    assert any("2 rows above the header" in note for note in reading.notes)


def test_names_given_in_the_case_file_come_first(tmp_path: Path) -> None:
    text = "code,A,B,Y,X\nA,1,2,3,6\nB,1,1,1,3\nV,4,0,,\nsum,2,3,,\n"
    spec = TableSpec(
        name="t",
        year=1995,
        output_column="X",
        value_added_rows=("V",),
        final_demand_columns=("Y",),
        ignore_rows=("sum",),
    )
    reading = read(tmp_path, text, spec)
    assert reading.faults == ()
    table = reading.table
    assert table is not None
    assert (table.output.tolist(), list(table.value_added.index)) == ([6, 3], ["V"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("code,A,B\nA,1,\nB,2,3\n", ("missing-cell", 2, "B")),
        ("code,A,B\nA,1,2\nB,x,3\n", ("bad-number", 3, "A")),
        ("code,A,B\nA,1,-2\nB,2,3\n", ("negative-flow", 2, "B")),
        ("code,A,B\nB,1,2\nA,2,3\n", ("unequal-order", 2, "code")),
        ("code,A,B,A\nA,1,2,1\nB,2,3,1\n", ("duplicate-label", 1, "A")),
        ("code,A,B\nA,1,2\nB,2,3\nB,2,3\n", ("duplicate-label", 4, "B")),
        ("code,A,B,C\nA,1,2,1\nB,2,3,1\n", ("missing-row", 1, "C")),
        ("code,A,B\nA,1,2\nB,2,3\nC,2,3\n", ("missing-column", 4, "C")),
        ("code,A,B\nA,1.5,2\nB,2,\"3,25\"\n", ("decimal-comma", 3, "B")),
        ("code,A,B,\nA,1,2,\nB,2,3,\nOUTPUT,-1,3,\n", ("negative-output", 4, "A")),
        ("code,x,y\nA,1,2\nB,2,3\n", ("no-codes", 1, "")),
    ],
)  # fmt: skip
def test_faults_name_the_cell(tmp_path: Path, text: str, expected: tuple[str, int, str]) -> None:
    reading = read(tmp_path, text)
    assert reading.table is None
    assert [(f.code, f.row, f.column) for f in reading.faults] == [expected]


def test_a_name_of_the_case_file_that_is_not_there(tmp_path: Path) -> None:
    spec = TableSpec(name="t", year=1995, value_added_rows=("VALUE",))
    (fault,) = read(tmp_path, "code,A\nA,1\nVALU,2\n", spec).faults[:1]
    assert (fault.code, fault.value) == ("missing-row", "VALUE")
    assert "did you mean 'VALU'" in fault.problem


def test_imbalances_are_reported_and_left(tmp_path: Path) -> None:
    text = SMALL.replace("1700", "1703") + "VALU,650,1390,,\nOUTPUT,1000,2000,,\n"
    reading = read(tmp_path, text)
    check = check_table(reading, "t.csv")
    assert check.statistics["row_residuals"] == {"B": 3.0}
    assert check.statistics["column_residuals"] == {"B": -10.0}
    assert [(f.code, f.row, f.column) for f in check.warnings] == [
        ("row-balance", 3, "OUTPUT"),
        ("column-balance", 5, "B"),
    ]
    assert reading.table is not None
    assert reading.table.final_demand["FD"].tolist() == [350, 1703]


def test_rounded_cells_balance_within_their_rounding(tmp_path: Path) -> None:
    text = "code,A,B,FD,OUTPUT\nA,0.3,0.3,0.3,1.0\nB,0.1,0.1,0.1,0.3\n"
    assert check_table(read(tmp_path, text), "t.csv").warnings == ()


def test_a_spreadsheet_is_the_same_table(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for line in SMALL.splitlines():
        sheet.append([int(c) if c.isdigit() else c for c in line.split(",")])
    book.save(tmp_path / "t.xlsx")
    one, other = read(tmp_path, SMALL).table, read_symmetric(tmp_path / "t.xlsx", SPEC).table
    assert one is not None
    assert other is not None
    assert one.to_graph() == other.to_graph()


@given(st.lists(st.floats(0, 1e6), min_size=9, max_size=9))
def test_flows_come_back_as_written(values: list[float]) -> None:
    from tempfile import TemporaryDirectory

    rows = [values[3 * k : 3 * k + 3] for k in range(3)]
    text = "code,A,B,C\n" + "".join(
        f"{code},{','.join(map(repr, row))}\n" for code, row in zip("ABC", rows, strict=True)
    )
    with TemporaryDirectory() as folder:
        table = read(Path(folder), text).table
    assert table is not None
    assert table.flows.tolist() == rows


# -- the table of the OECD


ICIO_CSV = """V1,KAZ_A,KAZ_C,ROW_A,ROW_C,KAZ_HFCE,KAZ_GFCF,ROW_HFCE,ROW_GFCF,OUT
KAZ_A,10,20,1,2,30,4,5,6,78
KAZ_C,7,8,9,10,11,12,13,14,84
ROW_A,1,2,3,4,5,6,7,8,36
ROW_C,2,3,4,5,6,7,8,9,44
TLS,1,1,1,1,0,0,0,0,4
VA,57,50,18,22,0,0,0,0,147
OUT,78,84,36,44,52,29,33,37,393
"""


@pytest.mark.parametrize("origin", ["domestic", "total", "imported"])
def test_one_country_of_the_published_layout(tmp_path: Path, origin: str) -> None:
    path = tmp_path / "icio.csv"
    path.write_text(ICIO_CSV, encoding="utf-8")
    spec = TableSpec(
        name="k", year=2019, format="oecd-icio", country="KAZ", origin=origin, unit="million USD"
    )
    reading = read_oecd(path, spec)
    assert reading.faults == ()
    table = reading.table
    assert table is not None
    expected = {
        "domestic": [[10, 20], [7, 8]],
        "imported": [[1, 2], [2, 3]],
        "total": [[11, 22], [9, 11]],
    }[origin]
    assert table.flows.tolist() == expected
    assert table.output.tolist() == [78, 84]
    assert table.region == "KAZ"
    if origin != "imported":
        assert table.final_demand["EXPORTS"].tolist() == [14, 46]
        use = table.flows.sum(axis=1) + table.final_demand.sum(axis=1).to_numpy()
        assert use.tolist() == [78, 84]
    check = check_table(reading, "icio.csv")
    assert check.warnings == ()
    assert check.statistics["row_residuals"] == check.statistics["column_residuals"] == {}


def test_all_countries_and_an_unknown_one(tmp_path: Path) -> None:
    path = tmp_path / "icio.csv"
    path.write_text(ICIO_CSV, encoding="utf-8")
    spec = TableSpec(name="k", year=2019, format="oecd-icio", country="all", unit="million USD")
    table = read_oecd(path, spec).table
    assert table is not None
    assert table.node_ids == ("k:KAZ:A", "k:KAZ:C", "k:ROW:A", "k:ROW:C")
    unknown = TableSpec(name="k", year=2019, format="oecd-icio", country="KZT")
    (fault,) = read_oecd(path, unknown).faults
    assert (fault.code, fault.value) == ("unknown-country", "KZT")
    assert "did you mean 'KAZ'" in fault.problem


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("KAZ_C,7,8", "KAZ_C,,8", ("missing-cell", 3, "KAZ_A")),
        ("KAZ_C,7,8", "KAZ_C,7,x", ("bad-number", 3, "KAZ_C")),
        ("KAZ_C,7,8", "KAZ_C,-7,8", ("negative-flow", 3, "KAZ_A")),
        ("\nROW_C,", "\nROW_D,", ("unequal-order", 1, "ROW_C")),
    ],
)
def test_faults_of_the_published_layout(
    tmp_path: Path, old: str, new: str, expected: tuple[str, int, str]
) -> None:
    path = tmp_path / "icio.csv"
    path.write_text(ICIO_CSV.replace(old, new), encoding="utf-8")
    spec = TableSpec(name="k", year=2019, format="oecd-icio", country="KAZ")
    assert [(f.code, f.row, f.column) for f in read_oecd(path, spec).faults] == [expected]


@needs_icio
@pytest.mark.shared_data
@pytest.mark.parametrize("origin", ["domestic", "total"])
def test_the_russian_block_of_the_oecd(origin: str) -> None:
    spec = TableSpec(name="ru", format="oecd-icio", country="RUS", origin=origin)
    reading = read_oecd(ICIO, spec)
    table = reading.table
    assert table is not None
    assert (table.year, table.unit, len(table.codes)) == (2019, "million USD", 20)
    use = table.flows.sum(axis=1) + table.final_demand.sum(axis=1).to_numpy()
    np.testing.assert_allclose(use, table.output, rtol=1e-9)
    assert table.taxes is not None
    assert table.imported_flows is not None
    abroad = table.imported_flows.sum(axis=0) if origin == "domestic" else 0.0
    inputs = (
        table.flows.sum(axis=0) + table.value_added.to_numpy().sum(axis=0) + table.taxes + abroad
    )
    np.testing.assert_allclose(inputs, table.output, rtol=1e-9)
    check = check_table(reading, "icio.npz")
    assert check.warnings == ()
    assert 0 < check.statistics["spectral_radius"] < 1


@needs_icio
@pytest.mark.shared_data
def test_value_added_of_the_world_is_that_of_the_publisher() -> None:
    whole = read_oecd_npz(ICIO)
    # totals printed in the file's own description
    assert whole.value_added.to_numpy().sum() == pytest.approx(81589615.10630299, rel=1e-9)
    assert whole.output.sum() == pytest.approx(170744698.095303, rel=1e-9)
    assert whole.taxes.sum() == pytest.approx(2404593.3183000106, rel=1e-9)


@needs_icio
@pytest.mark.shared_data
def test_a_case_with_the_oecd_table(tmp_path: Path) -> None:
    shutil.copy(ICIO, tmp_path / "icio.npz")
    text = """
[case]
name = "russia"
title = "Russia"
year = 2019
currency = "USD"
[inputs.table]
file = "icio.npz"
format = "oecd-icio"
country = "RUS"
name = "ru_2019"
evidence = "estimated"
source = "OECD (2023), ICIO tables, oe.cd/icio"
origin = "domestic"
"""
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    case = load_case(tmp_path)
    assert case.graph.layers == ("flows",)
    assert len(case.graph) == 20
    assert case.report.balanced
    (tmp_path / "case.toml").write_text(text.replace("RUS", "KAZ"), encoding="utf-8")
    _, report = check_case(tmp_path)
    assert [fault.code for fault in report.errors] == ["unknown-country"]


def test_a_file_that_is_no_array_file(tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    path.write_bytes(b"hello")
    spec = TableSpec(name="k", format="oecd-icio", country="KAZ")
    assert [f.code for f in read_oecd(path, spec).faults] == ["unreadable-file"]


@pytest.mark.skipif(not CROATIA.exists(), reason="no table of Croatia beside the repository")
@pytest.mark.shared_data
def test_the_table_of_croatia(tmp_path: Path) -> None:
    """Domestic table of 2010 (Croatian Bureau of Statistics): Z + final use = total use."""
    import pandas as pd

    raw = pd.read_csv(CROATIA / "croatia_2010_1800_full.csv", index_col=0)
    labels = pd.read_csv(CROATIA / "nace_labels.csv")["t_cols2"].tolist()
    codes = [c for c in raw.columns if c in labels and f"CPA_{c}" in raw.index]
    square = raw.loc[[f"CPA_{c}" for c in codes], [*codes, "TFINU", "TU"]]
    square.to_csv(tmp_path / "hr.csv", index_label="code")
    spec = TableSpec(name="hr", year=2010, final_demand_columns=("TFINU",))
    reading = read_symmetric(tmp_path / "hr.csv", spec)
    assert reading.faults == ()
    table = reading.table
    assert table is not None
    assert len(table.codes) == 65
    check = check_table(reading, "hr.csv")
    assert check.statistics["total_residuals"] == {"TU": {}}
