"""From file to page: results against hand and publication, files whole or not at all, pages."""

from __future__ import annotations

import json
import re
from enum import StrEnum
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from string import Formatter
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from io_tables import shared_file
from typer.testing import CliRunner

import klaster
from klaster.algorithms.io.supply_use_models import Model
from klaster.cases import case_kind, case_names, case_path
from klaster.cli import io_command as cli_io
from klaster.cli.io_command import app
from klaster.graph.errors import InputError, UnknownNameError
from klaster.graph.industry_codes import CodeLevel
from klaster.graph.io_table import Origin, OwnUse
from klaster.loaders.io.recognition import Format
from klaster.results.folder import OutputError
from klaster.studies import Study, load_study
from klaster.table_analysis import (
    PARTS,
    TableAnalysis,
    aggregated,
    analyze_table,
    read_iotable,
)
from klaster.viz.charts.table_charts import cluster_order, heat_map, loadings_map, quadrants, sankey
from klaster.viz.tables.table_page import TablePage, table_page
from klaster.viz.texts.page_texts import Texts
from klaster.viz.texts.store import load

HOSTILE = "</script><img src=x onerror=alert(1)>"
# Miller & Blair 2009, Input-Output Analysis, 2nd ed., Table 2.3; four industries made of two.
SMALL = "code,A,B,FD,OUTPUT\nA,150,500,350,1000\nB,200,100,1700,2000\nVALU,650,1400,,\n"
FOUR = (
    "code,name,A,B,C,D,HFCE,OUTPUT\n"
    f"A,{HOSTILE},10,60,5,1,24,100\nB,Mill,50,10,2,2,36,100\n"
    "C,Рудник,3,1,5,70,31,110\nD,Завод,1,4,60,5,40,110\n"
    "D1,,20,10,20,15,,\nOTHER,,16,15,18,17,,\n"
)


def write(folder: Path, text: str, name: str = "t.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def four(tmp_path_factory: pytest.TempPathFactory) -> TableAnalysis:
    path = write(tmp_path_factory.mktemp("four"), FOUR)
    source = read_iotable(
        path,
        year=2020,
        unit="million",
        evidence="estimated",
        value_added_rows=["D1", "OTHER"],
        final_demand_columns=["HFCE"],
    )
    return analyze_table(source)


@pytest.fixture(scope="module")
def study() -> Study:
    return load_study()


@pytest.fixture(scope="module")
def kazakhstan() -> TableAnalysis:
    return analyze_table(read_iotable(case_path("kazakhstan")))


def test_miller_and_blair(tmp_path: Path) -> None:
    found = analyze_table(
        read_iotable(write(tmp_path, SMALL), year=2009), parts=["linkages", "extraction"]
    )
    # printed: backward 1.022, Ghosh forward 1.208 of agriculture
    assert found.linkages["backward_index"].round(3).tolist() == [1.022, 0.978]
    assert found.linkages["forward_index"].round(3).tolist() == [1.208, 0.792]
    assert found.extraction["loss"].round(1).tolist() == [1210.5, 2588.2]
    assert found.balance.balanced
    assert found.identification is None
    assert found.multipliers is None


def test_type_ii_multipliers_are_those_of_the_closed_system(four: TableAnalysis) -> None:
    """Last row of (I − Ā)⁻¹ of the system with households, by plain NumPy."""
    Z = four.table.flows
    x = four.table.output
    closed = np.zeros((5, 5))
    closed[:4, :4] = Z / x
    income = np.array([20.0, 10, 20, 15])
    closed[4, :4] = income / x
    closed[:4, 4] = np.array([24.0, 36, 31, 40]) / income.sum()
    # Spending exceeds what industries pay, so the closed system may have no inverse.
    exists = np.abs(np.linalg.eigvals(closed)).max() < 1
    assert ("type II" in four.multipliers["income"]) == exists
    if exists:
        inverse = np.linalg.inv(np.eye(5) - closed)
        np.testing.assert_allclose(
            four.multipliers["output"]["type II"], inverse[:4, :4].sum(axis=0)
        )
    else:
        assert any("no inverse" in note for note in four.notes)
    simple = (income / x) @ np.linalg.inv(np.eye(4) - Z / x)
    np.testing.assert_allclose(four.multipliers["income"]["type I"], simple)


def test_clusters_and_their_drawing_order(four: TableAnalysis) -> None:
    found = four.identification
    assert found is not None
    assert found.clusters["Czamanski–Ablas"].labels.tolist() == [1, 1, 2, 2]
    assert four.method == "Feser–Bergman"
    assert cluster_order([2, 0, 1, 1], np.array([5.0, 9, 1, 3])) == [3, 2, 0, 1]


def test_what_forbids_the_algebra_stops_before_anything_is_written(tmp_path: Path) -> None:
    heavy = "code,A,B,FD,OUTPUT\nA,150,500,-450,200\nB,200,100,0,300\n"
    with pytest.raises(InputError, match=r"A pays 1\.75 for inputs"):
        analyze_table(read_iotable(write(tmp_path, heavy), year=2009))
    idle = "code,A,B,FD,OUTPUT\nA,150,500,350,1000\nB,200,100,1700,0\n"
    with pytest.raises(InputError, match="no output but sells 300 and buys 600"):
        analyze_table(read_iotable(write(tmp_path, idle), year=2009))
    faulty = "code,A,B,FD,OUTPUT\nA,150,,350,1000\nB,-1,x,1700,2000\n"
    with pytest.raises(InputError) as refused:
        read_iotable(write(tmp_path, faulty), year=2009)
    assert {(f.row, f.column, f.code) for f in refused.value.faults} >= {
        (2, "B", "missing-cell"),
        (3, "A", "negative-flow"),
    }
    assert any(f.row == 3 and f.column == "B" for f in refused.value.faults)
    with pytest.raises(InputError, match="--year"):
        read_iotable(write(tmp_path, SMALL))
    with pytest.raises(UnknownNameError, match="linkages"):
        analyze_table(read_iotable(write(tmp_path, SMALL), year=2009), parts=["linkage"])


def test_results_are_whole_and_the_same_bytes_twice(four: TableAnalysis, tmp_path: Path) -> None:
    first, second = four.write(tmp_path / "one"), four.write(tmp_path / "two")
    assert set(first) >= {
        "io.html", "run.json", "balance.csv", "industries.csv", "linkages.csv", "multipliers.csv",
        "extraction.csv", "clusters.csv", "methods.csv", "agreement.csv", "members.csv",
    }  # fmt: skip
    for name, path in first.items():
        assert path.read_bytes() == second[name].read_bytes(), name
    record = json.loads(first["run.json"].read_text(encoding="utf-8"))
    assert record["table_digest"] == four.source.table.digest()
    clusters = pd.read_csv(first["clusters.csv"])
    assert clusters["code"].tolist() == list("ABCD")
    four.write(tmp_path / "one")  # its own folder may be replaced
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="did not write"):
        four.write(tmp_path / "mine")


def test_row_order_of_the_file_changes_nothing(tmp_path: Path) -> None:
    lines = SMALL.splitlines()
    turned = "code,B,A,FD,OUTPUT\nB,100,200,1700,2000\nA,500,150,350,1000\nVALU,1400,650,,\n"
    a = read_iotable(write(tmp_path, "\n".join(lines)), year=2009, name="t").table
    b = read_iotable(write(tmp_path, turned), year=2009, name="t").table
    assert a.digest() == b.digest()


def test_the_kazakhstan_table_is_marked_as_estimated_in_every_language(
    kazakhstan: TableAnalysis, tmp_path: Path
) -> None:
    page = kazakhstan.write(tmp_path / "kz")["io.html"].read_text(encoding="utf-8")
    for lang in ("en", "ru", "kk"):
        assert load(lang)["io"]["estimated"].split(".")[0] in page
    assert kazakhstan.balance.balanced
    # sections are named in each language
    for name in ("Manufacturing", "Обрабатывающая промышленность", "Өңдеу өнеркәсібі"):
        assert name in page


class Balanced(HTMLParser):
    """Counts elements and finds what a page must not have."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        names = dict(attrs)
        if tag in ("img", "iframe", "object", "base") or any(n.startswith("on") for n in names):
            self.bad.append(tag)
        for key in ("src", "href", "xlink:href"):
            if str(names.get(key, "")).startswith(("http:", "//", "file:")):
                self.bad.append(str(names[key]))


def parsed(page: str) -> Balanced:
    found = Balanced()
    found.feed(page)
    return found


def test_the_page_escapes_names_and_loads_nothing(four: TableAnalysis, tmp_path: Path) -> None:
    page = four.write(tmp_path / "out")["io.html"].read_text(encoding="utf-8")
    found = parsed(page)
    assert found.bad == []
    assert found.tags.count("script") == 1
    assert "default-src 'none'" in unescape(page)
    assert "&lt;/script&gt;" in page
    assert found.tags.count("svg") >= 5
    assert "ESTIMATED" in page


def test_parts_that_were_not_asked_for_are_not_on_the_page(tmp_path: Path) -> None:
    source = read_iotable(write(tmp_path, SMALL), year=2009)
    page = analyze_table(source, parts=["linkages"]).write(tmp_path / "o")["io.html"]
    text = page.read_text(encoding="utf-8")
    assert 'id="linkages"' in text
    assert 'id="clusters"' not in text
    assert 'id="multipliers"' not in text
    assert "ESTIMATED" not in text


def test_all_languages_have_the_same_texts_with_the_same_fields() -> None:
    def fields(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    english = load("en")["io"]
    for lang in ("ru", "kk"):
        other = load(lang)["io"]
        assert set(other) == set(english)
        for key, text in english.items():
            assert fields(other[key]) == fields(text), key
            assert other[key].strip()


def test_drawings() -> None:
    t = Texts(["en"], "io")
    A = np.array([[0.2, 0.3], [0.004, 0.06]])
    drawing, left_out = heat_map(A, [1, 1], [0, 1], ["A", "B"], ["Farm", "Mill"], t)
    assert left_out == 0
    assert str(drawing).count('class="h5"') == 1  # 0.3, and nothing for 0.004
    assert str(drawing).count('class="frame"') == 1
    assert sankey(np.diag([5.0, 6.0]), [0, 1], ["A", "B"], ["Farm", "Mill"], t) is None
    flows = str(sankey(np.array([[9.0, 5], [0, 9]]), [0, 1], ["A", "B"], ["Farm", "Mill"], t))
    assert flows.count('class="flow"') == 1
    assert "A → B: 5" in flows
    charts = quadrants(
        np.array([1.2, np.nan]), np.array([1.1, np.nan]), ["key", ""], np.array([5.0, 0]),
        ["A", "B"], ["Farm", "Mill"], t,
    )  # fmt: skip
    assert str(charts).count("<circle") == 1
    loadings = loadings_map(
        np.array([[0.9, 0.4], [0.1, -0.8]]), [0, 1], ["a", "b"], [0], t, secondary=0.35
    )
    assert str(loadings).count('class="highest"') == 2
    assert str(loadings).count('class="cross"') == 1
    assert str(loadings).count('class="mark"') == 1


def test_a_table_without_anything_computed_still_has_a_page(four: TableAnalysis) -> None:
    page = table_page(TablePage(four.table, four.balance, "x"))
    assert parsed(page).bad == []


class TestStudy:
    """Kozlova & Denisova 2014, Tables 2 and 3."""

    def test_the_printed_table_is_a_fixed_point_of_kaiser_varimax(self, study: Study) -> None:
        assert study.kaiser_change < 0.001
        assert study.raw_change > 0.03

    def test_explained_variance_and_members(self, study: Study) -> None:
        assert study.explained == pytest.approx(0.87970, abs=5e-6)
        sums = (study.loadings**2).sum(axis=0)
        printed = [4.266, 4.157, 2.722, 2.136, 1.825, 1.255, 1.232]
        assert sums.tolist() == pytest.approx(printed, abs=5e-4)
        numbers = study.industries["industry_no"].tolist()
        core = [n for n, c in zip(numbers, study.component, strict=True) if c == study.core]
        assert core == [3, 5, 16, 17, 18]
        cross = study.members[~study.members["highest"].astype(bool)]
        pairs = {
            (numbers[int(v)], int(c))
            for v, c in zip(cross["variable"], cross["component"], strict=True)
        }
        assert pairs == {(3, 3), (6, 1), (8, 3), (9, 4), (9, 6), (15, 5), (19, 6)}

    def test_multipliers_as_printed(self, study: Study) -> None:
        table = study.multipliers
        assert table["gross_output"].tolist() == [1.806, 1.628, 1.438, 1.158]
        assert table["value_added"].tolist() == [0.608, 0.597, 0.457, 0.326]
        assert table["household_income"].tolist() == [2.073, 1.719, 2.147, 1.348]
        numbers = study.industries["industry_no"].tolist()
        assert [numbers[k] for k in table["industry"]] == [5, 16, 18, 17]

    def test_every_row_says_where_it_is_from(self) -> None:
        for name in ("rotated_loadings.csv", "multipliers.csv"):
            table = pd.read_csv(case_path("east_kazakhstan") / name)
            assert set(table["evidence"]) == {"paper"}
            assert set(table["source"]) == {"Kozlova & Denisova 2014"}
            assert table["locator"].str.startswith("Table").all()

    def test_the_page(self, study: Study, tmp_path: Path) -> None:
        written = study.write(tmp_path / "ek")
        page = written["east_kazakhstan.html"].read_text(encoding="utf-8")
        assert parsed(page).bad == []
        assert page.count('class="mark"') == 5
        assert page.count('class="highest"') == 20
        assert page.count('class="cross"') == 7
        assert "0.00087" in page
        assert "0,00087" in page
        assert "Металлургическая промышленность" in page

    def test_a_loading_that_is_no_number(self, tmp_path: Path) -> None:
        for path in case_path("east_kazakhstan").iterdir():
            text = path.read_text(encoding="utf-8").replace("0.698", "high")
            (tmp_path / path.name).write_text(text, encoding="utf-8")
        with pytest.raises(InputError) as refused:
            load_study(tmp_path)
        assert [(f.row, f.column, f.value) for f in refused.value.faults] == [(4, "c2", "high")]
        with pytest.raises(InputError, match=r"study\.toml"):
            load_study(case_path("kazakhstan"))

    def test_names(self) -> None:
        assert {"kazakhstan", "east_kazakhstan"} <= set(case_names())
        assert case_kind("east_kazakhstan") == "study"


class TestCommand:
    def run(self, *words: str) -> str:
        result = CliRunner().invoke(app, ["io", *words], catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return result.output

    def test_a_file(self, tmp_path: Path) -> None:
        out = tmp_path / "out"
        path = write(tmp_path, SMALL)
        text = self.run(str(path), "--year", "2009", "--only", "linkages", "--out", str(out))
        assert "key sectors: A" in text
        assert (out / "io.html").is_file()
        assert not (out / "clusters.csv").exists()

    def test_a_case_and_a_study_by_name(self, tmp_path: Path) -> None:
        text = self.run("kazakhstan", "--out", str(tmp_path / "kz"))
        assert "ESTIMATED" in text
        text = self.run("east_kazakhstan", "--out", str(tmp_path / "ek"))
        assert "87.97%" in text
        assert (tmp_path / "ek" / "east_kazakhstan.html").is_file()

    def test_help_names_every_option(self) -> None:
        result = CliRunner().invoke(app, ["io", "--help"], env={"COLUMNS": "200"})
        for option in ("--country", "--format", "--name", "--block", "--model", "--own-use"):
            assert option in result.output


def test_the_page_of_the_docs_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (Path(__file__).parents[2] / "docs" / "input-output.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    monkeypatch.chdir(tmp_path)
    scope: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "input-output.md", "exec"), scope)  # noqa: S102
    assert (tmp_path / "out" / "tables" / "io.html").is_file()


@pytest.mark.shared_data
def test_croatia_from_spreadsheet_to_sections(tmp_path: Path) -> None:
    path = shared_file("croatia-io-2010/Croatia_2010.xlsx")
    source = read_iotable(path, block="1800", year=2010, unit="thousand HRK")
    found = analyze_table(source, parts=["multipliers", "linkages", "extraction"])
    assert (found.settings["flows"], found.settings["technology"]) == ("domestic", "total")
    # x = L f: output follows from final demand
    x = found.table.output
    A = np.divide(found.table.flows, x, out=np.zeros_like(found.table.flows), where=x > 0)
    np.testing.assert_allclose(
        np.linalg.solve(np.eye(len(x)) - A, x - found.table.flows.sum(axis=1)), x, rtol=1e-9
    )
    income = found.multipliers["income"]
    assert "type II" in income
    held = x > 0
    assert (income["type II"][held] >= income["type I"][held]).all()
    small = aggregated(source)
    assert small.table.codes == tuple("ABCDEFGHIJKLMNOPQRSTU")
    assert small.table.output.sum() == pytest.approx(x.sum())
    assert max(small.table.balance().checked.values()) < 5e-7
    page = found.write(tmp_path / "hr")["io.html"].read_text(encoding="utf-8")
    assert parsed(page).bad == []


@pytest.mark.shared_data
def test_a_country_of_the_oecd_has_sections_in_three_languages(tmp_path: Path) -> None:
    path = shared_file("oecd-icio-g20-2019/icio_oecd2023_2019_isic_g20.npz")
    found = analyze_table(read_iotable(path, country="RUS", source="OECD ICIO 2023"))
    assert found.settings["flows"] == "domestic"
    assert found.settings["technology"] == "total"
    assert found.identification is not None
    page = found.write(tmp_path / "rus")["io.html"].read_text(encoding="utf-8")
    assert "Тау-кен өндіру" in page
    # value added per unit of final demand: 1 less what leaks to imports and taxes
    effect = found.multipliers["value added"]["type I"].to_numpy()
    assert (effect > 0).all()
    assert (effect <= 1 + 1e-9).all()
    assert effect[:-1].max() < 0.97  # all but households as employers buy abroad


def test_public_names_are_there() -> None:
    assert klaster.case_path("east_kazakhstan").is_dir()


@pytest.mark.parametrize(
    ("choices", "allowed"),
    [
        (cli_io.TableFormat, get_args(Format)),
        (cli_io.FlowOrigin, get_args(Origin)),
        (cli_io.SymmetricModel, get_args(Model)),
        (cli_io.Part, PARTS),
        (cli_io.OwnUsePolicy, ("keep", *get_args(OwnUse))),
        (cli_io.Level, get_args(CodeLevel)),
    ],
)
def test_the_command_offers_what_python_allows(
    choices: type[StrEnum], allowed: tuple[str, ...]
) -> None:
    assert [choice.value for choice in choices] == list(allowed)
