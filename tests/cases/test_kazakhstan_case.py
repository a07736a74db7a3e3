"""The Kazakhstan case as data: its books, its evidence, its scripts."""

from __future__ import annotations

import csv
import importlib.util
import json
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from klaster.cases import case_names, case_path
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import UnknownNameError
from klaster.graph.model import ClusterGraph

CASE = case_path()
SHARED = Path(__file__).parents[2].parent / "shared" / "data"
REGIONS_16 = [
    "AKM",
    "AKT",
    "ALA",
    "ALM",
    "AST",
    "ATY",
    "KRG",
    "KST",
    "KZL",
    "MNG",
    "PVL",
    "SKO",
    "VKO",
    "YKO",
    "ZHM",
    "ZKO",
]
AHMP_GROUPS = [
    "ahmp_group_1_railway_metal",
    "ahmp_group_2_research_design",
    "ahmp_group_3_engineering",
    "ahmp_group_4_material_suppliers",
    "ahmp_group_5_component_suppliers",
    "ahmp_group_6_consumers",
    "ahmp_group_7_education",
    "ahmp_group_8_authorities",
    "ahmp_group_9_others",
]
NUMBERS = {"year": int, "year_to": int, "value": float, "valid_from": int, "valid_to": int}

Row = dict[str, str]

needs_shared_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the source files are not beside this repository"
)


def table(name: str, folder: Path = CASE) -> list[Row]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, CASE / "scripts" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def run(name: str, *arguments: str | Path) -> str:
    command = [sys.executable, CASE / "scripts" / f"{name}.py", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def typed(row: Row) -> dict[str, object]:
    held: dict[str, object] = {k: NUMBERS[k](v) if k in NUMBERS else v for k, v in row.items() if v}
    if "aliases" in held:
        held["aliases"] = row["aliases"].split("; ")
    return held


@pytest.fixture(scope="module")
def actors() -> list[Row]:
    return table("actors.csv")


@pytest.fixture(scope="module")
def ties() -> list[Row]:
    return table("ties.csv")


@pytest.fixture(scope="module")
def graph(actors: list[Row], ties: list[Row]) -> ClusterGraph:
    nodes = [{**typed(row), "kind": "Actor"} for row in actors]
    nodes += [
        {**typed(r), "kind": "Region", "id": f"region:{r['code']}"} for r in table("regions.csv")
    ]
    nodes += [{**typed(row), "kind": "Product"} for row in table("products.csv")]
    keyed = [
        {**typed(t), "tie_id": f"{t['source_id']}>{t['tie_type']}>{t['target_id']}"} for t in ties
    ]
    return ClusterGraph.build(nodes, keyed)


@pytest.fixture(scope="module")
def value() -> dict[tuple[str, int, str], float]:
    rows = table("indicators.csv")
    values = {(r["indicator"], int(r["year"]), r["region"]): float(r["value"]) for r in rows}
    assert len(values) == len(rows)  # no cell twice
    return values


class TestCasePath:
    def test_names_the_folder_of_the_case(self) -> None:
        assert "kazakhstan" in case_names()
        assert (case_path("kazakhstan") / "case.toml").is_file()

    @pytest.mark.parametrize("name", ["", ".", "..", "kazakhstan/..", "Kazakhstan", "scripts"])
    def test_refuses_another_name(self, name: str) -> None:
        with pytest.raises(UnknownNameError, match="kazakhstan"):
            case_path(name)


class TestCaseFile:
    def test_every_file_it_names_is_there(self) -> None:
        case = tomllib.loads((CASE / "case.toml").read_text(encoding="utf-8"))
        for settings in case["inputs"].values():
            assert (CASE / settings["file"]).is_file()
        assert (CASE / case["inputs"]["table"]["labels"]).is_file()

    def test_networks_are_those_of_the_rows(self, actors: list[Row], ties: list[Row]) -> None:
        case = tomllib.loads((CASE / "case.toml").read_text(encoding="utf-8"))
        declared = {network["id"] for network in case["networks"]}
        assert {row["network"] for row in [*actors, *ties]} == declared | {""}

    def test_the_table_says_that_it_is_estimated(self) -> None:
        case = tomllib.loads((CASE / "case.toml").read_text(encoding="utf-8"))
        settings = case["inputs"]["table"]
        assert settings["evidence"] == "estimated"
        assert settings["source"].startswith("estimated")


class TestGraph:
    def test_it_is_a_valid_cluster_graph(self, graph: ClusterGraph) -> None:
        # 196 compiled actors + 9 AHMP classes + 36 regions + 9 products; 247 + 33 ties.
        assert len(graph) == 205 + 36 + 9
        assert len(graph.ties) == 280

    def test_active_ties_leave_out_what_does_not_hold(self, graph: ClusterGraph) -> None:
        assert len(graph.active().ties) == 136 + 97

    def test_the_former_owner_of_the_steelworks_is_not_active(self, graph: ClusterGraph) -> None:
        def owners(part: ClusterGraph) -> set[str]:
            rows = part.ties.query("tie_type == 'OWNS' and target_id == 'qarmet'")
            return set(rows["source_id"])

        assert owners(graph) == {"arcelormittal", "qic", "qsg"}
        assert owners(graph.active()) == {"qsg"}

    @pytest.mark.parametrize(
        ("spelling", "actor"),
        [
            ("«Қарметкомбинат»", "qarmet"),
            ("Кармет", "qarmet"),
            ("QARMET", "qarmet"),
            ("ArcelorMittal Temirtau", "qarmet"),
            ("Қазмырыш", "kazzinc"),
            ("АЗТМ", "aztm"),
        ],
    )
    def test_an_actor_goes_by_its_spellings(
        self, actors: list[Row], spelling: str, actor: str
    ) -> None:
        known = {
            row["id"]
            for row in actors
            if spelling
            in [row["name"], row["name_ru"], row["name_kk"], *row["aliases"].split("; ")]
        }
        assert known == {actor}


class TestTies:
    def test_every_tie_says_where_it_is_from(self, ties: list[Row]) -> None:
        assert all(row["source"] and row["locator"] and row["confidence"] for row in ties)

    def test_every_source_is_listed_and_counted(self, actors: list[Row], ties: list[Row]) -> None:
        rows = [*actors, *ties, *table("regions.csv"), *table("products.csv")]
        named = Counter(s for row in rows for s in row["source"].split("; ") if s)
        assert named == {row["source"]: int(row["uses"]) for row in table("sources.csv")}

    def test_evidence_is_paper_only_where_all_sources_are_papers(
        self, actors: list[Row], ties: list[Row]
    ) -> None:
        papers = {row["source"] for row in table("sources.csv") if row["kind"] == "paper"}
        for row in [*actors, *ties]:
            only_papers = set(row["source"].split("; ")) <= papers
            assert row["evidence"] == ("paper" if only_papers else "reported")
            assert all(s.startswith("http") for s in row["source"].split("; ") if s not in papers)

    def test_what_comes_after_the_reference_year_is_planned(self, ties: list[Row]) -> None:
        late = [row for row in ties if row["year"] and int(row["year"]) > 2025]
        assert [row["status"] for row in late] == ["planned", "planned"]

    def test_statuses_that_are_not_literally_the_term_keep_their_words(
        self, ties: list[Row]
    ) -> None:
        noted = Counter((row["status"], row["status_note"]) for row in ties if row["status_note"])
        assert noted == {
            ("as_published", "agreed at the 2014 split"): 1,
            ("current", "contract signed"): 2,
            ("ended", "bankrupt"): 2,
            ("planned", "agreement in preparation"): 1,
            ("planned", "expected"): 1,
            ("planned", "potential"): 1,
            ("planned", "under construction"): 1,
            ("proposed", "identified by model"): 1,
            ("proposed", "recommended"): 1,
            ("unverified", "outcome not verified"): 3,
        }

    def test_numbers_keep_their_units(self, ties: list[Row]) -> None:
        # 33 numbers in mixed units: shares, money of several currencies, tonnes
        assert sum(bool(row["value"]) for row in ties) == 33
        assert all(bool(row["value"]) == bool(row["unit"]) for row in ties)

    def test_the_300_suppliers_of_karaganda_stay_a_number(self, ties: list[Row]) -> None:
        (row,) = [row for row in ties if "suppliers" in row["unit"]]
        assert (row["source_id"], row["value"]) == ("cl_karaganda_met", "300")
        assert row["status"] == "proposed"


class TestAhmp:
    def test_classes_are_groups_and_no_firm_is_invented(self, actors: list[Row]) -> None:
        groups = [row for row in actors if row["actor_type"] == "Group"]
        assert [row["id"] for row in groups] == AHMP_GROUPS
        assert {row["evidence"] for row in groups} == {"paper"}
        assert {row["source"] for row in groups} == {"Yespayev 2014"}

    def test_directions_follow_the_names_of_the_classes(self, ties: list[Row]) -> None:
        around = {
            (row["source_id"], row["tie_type"], row["target_id"])
            for row in ties
            if "ahmp_group" in row["source_id"] + row["target_id"]
            and row["tie_type"] != "MEMBER_OF"
        }
        one, two, three, four, five, six, seven, eight, nine = AHMP_GROUPS
        assert around == {
            ("aztm", "SUPPLIES", one),
            (two, "RD_COOPERATION", "aztm"),
            (three, "COOPERATES_WITH", "aztm"),
            (four, "SUPPLIES", "aztm"),
            (five, "SUPPLIES", "aztm"),
            ("aztm", "SUPPLIES", six),
            (seven, "TRAINS_STAFF_FOR", "aztm"),
            (eight, "COOPERATES_WITH", "aztm"),
            (nine, "COOPERATES_WITH", "aztm"),
        }

    def test_what_is_inferred_says_so(self, ties: list[Row]) -> None:
        (row,) = [row for row in ties if row["target_id"] == AHMP_GROUPS[0]]
        assert "inferred" in row["meaning"]
        assert row["confidence"] == "medium"

    def test_memberships_are_proposed(self, ties: list[Row]) -> None:
        members = [r for r in ties if r["target_id"] == "cl_ahmp" and r["source_id"] in AHMP_GROUPS]
        assert len(members) == 9
        assert {row["status"] for row in members} == {"proposed"}

    def test_products_and_countries_are_those_of_the_paper(self, ties: list[Row]) -> None:
        facts = Counter(row["kind"] for row in table("papers/paper_ahmp_facts.csv"))
        kinds = Counter(row["tie_type"] for row in ties if row["source_id"] == "aztm")
        assert (kinds["PRODUCES"], kinds["EXPORTS_TO"]) == (
            facts["product_group"],
            facts["export_country"],
        )


class TestRegions:
    def test_actors_are_placed_in_the_frame_of_16(self, actors: list[Row]) -> None:
        placed = {row["region"] for row in actors}
        assert placed <= {*REGIONS_16, ""}
        for row in actors:
            abroad = row["region_published"] == "abroad"
            assert bool(row["country"]) == abroad
            assert not (abroad and row["region"])

    def test_boundaries_are_those_of_the_frame(self) -> None:
        features = json.loads((CASE / "regions_16.geojson").read_text(encoding="utf-8"))["features"]
        assert sorted(feature["properties"]["code"] for feature in features) == REGIONS_16

    def test_groups_are_those_the_paper_publishes(self, ties: list[Row]) -> None:
        # Turekulova et al., Figure 3 (METHODS 2.5): the eight groups of Ward's method.
        groups: dict[str, set[str]] = {}
        for row in ties:
            if row["source_id"].startswith("region:"):
                assert row["tie_type"] == "PART_OF"
                code = row["source_id"].removeprefix("region:")
                groups.setdefault(row["target_id"], set()).add(code)
        assert sorted(map(sorted, groups.values())) == [
            ["AKM", "ALM", "ZHM"],
            ["AKT", "ZKO"],
            ["ALA"],
            ["AST"],
            ["ATY", "MNG"],
            ["KRG", "PVL", "VKO"],
            ["KST", "SKO"],
            ["KZL", "YKO"],
        ]

    def test_regions_formed_later_say_when(self) -> None:
        begins = {r["code"]: r["valid_from"] for r in table("regions.csv") if r["valid_from"]}
        assert begins == {"ABY": "2022", "SHM": "2018", "TRK": "2018", "ULT": "2022", "ZHT": "2022"}


class TestIndicators:
    def test_regions_add_up_to_the_country(self, value: dict[tuple[str, int, str], float]) -> None:
        additive = ("GRP", "POPULATION_1JAN", "EMPLOYED", "INVESTMENT_FIXED_CAPITAL")
        totals: dict[tuple[str, int], float] = {}
        for (indicator, year, region), amount in value.items():
            if indicator in additive and region != "KAZ":
                totals[indicator, year] = totals.get((indicator, year), 0.0) + amount
        assert len(totals) == 14 + 14 + 5 + 5
        for (indicator, year), total in totals.items():
            assert total == pytest.approx(value[indicator, year, "KAZ"], rel=2e-5)

    @pytest.mark.parametrize(
        ("section", "region", "quotient"),
        [
            ("B", "ATY", 3.20),
            ("B", "MNG", 2.95),
            ("B", "ZKO", 3.31),
            ("C", "KRG", 2.64),
            ("C", "PVL", 2.17),
            ("C", "VKO", 2.14),
            ("D", "PVL", 5.92),
            ("A", "SKO", 5.47),
        ],
    )
    def test_location_quotients_of_2014(
        self,
        value: dict[tuple[str, int, str], float],
        section: str,
        region: str,
        quotient: float,
    ) -> None:
        # Share of the section in the region's GRP against its share in the nation's.
        def share(place: str) -> float:
            return value[f"GVA_{section}", 2014, place] / value["GRP", 2014, place]

        assert share(region) / share("KAZ") == pytest.approx(quotient, abs=0.005)

    def test_rows_say_whose_they_are(self) -> None:
        rows = table("indicators.csv")
        assert {(row["source"], row["evidence"]) for row in rows} == {("BNS", "measured")}
        codes = {row["code"] for row in table("regions.csv")}
        assert {row["region"] for row in rows} <= codes


class TestClassification:
    def test_every_parent_is_there(self) -> None:
        rows = table("oked.csv")
        level = {row["code"]: row["level"] for row in rows}
        assert Counter(level.values()) == {"section": 21, "division": 88, "group": 272}
        above = {"division": "section", "group": "division"}
        for row in rows:
            if row["level"] == "section":
                assert row["parent"] == ""
            else:
                assert level[row["parent"]] == above[row["level"]]


class TestEstimatedTable:
    def test_columns_add_up_to_the_official_intermediate_consumption(self) -> None:
        rows = {row["code"]: row for row in table("sections_2019.csv")}
        official = [
            row
            for row in table("inputs/bns_sections_2014_2019.csv")
            if row["year"] == "2019" and row["oked_section"] != "TOTAL"
        ]
        sections = [row["oked_section"] for row in official]
        assert list(rows) == [*sections, "VALU", "OUTPUT"]
        for row in official:
            section = row["oked_section"]
            inputs = sum(round(float(rows[supplier][section]) * 10) for supplier in sections)
            assert inputs == round(float(row["intermediate_consumption"]) * 10)
            added, output = (float(rows[name][section]) for name in ("VALU", "OUTPUT"))
            assert added == float(row["gva"])
            assert inputs / 10 + added == pytest.approx(output, abs=0.01)

    def test_rows_add_up_to_output(self) -> None:
        rows = {row["code"]: row for row in table("sections_2019.csv")}
        sections = [code for code in rows if code not in ("VALU", "OUTPUT")]
        for section in sections:
            sales = sum(float(rows[section][buyer]) for buyer in [*sections, "FD"])
            assert sales == pytest.approx(float(rows["OUTPUT"][section]), abs=0.01)

    def test_no_flow_is_negative_and_the_negative_final_use_is_told(self) -> None:
        rows = [row for row in table("sections_2019.csv") if row["FD"]]
        flows = [
            float(amount)
            for row in rows
            for buyer, amount in row.items()
            if buyer not in ("code", "FD")
        ]
        assert min(flows) >= 0
        negative = [row["code"] for row in rows if float(row["FD"]) < 0]
        assert negative == ["D"]
        assert "−550,281.5" in (CASE / "README.md").read_text(encoding="utf-8")

    def test_input_shares_are_those_of_the_russian_block(self) -> None:
        rows = {row["code"]: row for row in table("sections_2019.csv")}
        structure = {r["section"]: r for r in table("inputs/oecd_icio_2019_russia_sections.csv")}
        total = sum(float(row["B"]) for row in structure.values())
        share = float(structure["C"]["B"]) / total
        assert float(rows["C"]["B"]) == pytest.approx(9123210.8 * share, abs=0.11)

    def test_the_script_gives_the_committed_bytes(self, tmp_path: Path) -> None:
        said = run("estimate_sections", "--out", tmp_path / "table.csv")
        assert (tmp_path / "table.csv").read_bytes() == (CASE / "sections_2019.csv").read_bytes()
        assert said == "D: final use net of imports -550281.5 million KZT\n"

    @given(
        st.integers(0, 10**9),
        st.lists(st.floats(0.001, 1e6), min_size=1, max_size=12),
    )
    def test_sharing_out_loses_nothing(self, total: int, weights: list[float]) -> None:
        parts = script("estimate_sections").share_out(total, np.array(weights))
        assert parts.sum() == total
        exact = total * np.array(weights) / sum(weights)
        assert np.abs(parts - exact).max() < 1 + 1e-6


@pytest.mark.shared_data
@needs_shared_data
class TestScripts:
    def test_build_case_gives_the_committed_bytes(self, tmp_path: Path) -> None:
        run("build_case", "--source", SHARED, "--out", tmp_path)
        made = sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
        assert len(made) == 20
        for name in made:
            assert (tmp_path / name).read_bytes() == (CASE / name).read_bytes(), name

    def test_extract_russia_gives_the_committed_bytes(self, tmp_path: Path) -> None:
        source = SHARED / "oecd-icio-g20-2019" / "icio_oecd2023_2019_isic_g20.npz"
        run("extract_russia", "--source", source, "--out", tmp_path / "russia.csv")
        committed = CASE / "inputs" / "oecd_icio_2019_russia_sections.csv"
        assert (tmp_path / "russia.csv").read_bytes() == committed.read_bytes()

    def test_the_books_balance(self, actors: list[Row], ties: list[Row]) -> None:
        compiled = table("actors.csv", SHARED / "kazakhstan-case")
        kinds = Counter(row["type"] for row in compiled)
        assert (len(compiled), kinds["region"], kinds["region_group"]) == (220, 16, 8)
        kept = {row["id"] for row in compiled if row["type"] not in ("region", "region_group")}
        assert {row["id"] for row in actors} == kept | set(AHMP_GROUPS)
        assert len(actors) == 196 + 9
        regions = Counter(row["region_type"] for row in table("regions.csv"))
        assert regions == {"oblast": 18, "city": 3, "group": 8, "country": 7}
        assert len(table("ties.csv", SHARED / "kazakhstan-case")) == 247
        assert len(ties) == 247 + 33

    def test_each_compiled_tie_stands_in_the_case(self, ties: list[Row]) -> None:
        frame = table("inputs/regions_frame.csv")
        code = {row["source_id"]: f"region:{row['code']}" for row in frame if row["source_id"]}
        code |= {f"group{k}": f"region:group{k}" for k in range(1, 9)}
        compiled = table("ties.csv", SHARED / "kazakhstan-case")
        wanted: Counter[tuple[str, ...]] = Counter(
            (
                code.get(row["source_id"], row["source_id"]),
                code.get(row["target_id"], row["target_id"]),
                row["direction_meaning"],
                row["year"],
                row["weight"],
                row["weight_unit"],
                row["note"],
            )
            for row in compiled
        )
        columns = ["source_id", "target_id", "meaning", "year", "value", "unit", "note"]
        held = Counter(tuple(row[column] for column in columns) for row in ties)
        assert wanted - held == Counter()

    def test_every_sphere_and_region_is_kept(self, actors: list[Row]) -> None:
        compiled = {row["id"]: row for row in table("actors.csv", SHARED / "kazakhstan-case")}
        for row in actors:
            if row["id"] in AHMP_GROUPS:
                continue
            before = compiled[row["id"]]
            assert row["sphere"] == before["sphere"]
            assert row["region_published"] == before["region"]
            assert row["name"] == before["name_en"]
            spellings = {row["name"], row["name_ru"], row["name_kk"], *row["aliases"].split("; ")}
            assert {a for a in before["aliases"].split("; ") if a} <= spellings


def test_every_term_is_of_the_dictionary() -> None:
    dictionary = load_dictionary()
    for name, columns in {
        "actors.csv": ("actor_type", "sphere", "status", "evidence"),
        "ties.csv": ("status", "confidence", "evidence"),
        "regions.csv": ("region_type", "evidence"),
    }.items():
        for column in columns:
            used = {row[column] for row in table(name)} - {""}
            assert used <= set(dictionary.terms(column)), (name, column)


def test_files_are_small_enough_to_ship() -> None:
    assert (CASE / "indicators.csv").stat().st_size < 300_000
    assert sum(p.stat().st_size for p in CASE.rglob("*") if p.is_file()) < 600_000


def test_no_cell_starts_a_formula() -> None:
    for path in sorted(CASE.rglob("*.csv")):
        if path.name == "sections_2019.csv":  # numbers
            continue
        with path.open(encoding="utf-8-sig", newline="") as file:
            for row in csv.reader(file):
                assert not any(
                    cell.startswith(("=", "+", "@")) or (cell[:1] == "-" and not _number(cell))
                    for cell in row
                ), (path.name, row)


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
