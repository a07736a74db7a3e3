"""`klaster io` and `read_iotable` on files as people have them, and on their slips."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import get_args

import numpy as np
import openpyxl
import pandas as pd
import pytest
from io_tables import shared_file
from typer.testing import CliRunner

import klaster
from klaster.algorithms.identification.drivers import driver_industries
from klaster.algorithms.identification.methods import IdentificationSettings, identify_clusters
from klaster.algorithms.identification.principal import correlation_of_columns
from klaster.algorithms.identification.quotients import cluster_index
from klaster.algorithms.io.system import IOSystem
from klaster.cli import io_command as cli_io
from klaster.cli import main as cli
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.io_balance import largest_root, spectral_radius
from klaster.graph.io_table import IOTable
from klaster.loaders.files.cell_values import Decimal
from klaster.loaders.io.headings import COLUMN_NAMES, ROW_NAMES, known_as
from klaster.loaders.io.table_labels import read_labels
from klaster.table_analysis import TableSource, analyze_table, read_iotable

# Four industries that trade with each other; rows and columns add up.
FOUR = (
    "code,A,B,C,D,HFCE,OUTPUT\nA,10,60,5,1,24,100\nB,50,10,2,2,36,100\n"
    "C,3,1,5,70,31,110\nD,1,4,60,5,40,110\nVA,36,25,38,32,,\n"
)
# Miller & Blair 2009, Table 2.3.
ROWS = [[150, 500], [200, 100]]
OUTPUT = [1000, 2000]
DEMAND = [350, 1700]


def write(folder: Path, text: str, name: str = "t.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def small(columns: dict[str, list[int]], rows: str = "") -> str:
    """Write the table of Miller & Blair with other columns beside the flows."""
    lines = [";".join(["code", "A", "B", *columns])]
    for k, code in enumerate("AB"):
        amounts = [*ROWS[k], *(values[k] for values in columns.values())]
        lines.append(";".join([code, *map(str, amounts)]))
    return "\n".join(lines) + "\n" + rows


def read(folder: Path, text: str, **options: object) -> TableSource:
    return read_iotable(write(folder, text), year=2010, **options)  # type: ignore[arg-type]


def refused(folder: Path, text: str, **options: object) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, text, **options)
    said = str(caught.value)
    assert "case.toml" not in said
    assert "inputs.table" not in said
    return said


class TestIndustriesOfATable:
    """Final demand and value added stand in the order of the codes, or are refused."""

    def table(self, **frames: pd.DataFrame) -> IOTable:
        flows = np.array(ROWS, dtype=float)
        output = np.array(OUTPUT, dtype=float)
        about = (2009, "USD", "USD", "paper", "Miller & Blair 2009")
        return IOTable("mb", ("a", "b"), ("a", "b"), flows, output, *about, **frames)  # type: ignore[arg-type]

    def test_another_order_is_refused(self) -> None:
        wrong = pd.DataFrame([[650.0, 1400]], index=["VA"], columns=["b", "a"])
        with pytest.raises(ValueError, match="number 1 is 'b', the code there is 'a'"):
            self.table(value_added=wrong)
        with pytest.raises(ValueError, match="rows of final_demand"):
            self.table(final_demand=pd.DataFrame({"FD": [1.0, 2]}, index=["a", "c"]))

    def test_another_number_is_refused(self) -> None:
        with pytest.raises(ValueError, match="2 industries, but 3 columns of value_added"):
            self.table(value_added=pd.DataFrame([[1.0, 2, 3]], index=["VA"]))
        with pytest.raises(ValueError, match="1 rows of final_demand"):
            self.table(final_demand=pd.DataFrame({"FD": [1.0]}))

    def test_the_right_order_and_no_labels_are_taken(self) -> None:
        named = pd.DataFrame([[650.0, 1400]], index=["VA"], columns=["a", "b"])
        unnamed = pd.DataFrame([[650.0, 1400]], index=["VA"])
        for frame in (named, unnamed):
            assert self.table(value_added=frame).balance().balanced
        assert self.table(final_demand=pd.DataFrame(), value_added=pd.DataFrame()).codes


def test_codes_are_no_amounts(tmp_path: Path) -> None:
    """Codes as 01.1 must not pass for numbers printed to a tenth."""
    text = "code,01.1,01.2,FD,OUTPUT\n01.1,150,500,350,1001\n01.2,200,100,1700,2000\n"
    table = read(tmp_path, text).table
    assert table.rounding == 0.5
    assert table.balance().balanced


class TestHeadings:
    @pytest.mark.parametrize(
        ("label", "role"),
        [
            ("Валовой выпуск", "output"),
            ("Валовой выпуск, млн тенге", "output"),
            ("Выпуск товаров и услуг в основных ценах", "output"),
            ("Выпуск (млн. руб.)¹", "output"),
            ("P.1 Output*", "output"),
            ("Тауарлар мен қызметтер шығарылымы", "output"),
            ("Gross output, million USD", "output"),
            ("Валовая добавленная стоимость в основных ценах", "value_added"),
            ("D1 Compensation of employees", "value_added"),
            ("Оплата труда наемных работников", "value_added"),
            ("Еңбекақы төлеу", "value_added"),
            ("Валовая прибыль экономики и валовые смешанные доходы", "value_added"),
            ("Gross operating surplus", "value_added"),
            ("Другие чистые налоги на производство", "value_added"),
            ("Налоги за вычетом субсидий на продукты", "tax"),
            ("Taxes less subsidies on products", "tax"),
            ("Импорт товаров и услуг", "imports"),
            ("Промежуточное потребление в ценах покупателей", "total"),
            ("Total intermediate consumption", "total"),
        ],
    )
    def test_rows(self, label: str, role: str) -> None:
        assert [r for r, names in ROW_NAMES.items() if known_as(label, names)] == [role]

    @pytest.mark.parametrize(
        ("label", "role"),
        [
            ("Расходы на конечное потребление домашних хозяйств", "final_demand"),
            ("Государственное управление", "final_demand"),
            ("Валовое накопление основного капитала", "final_demand"),
            ("Изменение запасов материальных оборотных средств", "final_demand"),
            ("Экспорт товаров и услуг, млн тенге", "final_demand"),
            ("Үй шаруашылықтарының түпкілікті тұтынуы", "final_demand"),
            ("Негізгі капиталдың жалпы қорлануы", "final_demand"),
            ("Exports of goods and services (fob)", "final_demand"),
            ("General government final consumption expenditure", "final_demand"),
            ("P51G", "final_demand"),
            ("Валовый выпуск", "output"),
            ("Промежуточный спрос", "total"),
            ("Всего использовано", "total"),
            ("Imports of goods and services (cif)", "imports"),
        ],
    )
    def test_columns(self, label: str, role: str) -> None:
        assert [r for r, names in COLUMN_NAMES.items() if known_as(label, names)] == [role]

    def test_no_name_mixes_alphabets_or_stands_for_two_things(self) -> None:
        for roles in (ROW_NAMES, COLUMN_NAMES):
            names = [name for known in roles.values() for name in known]
            assert len(names) == len(set(names))
            for name in names:
                latin = any("a" <= letter <= "z" for letter in name)
                assert not (latin and any(letter > "а" for letter in name)), name

    def test_an_industry_is_not_taken_for_a_final_use(self, tmp_path: Path) -> None:
        text = "code,A,Government,FD,OUTPUT\nA,1,2,7,10\nGovernment,3,4,13,20\n"
        table = read(tmp_path, text).table
        assert table.codes == ("A", "Government")
        assert list(table.final_demand.columns) == ["FD"]

    def test_a_table_with_units_in_its_headings(self, tmp_path: Path) -> None:
        text = small({"Конечный спрос": DEMAND, "Валовой выпуск, млн тенге": OUTPUT})
        assert read(tmp_path, text).table.output.tolist() == OUTPUT


class TestSumsAndParts:
    PARTS = {  # noqa: RUF012
        "Расходы на конечное потребление": [100, 1000],
        "Валовое накопление": [200, 500],
        "Экспорт": [50, 200],
    }

    def test_final_uses_and_their_sum(self, tmp_path: Path) -> None:
        text = small({**self.PARTS, "Конечное использование": DEMAND, "Выпуск": OUTPUT})
        found = read(tmp_path, text)
        assert list(found.table.final_demand.columns) == list(self.PARTS)
        assert found.table.balance().balanced
        assert any("Конечное использование is the sum of" in note for note in found.notes)

    def test_sums_of_sums(self, tmp_path: Path) -> None:
        uses = {
            "HFCE": [60, 700],
            "GGFC": [40, 300],
            "P3": [100, 1000],
            "GFCF": [200, 500],
            "P5": [200, 500],
            "Exports": [50, 200],
            "Final demand": DEMAND,
        }
        table = read(tmp_path, small({**uses, "Output": OUTPUT})).table
        assert list(table.final_demand.columns) == ["HFCE", "GGFC", "GFCF", "Exports"]
        assert table.balance().balanced

    def test_a_part_that_is_named_beside_the_whole(self, tmp_path: Path) -> None:
        text = small({"Exports": [100, 1000], "Final use": DEMAND, "OUTPUT": OUTPUT})
        found = read(tmp_path, text)
        assert list(found.table.final_demand.columns) == ["Final use"]
        (warning,) = found.warnings
        assert (warning.column, warning.code) == ("Final use", "sum-and-parts")
        assert "--final" in warning.remedy
        assert any("Final use alone was taken" in n for n in analyze_table(found).notes)

    def test_two_sums_are_not_both_taken(self, tmp_path: Path) -> None:
        uses = {"Exports": [100, 1000], "Final use": DEMAND, "Final demand": DEMAND}
        table = read(tmp_path, small({**uses, "OUTPUT": OUTPUT})).table
        assert list(table.final_demand.columns) == ["Final use"]
        assert table.balance().balanced

    def test_a_wrong_sum(self, tmp_path: Path) -> None:
        text = small({**self.PARTS, "Конечное использование": [350, 1699 - 100], "Выпуск": OUTPUT})
        found = read(tmp_path, text)
        assert list(found.table.final_demand.columns) == list(self.PARTS)
        assert "-101" in str(found.warnings[0])

    def test_what_stands_beside_the_others_stays(self, tmp_path: Path) -> None:
        text = small({"Exports": [50, 200], "Final demand": [300, 1500], "OUTPUT": OUTPUT})
        found = read(tmp_path, text)
        assert found.warnings == ()
        assert found.table.balance().balanced
        assert found.table.final_demand.shape[1] == 2

    def test_without_output_the_sum_holds_what_fits_into_it(self, tmp_path: Path) -> None:
        found = read(tmp_path, small({"Exports": [50, 200], "Final demand": [300, 1500]}))
        assert list(found.table.final_demand.columns) == ["Final demand"]
        assert len(found.warnings) == 1

    def test_imports_are_no_part_of_the_sum(self, tmp_path: Path) -> None:
        uses = {"GFCF": [200, 500], "Exports": [250, 1300], "Final use": [450, 1800]}
        text = small({**uses, "Imports": [100, 100], "Output": OUTPUT})
        table = read(tmp_path, text).table
        assert list(table.final_demand.columns) == ["GFCF", "Exports", "Imports"]
        assert table.balance().balanced

    @pytest.mark.parametrize(
        ("rows", "taken", "warned"),
        [
            ("VA;650;1400;;\nGVA;650;1400;;\n", ["VA"], 0),
            ("VA;600;1300;;\nGVA;650;1400;;\n", ["GVA"], 1),
            ("D1;600;1300;;\nB2G;50;100;;\nGVA;650;1400;;\n", ["D1", "B2G"], 0),
            ("D1;600;1300;;\nGVA;650;1400;;\n", ["GVA"], 1),
        ],
    )
    def test_value_added(self, tmp_path: Path, rows: str, taken: list[str], warned: int) -> None:
        found = read(tmp_path, small({"FD": DEMAND, "OUTPUT": OUTPUT}, rows))
        assert list(found.table.value_added.index) == taken
        assert len(found.warnings) == warned
        assert found.table.balance().balanced

    def test_what_is_named_is_taken_as_named(self, tmp_path: Path) -> None:
        text = small({"FD": DEMAND, "OUTPUT": OUTPUT}, "VA;650;1400;;\nGVA;650;1400;;\n")
        table = read(tmp_path, text, value_added_rows=["VA", "GVA"]).table
        assert list(table.value_added.index) == ["VA", "GVA"]


@pytest.mark.parametrize(
    ("row", "off"),
    [
        ("Total,64,75,72,78,,", []),
        ("Итого,100,100,110,110,,", []),
        ("Total,9999,75,72,78,,", [("Total", "A", 9935)]),
    ],
)
def test_a_row_of_totals_is_checked(
    tmp_path: Path, row: str, off: list[tuple[str, str, float]]
) -> None:
    table = read(tmp_path, FOUR + row + "\n").table
    found = [(r.identity, r.industry, r.residual) for r in table.balance().residuals]
    assert found == off


def test_a_row_of_totals_may_hold_taxes_and_imports(tmp_path: Path) -> None:
    rows = "Taxes;10;20;;\nImports;40;80;;\nTotal;400;700;;\nVA;600;1300;;\n"
    found = read(tmp_path, small({"FD": DEMAND, "OUTPUT": OUTPUT}, rows))
    assert found.table.balance().balanced
    assert any("row Total is taken for intermediate inputs, taxes and" in n for n in found.notes)


class TestRemedies:
    """What is said names options of the command, and nothing that the caller has not got."""

    def test_names_of_rows_and_columns(self, tmp_path: Path) -> None:
        assert "--value-added names it" in refused(tmp_path, FOUR, value_added_rows=["VAA"])
        assert "--ignore-row" in refused(tmp_path, FOUR + "Zeta,1,2,3,4,,\n")
        assert "no such row or column" in refused(tmp_path, FOUR, output="X")

    def test_cells(self, tmp_path: Path) -> None:
        text = 'code,A,B\nA,1.5,2\nB,2,"3,25"\n'
        assert "--decimal ," in refused(tmp_path, text)
        for cell in ("-", "", "…"):
            assert "Write 0" in refused(tmp_path, f"code,A,B\nA,1.5,2\nB,2,{cell}\n")

    def test_an_empty_file(self, tmp_path: Path) -> None:
        for text in ("", "\n,,\n"):
            said = refused(tmp_path, text)
            assert "1 fault" in said
            assert "no cells" in said

    def test_a_broken_encoding(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_bytes("code,A\nA,1\nдобавленная,1\n".encode() + b"\xff\xfe,1\n")
        with pytest.raises(InputError) as caught:
            read_iotable(path, year=2010, encoding="utf-8")
        assert "case.toml" not in str(caught.value)

    @pytest.mark.shared_data
    def test_countries_and_years(self) -> None:
        path = shared_file("oecd-icio-g20-2019/icio_oecd2023_2019_isic_g20.npz")
        for options, word in (
            ({"country": "KAZ"}, "Use one of"),
            ({"country": "RUS", "year": 2010}, "Give --year 2019"),
            ({}, "--country"),
        ):
            with pytest.raises(InputError, match=word) as caught:
                read_iotable(path, **options)  # type: ignore[arg-type]
            assert "case.toml" not in str(caught.value)


@pytest.mark.shared_data
def test_a_country_is_in_name_and_title() -> None:
    path = shared_file("oecd-icio-g20-2019/icio_oecd2023_2019_isic_g20.npz")
    found = read_iotable(path, country="RUS")
    assert found.table.name.endswith("_RUS")
    assert "RUS" in found.titles["en"]
    given = read_iotable(path, country="USA", name="icio")
    assert (given.table.name, given.titles["en"]) == ("icio", "icio, USA")


class TestOptions:
    def test_names_of_special_columns(self, tmp_path: Path) -> None:
        columns = {"Y": [450, 1700], "M": [100, 0], "all": [1100, 2000], "X": OUTPUT}
        found = read(
            tmp_path,
            small(columns),
            output="X",
            final_demand_columns=["Y"],
            imports_columns=["M"],
            total_use_columns=["all"],
        )
        assert found.table.output.tolist() == OUTPUT
        assert found.table.final_demand["M"].tolist() == [-100, 0]
        assert list(found.table.recorded_totals) == ["all"]

    def test_output_may_be_a_row(self, tmp_path: Path) -> None:
        text = small({"FD": DEMAND}, "X;1000;2000;\n")
        assert read(tmp_path, text, output="X").table.output.tolist() == OUTPUT

    def test_decimal_and_encoding(self, tmp_path: Path) -> None:
        text = "code;A;B\nA;1,500;2\nB;2;3\n"
        assert read(tmp_path, text, decimal=",").table.flows[0, 0] == 1.5
        assert read(tmp_path, text, decimal=".").table.flows[0, 0] == 1500
        path = write(tmp_path, "код;Б;В\nБ;1;2\nВ;3;4\n", "k.csv", "koi8-r")
        assert read_iotable(path, year=2010, encoding="koi8-r").table.codes == ("Б", "В")

    def test_sheet(self, tmp_path: Path) -> None:
        book = openpyxl.Workbook()
        book.active.append(["about"])  # type: ignore[union-attr]
        sheet = book.create_sheet("flows")
        for row in (["code", "A"], ["A", 1]):
            sheet.append(row)
        path = tmp_path / "t.xlsx"
        book.save(path)
        assert read_iotable(path, year=2010, sheet="flows").table.codes == ("A",)

    @pytest.mark.parametrize(
        ("choices", "allowed"), [(cli_io.DecimalSign, get_args(Decimal))], ids=["decimal"]
    )
    def test_the_command_offers_what_python_allows(
        self, choices: type[StrEnum], allowed: tuple[str, ...]
    ) -> None:
        assert [choice.value for choice in choices] == list(allowed)

    def test_imported_flows_with_the_same_rows_beside(self, tmp_path: Path) -> None:
        text = FOUR.replace("VA,", "Wages paid,")
        imported = "code,A,B,C,D,HFCE\nA,1,6,0,1,2\nB,5,1,2,2,3\nC,3,1,5,7,1\nD,1,4,6,5,4\n"
        for rows in ("", "Wages paid,0,0,0,0,\n"):
            path = write(tmp_path, imported + rows, "imported.csv")
            found = read(
                tmp_path,
                text,
                origin="domestic",
                imported=path,
                value_added_rows=["Wages paid"],
                labels=write(tmp_path, "A;Рудник\n", "labels.csv", "cp1251"),
            )
            assert found.table.imported_flows is not None
            assert found.table.imported_flows[0].tolist() == [1, 6, 0, 1]


class TestHouseholds:
    # D earns and spends little, so that the system closed by households has an inverse.
    TEXT = (
        "code,A,B,{spend},Other use,OUTPUT\nA,10,60,20,10,100\nB,50,10,25,15,100\n"
        "{earn},30,25,,,\nProfit,10,5,,,\n"
    )

    @pytest.mark.parametrize(
        ("earn", "spend"),
        [
            ("Compensation of employees", "Households"),
            ("d1", "p31_s14"),
            ("Оплата труда", "Домашние хозяйства"),
            ("ЕҢБЕКАҚЫ ТӨЛЕУ", "Үй шаруашылықтары"),
        ],
    )
    def test_known_by_their_names(self, tmp_path: Path, earn: str, spend: str) -> None:
        text = self.TEXT.format(earn=earn, spend=spend)
        options = {"final_demand_columns": [spend, "Other use"]}
        found = analyze_table(read(tmp_path, text, **options), parts=["multipliers"])
        assert found.households == f"income {earn}, spending {spend} / {earn}"
        assert "type II" in found.multipliers["income"]

    def test_named(self, tmp_path: Path) -> None:
        text = self.TEXT.format(earn="E", spend="S")
        options = {"final_demand_columns": ["S", "Other use"], "value_added_rows": ["E", "Profit"]}
        source = read(tmp_path, text, **options)
        found = analyze_table(source, parts=["multipliers"], income="E", households="S")
        assert found.households.startswith("income E, spending S")
        assert "--income" in " ".join(analyze_table(source, parts=["multipliers"]).notes)
        with pytest.raises(UnknownNameError, match="row of value added 'X'"):
            analyze_table(source, income="X")


class TestLabels:
    @pytest.mark.parametrize(
        ("text", "encoding"),
        [
            ("code,name\nA,Рудник\n", "utf-8"),
            ("code;name\nA;Рудник\n", "utf-8"),
            ("Код;Наименование\nA;Рудник\n", "cp1251"),
            ("A,Рудник\n", "utf-8-sig"),
        ],
    )
    def test_as_people_write_them(self, tmp_path: Path, text: str, encoding: str) -> None:
        assert read_labels(write(tmp_path, text, "l.csv", encoding)) == {"A": "Рудник"}

    @pytest.mark.parametrize(
        ("text", "word"), [("A,\n", "row 1"), ("code,name\n", "no rows"), (None, "cannot be read")]
    )
    def test_faults(self, tmp_path: Path, text: str | None, word: str) -> None:
        path = tmp_path / "l.csv" if text is None else write(tmp_path, text, "l.csv")
        with pytest.raises(InputError, match=word):
            read_labels(path)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (["--direct", "0"], "above zero"),
        (["--link", "-1"], "above zero"),
        (["--components", "50"], "1 to 4 components"),
        (["--labels", "nowhere.csv"], "cannot be read"),
        (["--imported", "nowhere.csv"], "no such file"),
        (["--encoding", "latin"], "cp1251"),
        (["--decimal", "x"], "--decimal"),
        (["--income", "X"], "no row of value added"),
        (["--out", "t.csv"], "--out needs a folder"),
    ],
)
def test_a_slip_ends_in_one_message_and_exit_code_2(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    options: list[str],
    word: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, FOUR)
    monkeypatch.setattr("sys.argv", ["klaster", "io", "t.csv", "--year", "2010", *options])
    try:
        code = cli.main()
    except SystemExit as end:
        code = int(end.code or 0)
    said = capsys.readouterr().err
    assert code == 2
    assert word in said
    assert "Traceback" not in said


def test_the_functions_of_the_docs_answer_what_the_page_shows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "input-output.md").read_text(encoding="utf-8")
    section = page.partition("## The algebra as functions\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```python\n(.*?)```", section, re.DOTALL)
    assert len(blocks) > 9
    scope: dict[str, object] = {"klaster": klaster, "read_iotable": read_iotable}
    shown = []
    for block in blocks:
        exec(compile(block, "input-output.md", "exec"), scope)  # noqa: S102
        shown += re.findall(r"^print\(.*\)  # (.*)$", block, re.MULTILINE)
    assert capsys.readouterr().out.splitlines() == shown


def test_an_unreadable_place_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    @cli_io.one_message
    def command() -> None:
        raise PermissionError(13, "Permission denied", "t.csv")

    with pytest.raises(InputError, match=r"t\.csv cannot be read or written: Permission denied"):
        command()


def test_the_options_reach_the_reader(tmp_path: Path) -> None:
    columns = {"Y": [450, 1700], "M": [100, 0], "all": [1100, 2000], "X": OUTPUT}
    words = ["--output", "X", "--final", "Y", "--imports-column", "M", "--total", "all"]
    words += ["--decimal", ".", "--encoding", "utf-8", "--year", "2010", "--only", "linkages"]
    path = write(tmp_path, small(columns))
    run = ["io", str(path), *words, "--out", str(tmp_path / "out")]
    result = CliRunner().invoke(cli_io.app, run, catch_exceptions=False)
    assert result.exit_code == 0, result.output
    assert "row 0.0e+00" in result.output


class TestRootsAndMethods:
    def test_large_tables_without_circles(self) -> None:
        assert spectral_radius(np.diag(np.ones(649), 1) * 50, np.full(650, 100.0)) == 0
        assert spectral_radius(np.zeros((650, 650)), np.full(650, 100.0)) == 0

    def test_large_circles(self) -> None:
        circle = np.diag(np.full(649, 0.9), 1)
        circle[-1, 0] = 0.9
        assert largest_root(circle) == pytest.approx(0.9, abs=1e-9)
        dense = np.random.default_rng(1).random((650, 650))
        dense *= 0.6 / dense.sum(axis=0)
        assert largest_root(dense) == pytest.approx(0.6, abs=1e-12)
        assert largest_root(np.zeros((0, 0))) == 0

    def test_a_small_buyer_beside_a_large_one_has_a_profile(self, tmp_path: Path) -> None:
        text = (
            "code,A,B,C,D,HFCE,OUTPUT\nA,1000000,60,0.00000001,1,24,2000000\nB,50,10,0,2,36,100\n"
            "C,3,1,0,70,31,110\nD,1,4,0,5,40,110\n"
        )
        found = analyze_table(read(tmp_path, text)).identification
        assert found is not None
        assert "principal components" in found.clusters

    def test_a_method_that_cannot_be_applied_is_skipped_with_the_name(self) -> None:
        Z = [[5.0, 60, 5, 1], [50, 10, 5, 2], [3, 1, 5, 70], [1, 4, 5, 5]]
        with pytest.raises(InputError, match="column ore is the same"):
            correlation_of_columns(Z, names=["coal", "steel", "ore", "gold"])
        Z = [[10, 60, 5.0, 1], [50, 10, 5 + 1e-14, 2], [3, 1, 5, 70], [1, 4, 5, 5]]
        names = ["coal", "steel", "ore", "gold"]
        found = identify_clusters(IOSystem.from_flows(Z, [100, 100, 110, 110], names))
        assert "column ore is the same" in found.skipped["principal components"]
        assert "direct links" in found.clusters

    def test_technology_of_another_table(self) -> None:
        Z = [[10, 60, 5, 1], [50, 10, 2, 2], [3, 1, 5, 70], [1, 4, 60, 5]]
        system = IOSystem.from_flows(Z, [100, 100, 110, 110], list("abcd"))
        with pytest.raises(InputError, match="must be 4 × 4"):
            identify_clusters(system, technology=np.ones((3, 3)))
        with pytest.raises(InputError, match="1 to 4 components"):
            identify_clusters(system, settings=IdentificationSettings(component_count=5))

    def test_groups_of_equals_cannot_be_discriminated(self) -> None:
        with pytest.raises(ValueError, match="fewer groups"):
            driver_industries([[1, 2], [1, 2], [3, 4], [5, 9]], 3)
        assert driver_industries([[1, 2], [1, 2], [3, 4], [5, 9]], 2).group.tolist() == [2, 2, 2, 1]

    def test_cluster_index_without_plants(self) -> None:
        with pytest.raises(ValueError, match="plants_in_region is 0"):
            cluster_index(1743, 5740, 50, 576, 488, 4621, 0, 53)
        with pytest.raises(ValueError, match="industry_in_region is -1"):
            cluster_index(-1, 5740, 50, 576, 488, 4621, 5, 53)
        assert cluster_index(0, 5740, 50, 576, 488, 4621, 0, 53) == 0


def test_imported_flows_in_another_encoding_keep_the_names(tmp_path: Path) -> None:
    text = FOUR.replace("VA,", "Зарплата,")
    options = {"encoding": "koi8-r", "value_added_rows": ["Зарплата"], "origin": "domestic"}
    main = write(tmp_path, text, "main.csv", "koi8-r")
    abroad = write(tmp_path, text, "imported.csv", "koi8-r")
    found = read_iotable(main, year=2010, imported=abroad, **options)  # type: ignore[arg-type]
    assert found.table.imported_flows is not None


def test_negative_uses_name_the_option(tmp_path: Path) -> None:
    write(tmp_path, "code,a,b\n1,90,0\n2,10,100\n", "make.csv")
    write(tmp_path, "code,1,2,F01000\na,12,-8,80\nb,10,7,83\nV00100,68,95,0\n", "use.csv")
    with pytest.raises(InputError, match="set negative uses aside: --negatives-aside"):
        read_iotable(tmp_path, year=2010)
