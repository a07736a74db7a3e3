"""What a number is called and what it rests on: origin, households, trade, assumptions, agreement."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from io_tables import shared_file

from klaster.cases import case_path
from klaster.graph.errors import InputError
from klaster.graph.io_table import IOTable
from klaster.loaders.io.oecd import read_oecd_npz
from klaster.table_analysis import analyze_table, read_iotable
from klaster.viz.charts.table_charts import quadrants
from klaster.viz.texts.page_texts import Texts
from klaster.viz.texts.store import load

CODES = ("a", "b")
DOMESTIC, IMPORTED = np.array([[100.0, 200], [150, 100]]), np.array([[20.0, 50], [30, 10]])
OUTPUT = np.array([1000.0, 1200])
SPENT, SPENT_ABROAD = np.array([300.0, 400]), np.array([100.0, 50])
EXPORTED = OUTPUT - DOMESTIC.sum(axis=1) - SPENT
EARNED = np.array([300.0, 350])
LEFT = OUTPUT - DOMESTIC.sum(axis=0) - IMPORTED.sum(axis=0) - EARNED


def economy(flows: np.ndarray, final: dict[str, np.ndarray], **more: object) -> IOTable:
    """One made-up economy, in the view that is asked for."""
    table = IOTable(
        "t", CODES, CODES, flows, OUTPUT, 2020, "KZT", "million KZT", "synthetic", "made up",
        final_demand=pd.DataFrame(final, index=list(CODES)),
        value_added=pd.DataFrame([EARNED, LEFT], index=["D1", "B2"], columns=list(CODES)),
    )  # fmt: skip
    return replace(table, **more)  # type: ignore[arg-type]


def domestic() -> IOTable:
    final = {"HFCE": SPENT, "EXPORTS": EXPORTED}
    return economy(DOMESTIC, final, origin="domestic", imported_flows=IMPORTED)


def total() -> IOTable:
    final = {
        "HFCE": SPENT + SPENT_ABROAD,
        "EXPORTS": EXPORTED,
        "IMPORTS": -(IMPORTED.sum(axis=1) + SPENT_ABROAD),
    }
    return economy(DOMESTIC + IMPORTED, final, origin="total")


def imported(**changes: object) -> IOTable:
    table = economy(IMPORTED, {"HFCE": SPENT_ABROAD}, name="m", origin="imported")
    return replace(table, **changes)  # type: ignore[arg-type]


class TestHouseholdsBuyAtHome:
    def test_one_economy_has_one_type_ii_whatever_table_tells_it(self) -> None:
        """The definition, by plain NumPy: Ā of domestic flows and domestic spending."""
        assert domestic().balance().balanced
        assert total().balance().balanced
        closed = np.zeros((3, 3))
        closed[:2, :2] = DOMESTIC / OUTPUT
        closed[:2, 2] = SPENT / EARNED.sum()
        closed[2, :2] = EARNED / OUTPUT
        wanted = np.linalg.inv(np.eye(3) - closed)[:2, :2].sum(axis=0)
        beside = total().with_imported(imported())
        for table in (domestic(), beside, beside.view("domestic")):
            found = analyze_table(table).multipliers["output"]
            np.testing.assert_allclose(found["type II"], wanted)

    def test_spending_that_holds_imports_makes_no_type_ii(self) -> None:
        flows_only = imported(final_demand=pd.DataFrame(index=list(CODES)))
        named_domestic = replace(total(), flows=DOMESTIC, origin="domestic")
        for table in (total().with_imported(flows_only), named_domestic):
            found = analyze_table(table)
            assert "type II" not in found.multipliers["output"]
            assert found.households == ""
            assert any("(HFCE) holds imports" in note for note in found.notes)

    def test_spending_abroad_only_is_none_at_home_whatever_the_rounding(self) -> None:
        """0.1 + 0.2 − 0.3 is not zero in floating point, and no negative spending either."""
        bought, abroad = np.array([300.0, 0.3]), np.array([100.0, 0.1 + 0.2])
        assert bought[1] - abroad[1] < 0
        table = economy(DOMESTIC + IMPORTED, {"HFCE": bought}).with_imported(
            imported(final_demand=pd.DataFrame({"HFCE": abroad}, index=list(CODES)))
        )
        assert "type II" in analyze_table(table).multipliers["output"]
        much = imported(final_demand=pd.DataFrame({"HFCE": abroad + 1}, index=list(CODES)))
        found = analyze_table(economy(DOMESTIC + IMPORTED, {"HFCE": bought}).with_imported(much))
        assert any("spending or income is negative" in note for note in found.notes)

    def test_views_keep_the_books_and_come_back(self) -> None:
        table = total().with_imported(imported())
        at_home = table.view("domestic")
        assert at_home.balance().balanced
        assert at_home.final_demand["HFCE"].tolist() == SPENT.tolist()
        back = at_home.view("total")
        assert back.balance().balanced
        assert list(back.final_demand.columns) == ["HFCE", "EXPORTS", "IMPORTS"]
        assert back.final_demand["HFCE"].tolist() == (SPENT + SPENT_ABROAD).tolist()
        small = table.aggregate({"a": "x", "b": "x"}).view("domestic")
        assert small.final_demand["HFCE"].tolist() == [SPENT.sum()]
        assert table.digest() != replace(table, imported_final=None).digest()

    @pytest.mark.shared_data
    def test_the_three_tables_of_croatia_agree(self) -> None:
        """Tables 1700 (total) and 1800 (domestic) with 1900 (imported) are one economy."""
        folder = shared_file("croatia-io-2010/croatia_2010_1700_full.csv").parent
        beside = folder / "croatia_2010_1900_full.csv"
        found = [
            analyze_table(
                read_iotable(folder / f"croatia_2010_{n}_full.csv", year=2010, imported=beside),
                parts=["multipliers"],
            )
            for n in (1700, 1800)
        ]
        for quantity, forms in found[0].multipliers.items():
            assert "type II" in forms
            np.testing.assert_allclose(forms, found[1].multipliers[quantity], atol=1e-7)
        np.testing.assert_allclose(
            found[0].industries["upstreamness"], found[1].industries["upstreamness"], atol=1e-5
        )


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"year": 2019}, "year"),
        ({"unit": "thousand KZT"}, "unit"),
        ({"currency": "USD"}, "currency"),
        ({"price_basis": "purchasers"}, "price_basis"),
        ({"origin": "domestic"}, "origin"),
    ],
)
def test_imported_flows_of_another_kind_are_refused(
    changes: dict[str, object], column: str
) -> None:
    with pytest.raises(InputError) as refused:
        total().with_imported(imported(**changes))
    (fault,) = refused.value.faults
    assert (fault.column, fault.code) == (column, "unlike-tables")
    for name in ("table t", "table m"):
        assert name in fault.problem
    with pytest.raises(InputError, match="imported flows and is to stand beside table m"):
        imported().with_imported(imported())
    # What a table does not say is no difference.
    assert total().with_imported(imported(unit="", currency="")).imported_flows is not None


def npz(folder: Path, about: dict[str, object]) -> Path:
    """Two countries with two industries each, as the OECD's tables are kept."""
    flows = np.array([[5.0, 8, 1, 1], [9, 4, 1, 2], [1, 1, 6, 7], [2, 1, 8, 5]])
    final = np.array([[30.0, 5], [40, 6], [3, 30], [2, 50]])
    x = (flows.sum(axis=1) + final.sum(axis=1)) - flows.sum(axis=0)
    primary = np.array([0.1 * x, 0.6 * x, 0.3 * x])
    data = np.block([[flows, final], [primary, np.zeros((3, 2))]])
    path = folder / "icio.npz"
    np.savez(
        path,
        data=data,
        country_codes=np.array(["KAZ", "RUS"]),
        sector_codes=np.array(["A", "B"]),
        fd_codes=np.array(["HFCE"]),
        metadata_json=np.array(json.dumps(about)),
    )
    return path


class TestAssumptionsAreNotFindings:
    def test_an_assumed_split_of_value_added_makes_no_income(self, tmp_path: Path) -> None:
        path = npz(tmp_path, {"year": 2019, "value_added_split": "2/3 labour, 1/3 capital"})
        source = read_iotable(path, country="KAZ")
        assert list(source.table.value_added.index) == ["VALU"]
        found = analyze_table(source)
        assert list(found.multipliers) == ["output", "value added"]
        assert any("by assumption (2/3 labour, 1/3 capital)" in note for note in found.notes)
        all_of_them = read_iotable(path, country="all")
        assert list(all_of_them.table.value_added.index) == ["VALU"]
        assert all_of_them.notes == source.notes
        counted = read_oecd_npz(npz(tmp_path, {"year": 2019}))
        assert counted is not None
        assert list(counted.value_added.index) == ["LABOUR", "CAPITAL"]

    def test_output_that_is_the_sum_of_its_row_proves_no_row(self, tmp_path: Path) -> None:
        balance = read_iotable(npz(tmp_path, {"year": 2019}), country="KAZ").table.balance()
        assert balance.not_checked["row"] == "output was computed as the sum of the row"
        assert set(balance.checked) == {"column"}

    def test_every_reason_is_said_in_every_language(self) -> None:
        found = analyze_table(read_iotable(case_path("kazakhstan")))
        reasons = {*found.balance.not_checked.values(), "output was computed as the sum of the row"}
        for lang in ("en", "ru", "kk"):
            assert {f"why_{why}" for why in reasons} <= set(load(lang)["io"])


class TestTheKazakhstanTable:
    """Final uses of its sections were computed as what output leaves; electricity is oversold."""

    def test_what_holds_by_definition_is_not_called_checked(self) -> None:
        balance = read_iotable(case_path("kazakhstan")).table.balance()
        assert "row" not in balance.checked
        assert balance.not_checked["row"].startswith("final uses were computed")

    def test_who_sells_more_than_it_makes_is_named_beside_the_key_sectors(
        self, tmp_path: Path
    ) -> None:
        found = analyze_table(read_iotable(case_path("kazakhstan")))
        assert found.balance.oversold == pytest.approx({"D": 1.2755}, abs=5e-5)
        assert found.balance.negative_demand == pytest.approx({"D": -550282})
        assert any("127.5% of output, -550,282 left" in note for note in found.notes)
        written = found.write(tmp_path / "kz")
        page = written["io.html"].read_text(encoding="utf-8")
        linkages = page[page.index('id="linkages"') : page.index('id="multipliers"')]
        assert "sell more to industries than they make" in linkages
        assert "Продают отраслям больше, чем выпускают" in linkages
        assert load("en")["io"]["oversold_mark"] in page[: page.index('id="balance"')]
        rows = pd.read_csv(written["balance.csv"])
        (off,) = rows[rows["result"] == "more than output"].to_dict("records")
        assert off["industry"] == "D"
        assert off["residual"] == pytest.approx(-550282)

    def test_value_added_that_cannot_leak_is_called_so(self, tmp_path: Path) -> None:
        found = analyze_table(read_iotable(case_path("kazakhstan")))
        assert found.multipliers["value added"]["type I"].to_numpy() == pytest.approx(1)
        assert any(note.startswith("value-added multipliers are 1") for note in found.notes)
        page = found.write(tmp_path / "kz")["io.html"].read_text(encoding="utf-8")
        assert load("kk")["io"]["value_added_is_one"] in page
        leaking = analyze_table(domestic())
        assert not any(note.startswith("value-added multipliers") for note in leaking.notes)

    def test_a_method_left_out_names_the_industry_not_its_key(self, tmp_path: Path) -> None:
        found = analyze_table(read_iotable(case_path("kazakhstan")))
        assert found.identification is not None
        why = found.identification.skipped["minimal flow analysis"]
        assert "-550282 for D Electricity" in why
        page = found.write(tmp_path / "kz")["io.html"].read_text(encoding="utf-8")
        assert "kz_sections_2019:KAZ:D" not in page
        assert "у отрасли «Снабжение электроэнергией" in page

    def test_pairs_of_methods_that_cannot_be_compared_have_a_dash(self, tmp_path: Path) -> None:
        """Direct links and Czamanski–Ablas put all nine sections into one cluster."""
        found = analyze_table(read_iotable(case_path("kazakhstan")))
        assert found.identification is not None
        agreement = found.identification.agreement
        assert agreement.pairs == (1, 6)
        assert agreement.mean == agreement.adjusted_rand.loc[
            "Feser–Bergman", "principal components"
        ]  # fmt: skip
        written = found.write(tmp_path / "kz")
        page = written["io.html"].read_text(encoding="utf-8")
        assert "1 of 6 pairs of methods can be compared" in page
        assert page.count('"quiet"><span lang="en" data-l="en">all in one cluster') == 12
        assert pd.read_csv(written["shared.csv"], index_col=0).loc["direct links"].tolist() == [
            9, 9, 9, 9,
        ]  # fmt: skip


class TestOriginIsToldOrRefused:
    FOUR = "code,A,B,Final demand,Output\nA,10,60,30,100\nB,50,10,40,100\n"
    # Columns close with the row of imports: 150 + 200 + 50 + 600, 500 + 100 + 400 + 1000.
    CLOSED = (
        "code,A,B,Final demand,Output\nA,150,500,350,1000\nB,200,100,1700,2000\n"
        "Imports,50,400,,\nVA,600,1000,,\n"
    )

    def test_a_country_of_a_plain_table_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "four.csv"
        path.write_text(self.FOUR, encoding="utf-8")
        with pytest.raises(InputError, match=r"inter-country table \(oecd, wiod\)") as refused:
            read_iotable(path, year=2010, country="KAZ")
        (fault,) = refused.value.faults
        assert (fault.code, fault.value) == ("no-countries", "KAZ")
        assert "--origin domestic" in fault.remedy
        assert read_iotable(path, year=2010).table.origin == "total"

    @pytest.mark.shared_data
    def test_a_country_of_make_and_use_tables_is_refused(self) -> None:
        folder = shared_file("us-bea-detail-2017/Detail_Make_2017_AfterRedef_17sch.csv.gz").parent
        with pytest.raises(InputError, match="read as bea"):
            read_iotable(folder, year=2017, country="USA")

    def test_a_row_of_imports_that_closes_the_columns_makes_flows_domestic(
        self, tmp_path: Path
    ) -> None:
        path = tmp_path / "t.csv"
        path.write_text(self.CLOSED, encoding="utf-8")
        source = read_iotable(path, year=2010)
        assert source.table.origin == "domestic"
        assert source.table.balance().balanced
        found = analyze_table(source)
        assert any("taken as domestic" in note for note in found.notes)
        assert not any("abroad" in note for note in found.notes)
        # Said otherwise it stays so, but nothing is claimed of suppliers abroad.
        said = analyze_table(read_iotable(path, year=2010, origin="total"))
        assert said.table.origin == "total"
        assert any("they look domestic" in note for note in said.notes)
        assert not any("abroad" in note for note in said.notes)

    def test_imports_that_close_nothing_leave_the_origin(self, tmp_path: Path) -> None:
        path = tmp_path / "t.csv"
        path.write_text(self.CLOSED.replace("50,400", "60,400"), encoding="utf-8")
        found = analyze_table(read_iotable(path, year=2010))
        assert found.table.origin == "total"
        assert any("suppliers abroad" in note for note in found.notes)

    def test_imports_among_final_uses_leave_the_origin(self) -> None:
        """As in make and use tables, where a row of imports is what no industry makes."""
        table = replace(total(), imports=np.array([10.0, 20]))
        table = replace(
            table, value_added=pd.DataFrame([LEFT - [10, 20], EARNED], columns=list(CODES))
        )
        assert "column" in table.balance().checked
        assert any("suppliers abroad" in note for note in analyze_table(table).notes)


class TestUpstreamness:
    def test_exports_and_imports_count_where_they_are_known(self) -> None:
        """Antràs et al. 2012: U = (I − Δ)⁻¹ 1, Δ_ij = z_ij / (x_i − e_i + m_i)."""
        flows = DOMESTIC + IMPORTED
        m = IMPORTED.sum(axis=1) + SPENT_ABROAD
        delta = flows / (OUTPUT - EXPORTED + m)[:, None]
        wanted = np.linalg.solve(np.eye(2) - delta, np.ones(2))
        both = replace(
            domestic(), imported_final=pd.DataFrame({"HFCE": SPENT_ABROAD}, index=list(CODES))
        )
        for table in (both, total()):
            found = analyze_table(table)
            np.testing.assert_allclose(found.industries["upstreamness"], wanted)
            assert found.settings["upstreamness"] == "open economy"
            assert any("upstreamness is that of the open economy" in n for n in found.notes)
        closed = np.linalg.solve(np.eye(2) - DOMESTIC / OUTPUT[:, None], np.ones(2))
        found = analyze_table(both)
        np.testing.assert_allclose(found.industries["upstreamness_closed"], closed)

    @pytest.mark.parametrize(
        ("table", "why"),
        [
            (domestic(), "imports by product are not known"),
            (replace(total(), origin="domestic"), "imported flows are not known"),
            (
                economy(DOMESTIC + IMPORTED, {"HFCE": SPENT, "IMPORTS": -SPENT}),
                "exports by product",
            ),
            (economy(DOMESTIC, {"EXPORTS": -SPENT, "IMPORTS": -SPENT}), "are negative"),
            (economy(DOMESTIC, {"EXPORTS": OUTPUT, "IMPORTS": -SPENT / 10}), "less exports"),
        ],
    )
    def test_else_the_figure_is_named_as_of_a_closed_economy(
        self, table: IOTable, why: str
    ) -> None:
        found = analyze_table(table, parts=["linkages"])
        (note,) = [note for note in found.notes if note.startswith("upstreamness")]
        assert "closed economy" in note
        assert why in note
        assert found.settings["upstreamness"] == "closed economy"
        measures = found.industries
        assert measures["upstreamness"].tolist() == measures["upstreamness_closed"].tolist()


def test_members_name_the_cluster_that_clusters_has(tmp_path: Path) -> None:
    """Components stand by their sum of squares, clusters by size: joined by number they differ."""
    rng = np.random.default_rng(3)
    Z = rng.random((14, 14)) ** 3
    codes = tuple(f"s{k}" for k in range(14))
    table = IOTable("r", codes, codes, Z, Z.sum(axis=1) + 5, 2020, "", "", "synthetic", "made up")
    found = analyze_table(table).write(tmp_path / "r")
    members, clusters = (pd.read_csv(found[f"{n}.csv"]) for n in ("members", "clusters"))
    highest = members[members["highest"]]
    for method, rows in highest.groupby("method"):
        of = dict(zip(rows["variable"].str.rpartition(":")[2], rows["cluster"], strict=True))
        assert of == dict(zip(clusters["code"], clusters[str(method)], strict=True))
    # All loadings on one component are of one cluster.
    assert (members.groupby(["method", "component"])["cluster"].nunique() == 1).all()
    assert (highest["component"] != highest["cluster"]).any()


class TestThePage:
    def test_it_says_of_which_flows_a_number_is(self, tmp_path: Path) -> None:
        found = analyze_table(total().with_imported(imported()))
        page = found.write(tmp_path / "t")["io.html"].read_text(encoding="utf-8")
        as_read, used = (t.spectral_radius() for t in (found.source.table, found.table))
        said = re.search(r"Spectral radius[^<]*", page)
        assert said is not None
        assert f"{as_read:.4f} of the table as read (domestic and imported together)" in said[0]
        assert f"{used:.4f} of the flows the results are of (domestic)" in said[0]

    def test_a_wide_table_of_multipliers_has_room(self, tmp_path: Path) -> None:
        page = analyze_table(domestic()).write(tmp_path / "t")["io.html"]
        assert 'class="scroll spread"' in page.read_text(encoding="utf-8")

    def test_the_highest_point_of_the_linkages_has_its_name(self) -> None:
        t = Texts(["en", "ru", "kk"], "io")
        charts = quadrants(
            np.array([1.1, 0.9, 1.0]), np.array([1.8, 0.7, 0.5]), ["key", "weak", "weak"],
            np.array([5.0, 9, 3]), list("ABC"), ["Power", "Farming", "Trade"], t,
        )  # fmt: skip
        assert ">A Power</text>" in str(charts)
