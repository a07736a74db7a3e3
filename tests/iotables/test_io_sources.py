"""Tables as publishers give them: synthetic faults, and the real files beside the repository."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, get_args

import numpy as np
import pandas as pd
import pymrio
import pytest
from io_tables import shared_file

from klaster.algorithms.io.supply_use_models import Model
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.supply_use import SupplyUse
from klaster.loaders.io.bea import make_and_use, read_bea
from klaster.loaders.io.eurostat import read_eurostat, read_eurostat_supply_use
from klaster.loaders.io.inter_country import cut_country
from klaster.loaders.io.pymrio_tables import from_pymrio
from klaster.loaders.io.recognition import made_symmetric, read_table, recognise
from klaster.loaders.io.table_reading import TableReading
from klaster.loaders.io.table_spec import TableSpec
from klaster.loaders.io.wiod import read_wiod_npz

SPEC = TableSpec(name="t", year=2010, source="test", unit="million")


def faults_of(read: Callable[..., object], *given: object, **options: object) -> tuple[Fault, ...]:
    """What a reader finds wrong."""
    with pytest.raises(InputError) as refused:
        read(*given, **options)
    return refused.value.faults


def small(**changes: Any) -> SupplyUse:
    """Two industries, two products: U, V and final demand worked by hand."""
    parts: dict[str, Any] = {
        "industries": ("1", "2"),
        "products": ("a", "b"),
        "make": np.array([[90.0, 0], [10, 100]]),
        "use": np.array([[12.0, 8], [10, 7]]),
        "final_demand": pd.DataFrame({"FD": [80.0, 83]}, index=["a", "b"]),
        "value_added": pd.DataFrame([[68.0, 95]], index=["VA"], columns=["1", "2"]),
    }
    return SupplyUse(**(parts | changes))


class TestModels:
    def test_industry_technology_by_hand(self) -> None:
        """a_ac = Σ_j (u_aj / g_j) (v_jc / q_c), cell by cell."""
        reading = made_symmetric(small(), SPEC, model="industry-technology")
        assert reading.table is not None
        g, q = (90.0, 110.0), (100.0, 100.0)
        U, V = small().use, small().make
        for i in range(2):
            for c in range(2):
                by_hand = sum(U[i, j] / g[j] * V[j, c] / q[c] for j in range(2))
                assert reading.table.flows[i, c] / q[c] == pytest.approx(by_hand)

    def test_fixed_product_sales_by_hand(self) -> None:
        reading = made_symmetric(small(), SPEC, model="fixed-product-sales")
        assert reading.table is not None
        # industry 1 sells 90 % of product a, industry 2 the other 10 % and all of b
        assert reading.table.flows.tolist() == pytest.approx(np.array([[10.8, 7.2], [11.2, 7.8]]))
        assert reading.table.final_demand["FD"].tolist() == pytest.approx([72.0, 91.0])

    @pytest.mark.parametrize("model", get_args(Model))
    def test_every_model_keeps_the_books(self, model: Model) -> None:
        reading = made_symmetric(small(), SPEC, model=model)
        assert reading.faults == ()
        assert reading.table is not None
        assert reading.table.balance().balanced
        assert set(reading.table.balance().checked) == {"row", "column"}
        technology = model.endswith("technology")
        assert reading.table.codes == (("a", "b") if technology else ("1", "2"))

    def test_product_technology_gives_back_the_use_table(self) -> None:
        """Model A assumes U = A V'."""
        reading = made_symmetric(small(), SPEC, model="product-technology")
        assert reading.table is not None
        A = reading.table.flows / reading.table.output
        assert small().make.T.shape == A.shape
        np.testing.assert_allclose(A @ small().make.T, small().use, rtol=1e-12)

    def test_negative_flows_of_a_model_are_refused(self) -> None:
        tables = small(use=np.array([[12.0, 0], [10, 7]]))
        reading = made_symmetric(tables, SPEC, model="product-technology")
        assert reading.table is None
        assert {f.code for f in reading.faults} == {"negative-flow"}

    def test_negative_uses_are_refused_or_set_aside(self) -> None:
        tables = small(use=np.array([[12.0, -8], [10, 7]]))
        (fault,) = made_symmetric(tables, SPEC).faults
        assert (fault.code, fault.column, fault.value) == ("negative-flow", "2", "-8")
        reading = made_symmetric(tables, SPEC, negatives="aside")
        assert reading.table is not None
        assert "NEGATIVE_USE" in reading.table.final_demand
        assert (reading.table.flows >= 0).all()
        assert any("a to 2" in note for note in reading.notes)

    def test_products_nobody_makes_stand_in_imports(self) -> None:
        tables = small(
            products=("a", "b", "c"),
            make=np.array([[90.0, 0, 0], [10, 100, 0]]),
            use=np.array([[12.0, 8], [10, 7], [3, 4]]),
            final_demand=pd.DataFrame({"FD": [80.0, 83, -7]}, index=["a", "b", "c"]),
            value_added=pd.DataFrame([[65.0, 91]], index=["VA"], columns=["1", "2"]),
        )
        for model in ("industry-technology", "fixed-product-sales"):
            reading = made_symmetric(tables, SPEC, model=model)  # type: ignore[arg-type]
            assert reading.table is not None
            assert reading.table.imports is not None
            assert reading.table.imports.sum() == pytest.approx(7)
            assert reading.table.balance().balanced

    def test_models_that_need_an_inverse_need_a_square_make_table(self) -> None:
        tables = small(
            products=("a", "b", "c"),
            make=np.array([[90.0, 0, 5], [10, 100, 5]]),
            use=np.array([[12.0, 8], [10, 7], [3, 4]]),
            final_demand=pd.DataFrame({"FD": [80.0, 83, 3]}, index=["a", "b", "c"]),
            value_added=pd.DataFrame([[70.0, 96]], index=["VA"], columns=["1", "2"]),
        )
        refused = made_symmetric(tables, SPEC, model="product-technology")
        assert [f.code for f in refused.faults] == ["not-square"]
        reading = made_symmetric(tables, SPEC, model="industry-technology")
        assert reading.table is not None
        assert reading.table.balance().balanced

    def test_unknown_names(self) -> None:
        with pytest.raises(UnknownNameError, match="industry-technology"):
            made_symmetric(small(), SPEC, model="industry-tecnology")  # type: ignore[arg-type]
        with pytest.raises(UnknownNameError, match="aside"):
            made_symmetric(small(), SPEC, negatives="away")  # type: ignore[arg-type]


MAKE = "rownames,a,b,T008\n1,90,0,90\n2,10,100,110\nT007,100,100,200\n"
USE = "rownames,1,2,F010,T007\na,12,8,80,100\nb,10,7,83,100\nV001,68,95,0,0\n"


def bea(folder: Path, make: str = MAKE, use: str = USE) -> Path:
    (folder / "make_2017.csv").write_text(make, encoding="utf-8")
    (folder / "use_2017.csv").write_text(use, encoding="utf-8")
    return folder


class TestMakeAndUse:
    def test_a_folder_is_recognised_and_read(self, tmp_path: Path) -> None:
        folder = bea(tmp_path)
        assert recognise(folder) == "bea"
        reading = read_table(folder, SPEC)
        assert reading.table is not None
        assert reading.table.flows.tolist() == pytest.approx(np.array([[10.8, 7.2], [11.2, 7.8]]))
        assert "recorded output" in reading.table.balance().checked

    def test_faults_of_both_files_come_together(self, tmp_path: Path) -> None:
        folder = bea(tmp_path, MAKE.replace("2,10,", "2,,"), USE.replace("b,10,7", "b,ten,7"))
        faults = faults_of(read_bea, *make_and_use(folder))
        found = {(f.file, f.row, f.column, f.code, f.value) for f in faults}
        assert found == {
            ("make_2017.csv", 3, "a", "missing-cell", ""),
            ("use_2017.csv", 3, "1", "bad-number", "ten"),
        }

    def test_duplicate_and_missing_labels(self, tmp_path: Path) -> None:
        faults = faults_of(read_bea, *make_and_use(bea(tmp_path, MAKE + "1,1,1,2\n")))
        assert [(f.code, f.value) for f in faults] == [("duplicate-label", "1")]
        faults = faults_of(read_bea, *make_and_use(bea(tmp_path, use=USE.replace("b,10", "c,10"))))
        assert [(f.code, f.value) for f in faults] == [("missing-row", "b, c")]

    def test_an_industry_that_makes_nothing(self, tmp_path: Path) -> None:
        reading = read_table(bea(tmp_path, MAKE.replace("1,90,0,90", "1,0,0,0")), SPEC)
        assert ("zero-output", "1") in {(f.code, f.column) for f in reading.faults}

    def test_a_folder_without_a_use_table(self, tmp_path: Path) -> None:
        (tmp_path / "make.csv").write_text(MAKE, encoding="utf-8")
        with pytest.raises(InputError, match="use table"):
            recognise(tmp_path)
        with pytest.raises(InputError, match="no such file"):
            recognise(tmp_path / "nowhere.csv")


def mrio(**changes: Any) -> SimpleNamespace:
    at = pd.MultiIndex.from_product([["KAZ", "RUS"], ["mining", "metals"]])
    uses = pd.MultiIndex.from_product([["KAZ", "RUS"], ["households"]])
    rng = np.random.Generator(np.random.PCG64(3))
    parts = {
        "Z": pd.DataFrame(rng.integers(1, 9, (4, 4)).astype(float), index=at, columns=at),
        "Y": pd.DataFrame(rng.integers(5, 30, (4, 2)).astype(float), index=at, columns=uses),
        "x": None,
        "unit": pd.DataFrame({"unit": ["M.EUR"] * 4}, index=at),
    }
    return SimpleNamespace(**(parts | changes))


class TestPymrio:
    def test_one_country_keeps_the_books(self) -> None:
        whole = from_pymrio(mrio(), year=2015)
        assert whole.unit == "M.EUR"
        reading = cut_country(
            whole, TableSpec(name="t", country="KAZ", origin="domestic", source="x")
        )
        assert reading.table is not None
        assert reading.table.codes == ("mining", "metals")
        assert reading.table.balance().balanced
        assert reading.table.view("total").balance().balanced

    def test_faults(self) -> None:
        system = mrio()
        with pytest.raises(InputError, match="same order"):
            from_pymrio(mrio(Z=system.Z.iloc[:, ::-1]))
        bad = system.Z.copy()
        bad.iloc[0, 1], bad.iloc[2, 3] = -1.0, np.nan
        with pytest.raises(InputError) as refused:
            from_pymrio(mrio(Z=bad, x=system.Z.sum(axis=1) + system.Y.sum(axis=1)))
        assert {f.code for f in refused.value.faults} == {"negative-flow", "missing-cell"}
        with pytest.raises(UnknownNameError, match="factor_inputs"):
            from_pymrio(mrio(), value_added="factor_inputs")

    def test_the_test_system_of_pymrio(self) -> None:
        system = pymrio.load_test().calc_all()
        whole = from_pymrio(system, value_added="factor_inputs", year=2010)
        table = cut_country(whole, TableSpec(name="t", country="all", source="pymrio")).table
        assert table is not None
        A = table.flows / table.output
        np.testing.assert_allclose(A, system.A.to_numpy(), rtol=1e-12)
        assert table.balance().checked["row"] < 1e-9


SHEET = """1500 - Supply,NAMES,Farms,Mills,Total,Imports
Code,PRODUCTS,A,C,TOTAL,P7
CPA_A,crops,90,10,100,30
CPA_C,flour,0,100,100,20
TOT_CA,output,90,110,200,50
1611 - Use of domestic products,NAMES,Farms,Mills,Total,Households,Exports
Code,PRODUCTS,A,C,TOTAL,P3_S14,P6
CPA_A,crops,12,8,20,60,20
CPA_C,flour,10,7,17,80,3
DP6A,Use of imported products,9,11,20,30,0
P33,Taxes less subsidies on products,1,4,5,0,0
D1,wages,58,80,138,0,0
DP6A,Cif/fob adjustments,0,0,0,0,0
1612 - Use of imports,NAMES,Farms,Mills,Total,Households,Exports
Code,PRODUCTS,A,C,TOTAL,P3_S14,P6
CPA_A,crops,5,6,11,19,0
CPA_C,flour,4,5,9,11,0
"""


def sheet(folder: Path, text: str = SHEET) -> Path:
    path = folder / "supply_use.csv"
    path.write_text(text, encoding="utf-8")
    return path


class TestEurostatSupplyUse:
    def test_the_books_are_kept_by_product_and_by_industry(self, tmp_path: Path) -> None:
        tables = read_eurostat_supply_use(
            sheet(tmp_path, SHEET.replace("D1,wages", "B1G,value added"))
        )
        assert tables.make.tolist() == [[90, 0], [10, 100]]
        assert tables.use.tolist() == [[12, 8], [10, 7]]
        assert tables.imported_use is not None
        assert tables.imported_use.tolist() == [[5, 6], [4, 5]]
        assert tables.taxes is not None
        assert tables.taxes.tolist() == [1, 4]
        spec = TableSpec(name="t", year=2010, origin="domestic", source="made up")
        for model, names in (
            ("industry-technology", ("crops", "flour")),
            ("fixed-product-sales", ("Farms", "Mills")),
        ):
            table = made_symmetric(tables, spec, model=model).table  # type: ignore[arg-type]
            assert table is not None
            assert (table.codes, table.labels) == (("A", "C"), names)
            assert table.balance().balanced
            assert set(table.balance().checked) == {"row", "column", "recorded output"}
            assert table.view("total").balance().balanced

    def test_imported_uses_by_hand(self, tmp_path: Path) -> None:
        tables = read_eurostat_supply_use(sheet(tmp_path))
        by_product = made_symmetric(tables, SPEC, model="industry-technology").table
        by_industry = made_symmetric(tables, SPEC, model="fixed-product-sales").table
        assert by_product is not None
        assert by_product.imported_flows is not None
        assert by_industry is not None
        assert by_industry.imported_flows is not None
        # Farms spend 5 of 90 on imported crops and make only crops; mills 6 of 110, 10 for crops.
        assert by_product.imported_flows[0, 0] == pytest.approx(5 / 90 * 90 + 6 / 110 * 10)
        # Farms make 90 % of the crops, so 90 % of the imported crops count as theirs.
        assert by_industry.imported_flows[0, 1] == pytest.approx(0.9 * 6)
        assert by_product.taxes is not None
        assert by_product.taxes.tolist() == pytest.approx([1 + 4 / 11, 40 / 11])

    def test_all_uses_take_imports_as_a_negative_final_use(self, tmp_path: Path) -> None:
        path = sheet(tmp_path, SHEET.replace("1611 - Use of domestic", "1610 - Use of all"))
        table = read_table(path, SPEC, block="1610", format="eurostat").table
        assert table is not None
        assert table.origin == "total"
        assert table.imported_flows is None
        assert table.final_demand["IMPORTS"].sum() == -50

    def test_inputs_without_a_row_stay_outside_in_every_view(self, tmp_path: Path) -> None:
        """A product that is imported and made by no one: spending on it is in no flow."""
        text = SHEET.replace("TOT_CA,", "CPA_X,coffee,0,0,0,9\nTOT_CA,")
        text = text.replace("DP6A,Use", "CPA_X,coffee,0,0,0,0,0\nDP6A,Use")
        text += "CPA_X,coffee,2,3,5,4,0\n"
        tables = read_eurostat_supply_use(sheet(tmp_path, text))
        spec = TableSpec(name="t", origin="domestic", source="made up")
        table = made_symmetric(tables, spec, model="fixed-product-sales").table
        assert table is not None
        assert table.imports is not None
        assert table.imports.tolist() == pytest.approx([11, 14])
        total = table.view("total")
        assert total.imports is not None
        assert total.imports.tolist() == pytest.approx([2, 3])
        back = total.view("domestic")
        assert back.imports is not None
        assert back.imports.tolist() == pytest.approx([11, 14])

    def test_faults_name_the_cell(self, tmp_path: Path) -> None:
        text = SHEET.replace("CPA_C,flour,10,7", "CPA_C,flour,,seven").replace(
            "CPA_A,crops,90", "CPA_A,crops,many"
        )
        faults = faults_of(read_eurostat_supply_use, sheet(tmp_path, text))
        assert {(f.row, f.column, f.code, f.value) for f in faults} == {
            (3, "A", "bad-number", "many"),
            (9, "A", "missing-cell", ""),
            (9, "C", "bad-number", "seven"),
        }

    def test_a_product_only_one_table_has(self, tmp_path: Path) -> None:
        text = SHEET.replace("CPA_C,flour,4,5,9", "CPA_D,power,4,5,9")
        faults = faults_of(read_eurostat_supply_use, sheet(tmp_path, text))
        assert [(f.code, f.value) for f in faults] == [("missing-row", "CPA_C, CPA_D")]

    @pytest.mark.parametrize("block", ["1500", "1600", "1612", "1800"])
    def test_a_block_that_is_no_use_table(self, tmp_path: Path, block: str) -> None:
        (fault,) = faults_of(read_eurostat_supply_use, sheet(tmp_path), block=block)
        assert (fault.code, fault.value) == ("unknown-block", block)
        assert "1611 (domestic uses)" in fault.remedy


@cache
def croatia(block: str) -> TableReading:
    return read_table(shared_file("croatia-io-2010/Croatia_2010.xlsx"), SPEC, block=block)


@pytest.mark.shared_data
class TestRealTables:
    """Balances as the reference data states them."""

    def test_croatia_from_the_spreadsheet(self) -> None:
        reading = croatia("1800")
        table = reading.table
        assert table is not None
        assert reading.faults == ()
        assert (len(table.codes), table.origin) == (65, "domestic")
        checked = table.balance().checked
        # Z + final use = total use, and Z + value added + taxes + imports = output, to 2e-8
        assert checked["TU"] < 2e-8
        assert checked["TFINU"] < 2e-8
        assert checked["column"] < 2e-8
        assert table.inactive == ("U",)
        assert any("industry U" in note for note in reading.notes)
        assert table.imported_flows is not None
        # Imported inputs (row DP6A) are what table 1900 adds up to.
        raw = pd.read_csv(
            shared_file("croatia-io-2010/croatia_2010_1800_full.csv"), index_col=0
        ).loc["DP6A", list(table.codes)]
        sums = table.imported_flows.sum(axis=0)
        assert np.abs(sums - raw.to_numpy(dtype=float)).max() < 1e-6 * sums.max()
        assert table.faults() == ()

    def test_the_csv_is_the_spreadsheet_rounded(self) -> None:
        path = shared_file("croatia-io-2010/croatia_2010_1800_full.csv")
        assert recognise(path) == "eurostat"
        rounded, full = read_eurostat(path, SPEC).table, croatia("1800").table
        assert rounded is not None
        assert full is not None
        assert sorted(rounded.codes) == sorted(full.codes)
        at = [full.codes.index(code) for code in rounded.codes]
        assert np.abs(rounded.flows - full.flows[np.ix_(at, at)]).max() < 0.001
        assert rounded.inactive == ("U",)

    def test_the_total_table_of_croatia(self) -> None:
        table = croatia("1700").table
        domestic = croatia("1800").table
        assert table is not None
        assert domestic is not None
        assert table.origin == "total"
        assert max(table.balance().checked.values()) < 3e-8
        np.testing.assert_allclose(table.flows, domestic.flows_of("total"), rtol=0, atol=1.0)

    @pytest.mark.parametrize(
        ("block", "symmetric", "rows"), [("1611", "1800", 4.4e-7), ("1610", "1700", 2e-11)]
    )
    def test_supply_and_use_of_croatia_give_the_published_table(
        self, block: str, symmetric: str, rows: float
    ) -> None:
        """The Croatian Bureau of Statistics used industry technology: its own table comes out."""
        path = shared_file("croatia-io-2010/Croatia_2010.xlsx")
        reading = read_table(path, SPEC, block=block, model="industry-technology")
        table, published = reading.table, croatia(symmetric).table
        assert reading.faults == ()
        assert table is not None
        assert published is not None
        assert (table.codes, table.origin) == (published.codes, published.origin)
        largest = published.flows.max()
        assert np.abs(table.flows - published.flows).max() < 1e-13 * largest
        for row in ("D1", "D29_M_D39", "B2G_B3G"):
            gap = np.abs(table.value_added.loc[row] - published.value_added.loc[row])
            assert gap.max() < 1e-13 * largest
        assert table.taxes is not None
        assert published.taxes is not None
        assert np.abs(table.taxes - published.taxes).max() < 1e-13 * largest
        # Supply and use of domestic electronics differ by 21 thousand HRK in the file itself.
        checked = table.balance().checked
        assert checked["row"] == pytest.approx(rows, rel=0.01, abs=2e-11)
        assert checked["column"] < 3e-8
        assert checked["recorded output"] < 1e-10
        assert table.inactive == ("U",)
        if block == "1611":
            assert table.imported_flows is not None
            assert published.imported_flows is not None
            gap = np.abs(table.imported_flows - published.imported_flows)
            assert gap.max() < 1e-13 * largest

    @pytest.mark.parametrize("block", ["1611", "1610"])
    def test_models_on_supply_and_use_of_croatia(self, block: str) -> None:
        path = shared_file("croatia-io-2010/Croatia_2010.xlsx")
        reading = read_table(path, SPEC, block=block, model="fixed-product-sales")
        table = reading.table
        assert table is not None
        assert table.labels[0].startswith("Crop and animal production")
        assert max(table.balance().checked.values()) < 2.2e-7
        assert table.balance().spectral_radius < 1
        assert table.faults() == ()
        tables = read_eurostat_supply_use(path, block=block)
        for model in ("product-technology", "fixed-industry-sales"):
            refused = made_symmetric(tables, SPEC, model=model)  # type: ignore[arg-type]
            assert {f.code for f in refused.faults} == {"negative-flow"}

    def test_a_block_must_be_named(self) -> None:
        path = shared_file("croatia-io-2010/Croatia_2010.xlsx")
        for block in ("", "2000", "1600"):
            (fault,) = read_table(path, SPEC, block=block).faults
            assert fault.code == "unknown-block"
            assert "1800" in fault.remedy

    @pytest.mark.parametrize("country", ["RUS", "all"])
    def test_oecd_rows_equal_columns(self, country: str) -> None:
        path = shared_file("oecd-icio-g20-2019/icio_oecd2023_2019_isic_g20.npz")
        assert recognise(path) == "oecd"
        spec = TableSpec(name="t", country=country, source="OECD")
        table = read_table(path, spec).table
        assert table is not None
        assert len(table.codes) == (400 if country == "all" else 20)
        assert max(table.balance().checked.values()) < 7e-9
        assert table.balance().balanced
        if country == "RUS":
            assert table.view("domestic").balance().balanced

    def test_wiod(self) -> None:
        path = shared_file("wiod-2011/wiod11.npz")
        assert recognise(path) == "wiod"
        spec = TableSpec(name="t", country="all", source="WIOD")
        table = read_table(path, spec).table
        assert table is not None
        assert len(table.codes) == 1435
        report = table.balance()
        # Whole million USD: what 1,640 rounded cells leave open; no value added in the file.
        assert report.checked["row"] * table.output.max() == pytest.approx(108.0)
        assert report.balanced
        assert len(report.inactive) == 22
        assert "column" in report.not_checked
        assert report.spectral_radius < 1
        russia = read_table(path, TableSpec(name="t", country="RUS", origin="domestic")).table
        assert russia is not None
        assert russia.labels[11] == "Basic metals and fabricated metal"
        assert russia.balance().balanced

    def test_a_wiod_file_that_is_not(self, tmp_path: Path) -> None:
        np.savez(tmp_path / "w.npz", Z=np.zeros((2, 2)))
        (fault,) = faults_of(read_wiod_npz, tmp_path / "w.npz")
        assert "F, X, countries, industries" in fault.problem

    @pytest.mark.parametrize(
        ("model", "n"), [("industry-technology", 400), ("fixed-product-sales", 402)]
    )
    def test_the_usa(self, model: Model, n: int) -> None:
        folder = shared_file("us-bea-detail-2017")
        refused = read_table(folder, SPEC, model=model)
        assert len([f for f in refused.faults if f.code == "negative-flow"]) == 8
        reading = read_table(folder, SPEC, model=model, negatives="aside")
        table = reading.table
        assert table is not None
        assert len(table.codes) == n
        report = table.balance()
        # Rows miss by at most 26 and columns by 13 million USD before; whole millions.
        assert report.checked["row"] * table.output.max() < 30
        assert report.checked["column"] * table.output.max() < 20
        assert report.balanced
        assert report.spectral_radius < 1
        assert table.faults() == ()

    def test_a_country_must_be_named(self) -> None:
        path = shared_file("oecd-icio-g20-2019/icio_oecd2023_2019_isic_g20.npz")
        (fault,) = read_table(path, TableSpec(name="t")).faults
        assert fault.code == "missing-country"
