"""A case folder becomes a graph; books balance; row order does not matter."""

import csv
import json
import random
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph.case import Case
from klaster.graph.errors import InputError
from klaster.graph.safe_text import spreadsheet_safe
from klaster.loaders.case.case_folder import check_case, load_case
from klaster.loaders.case.new_case import new_case

ROOT = Path(__file__).parents[2]
KAZAKHSTAN = ROOT / "cases" / "kazakhstan"
REGISTRY = ROOT.parent / "shared" / "data" / "kazakhstan-case" / "format_statgov_registry.csv"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    new_case(tmp_path / "valley")
    return tmp_path / "valley"


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {path.name}"
    path.write_text(text.replace(old, new), encoding="utf-8")


def append(path: Path, *lines: str) -> None:
    with path.open("a", encoding="utf-8") as stream:
        stream.writelines(f"{line}\n" for line in lines)


def faults_of(folder: Path, **options: Any) -> set[tuple[str, str, int, str]]:
    _, report = check_case(folder, **options)
    return {(f.code, f.file, f.row, f.column) for f in report.faults}


def test_what_is_in_the_graph(folder: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    case = load_case(folder, progress=lambda *step: steps.append(step))
    assert case.graph.node("region:NTH")["name"] == "Northern Region"
    assert case.graph.node("example_2024:EX:C")["output"] == 300
    assert "region:NTH>PART_OF>region:EX" in set(case.graph.ties["tie_id"])
    assert "iron_mine>SUPPLIES>steelworks" in set(case.graph.ties["tie_id"])
    assert case.table is not None
    assert case.table.labels[0] == "Agriculture"
    assert case.indicators["value"].tolist()[0] == 415.0
    assert [network.id for network in case.networks] == ["metals", "food"]
    assert case.report.balanced
    assert steps[0][0] == "case.toml"
    assert steps[-1][1] == steps[-1][2]
    json.dumps(case.report.to_dict(), allow_nan=False)


def test_parallel_ties_are_numbered_by_content_and_copies_are_books(folder: Path) -> None:
    line = "iron_mine,steelworks,SUPPLIES,{},million KZT,KZT,2024,high,synthetic,example"
    append(folder / "ties.csv", line.format("99"), line.format("1"), line.format("99"))
    case, report = check_case(folder)
    assert case is not None
    ties = case.graph.ties
    mine = ties[ties["tie_id"].str.startswith("iron_mine>SUPPLIES>steelworks")]
    values = dict(zip(mine["tie_id"], mine["value"], strict=True))
    # sorted by content: 1.0, 52.5, 99.0
    assert values == {
        "iron_mine>SUPPLIES>steelworks": 1.0,
        "iron_mine>SUPPLIES>steelworks#2": 52.5,
        "iron_mine>SUPPLIES>steelworks#3": 99.0,
    }
    assert [(f.code, f.row, f.severity) for f in report.faults] == [
        ("duplicate-row", 42, "warning")
    ]
    assert report.rejected[["file", "row"]].values.tolist() == [["ties.csv", 42]]
    book = next(b for b in report.books if b.input == "ties")
    assert (book.rows_in, book.placed, book.set_aside) == (41, 40, 1)
    assert book.money[0].set_aside == 99.0
    assert report.balanced
    assert report.statistics["ties"]["parallel"] == 2
    with pytest.raises(InputError, match="row 40"):
        load_case(folder, strict=True)


def test_columns_and_values_are_mapped(folder: Path) -> None:
    actors = folder / "actors.csv"
    edit(actors, "id,name,actor_type,", "id,Наименование,вид,")
    text = actors.read_text(encoding="utf-8").replace(",Firm,", ",ТОО,")
    actors.write_text(text, encoding="utf-8")
    edit(
        folder / "case.toml",
        'file = "actors.csv"',
        'file = "actors.csv"\n[inputs.actors.columns]\nname_ru = "Наименование"\n'
        'actor_type = "вид"\n[inputs.actors.values.actor_type]\n"ТОО" = "Firm"',
    )
    case = load_case(folder)
    node = case.graph.node("steelworks")
    assert (node["actor_type"], node["name"], node["name_ru"]) == ("Firm",) + ("Steelworks",) * 2
    edit(folder / "case.toml", 'actor_type = "вид"', 'actor_type = "Вид"')
    assert ("missing-column", "actors.csv", 1, "Вид") in faults_of(folder)


def test_faults_of_ties(folder: Path) -> None:
    append(
        folder / "ties.csv",
        "iron_mine,NTH,LOCATED_IN,,,,2024,high,synthetic,example",
        "Iron Mine,steelworks,SUPPLIES,,,,2024,high,synthetic,example",
        "iron_mine,region:NTH,SUPPLIES,,,,2024,high,synthetic,example",
        "iron_mine,steelworks,SUPLIES,,,,2024,high,synthetic,example",
        "iron_mine,steelworks,FUNDS,1,t,KZT,2024,high,synthetic,example",
        "iron_mine,steelworks,SUPPLIES,-1,t,KZT,2024,high,synthetic,example",
        "iron_mine,steelworks,SUPPLIES,,,,2024,high,synthetic,",
        "iron_mine,steelworks,SUPPLIES,,,,24,sure,seen,example",
        "iron_mine,region:STG,LOCATED_IN,,,,2024,high,synthetic,example",
    )
    _, report = check_case(folder)
    found = {(f.code, f.row, f.column) for f in report.faults}
    foreign = ("foreign-attribute", 44, "currency")
    assert found - {foreign} == {
        ("unknown-actor", 40, "target_id"),
        ("unknown-actor", 41, "source_id"),
        ("wrong-ends", 42, "tie_type"),
        ("unknown-tie-type", 43, "tie_type"),
        ("negative-flow", 45, "value"),
        ("missing-value", 46, "source"),
        ("bad-year", 47, "year"),
        ("unknown-confidence", 47, "confidence"),
        ("unknown-evidence", 47, "evidence"),
        ("unknown-region", 48, "target_id"),
    }
    problems = {(f.row, f.column): f.problem for f in report.faults}
    assert "did you mean 'region:NTH'" in problems[40, "target_id"]
    assert "did you mean 'iron_mine', whose name this is" in problems[41, "source_id"]
    assert "did you mean 'SUPPLIES'" in problems[43, "tie_type"]


def test_planned_ties_may_lie_in_the_future(folder: Path) -> None:
    ties = folder / "ties.csv"
    lines = ties.read_text(encoding="utf-8").splitlines()
    lines = [f"{lines[0]},status,year_to", *(f"{line},," for line in lines[1:])]
    row = "iron_mine,pipe_plant,SUPPLIES,,,,{},high,synthetic,example,{},{}"
    lines += [row.format(2030, "planned", 2035), row.format(2030, "current", "")]
    lines += [row.format(2020, "ended", 2019)]
    ties.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert faults_of(folder) == {
        ("future-year", "ties.csv", 41, "year"),
        ("years-reversed", "ties.csv", 42, "year_to"),
    }


def test_faults_of_nodes_and_indicators(folder: Path) -> None:
    append(
        folder / "actors.csv",
        ",Nameless,Firm,business,NTH,C,metals,synthetic,example",
        "x,,Firm,business,NTH,C,metals,synthetic,example",
        "y,Y,Firm,business,NTX,C,metal,synthetic,example",
        "region:NTH,Z,Firm,business,NTH,C,metals,synthetic,example",
    )
    append(
        folder / "regions.csv",
        "WST,West,oblast,EX,EY,synthetic,example",
        "EST,East,oblast,EX,EX,,example",
        "NTH,North again,oblast,EX,,synthetic,example",
    )
    append(
        folder / "indicators.csv",
        "STH,2024,GVA,1,million KZT,example,synthetic",
        "STX,2025,GVA,1,million KZT,example,synthetic",
        "STH,2023,GVA,,million KZT,example,synthetic",
    )
    assert faults_of(folder) == {
        ("missing-value", "actors.csv", 24, "id"),
        ("missing-value", "actors.csv", 25, "name"),
        ("unknown-region", "actors.csv", 26, "region"),
        ("unknown-network", "actors.csv", 26, "network"),
        ("duplicate-id", "actors.csv", 27, "id"),
        ("unknown-region", "regions.csv", 5, "part_of"),
        ("missing-value", "regions.csv", 6, "evidence"),
        ("duplicate-id", "regions.csv", 7, "code"),
        ("duplicate-id", "indicators.csv", 7, "indicator"),
        ("unknown-region", "indicators.csv", 8, "region"),
        ("future-year", "indicators.csv", 8, "year"),
        ("missing-value", "indicators.csv", 9, "value"),
    }
    case, report = check_case(folder, set_aside=True)
    assert case is not None
    assert report.balanced
    books = {b.input: (b.rows_in, b.placed, b.set_aside) for b in report.books}
    assert books["actors"] == (26, 22, 4)
    assert books["regions"] == (6, 3, 3)
    assert books["indicators"] == (8, 5, 3)
    assert len(case.indicators) == 5


def test_rows_set_aside_take_what_hangs_on_them(folder: Path) -> None:
    edit(folder / "regions.csv", "EX,Example Country,country", "EX,Example Country,contry")
    _, report = check_case(folder, set_aside=True)
    assert report.balanced
    books = {b.input: b.set_aside for b in report.books}
    # the country, both regions that are part of it, all that lies in them
    assert (books["regions"], books["actors"]) == (3, 22)
    assert report.loaded


def test_unknown_columns_are_warned_of_and_personal_data_never_read(folder: Path) -> None:
    actors = folder / "actors.csv"
    lines = actors.read_text(encoding="utf-8").splitlines()
    lines = [f"{lines[0]},head_fio,ФИО руководителя,x_plan,comment"] + [
        f"{line},Иванов Иван,Иванов Иван,A,text" for line in lines[1:]
    ]
    actors.write_text("\n".join(lines) + "\n", encoding="utf-8")
    case = load_case(folder)
    assert case.report.dropped_columns == (
        "actors.csv: head_fio",
        "actors.csv: ФИО руководителя",
    )
    assert "Иванов" not in json.dumps(case.report.to_dict(), ensure_ascii=False)
    assert "Иванов" not in case.graph.nodes.to_csv()
    assert case.graph.node("steelworks")["x_plan"] == "A"
    (warning,) = case.report.faults
    assert (warning.code, warning.column, warning.severity) == (
        "unknown-column",
        "comment",
        "warning",
    )
    with pytest.raises(InputError, match="comment"):
        load_case(folder, strict=True)
    edit(
        folder / "case.toml",
        'file = "actors.csv"',
        'file = "actors.csv"\n[inputs.actors.columns]\nnote = "head_fio"',
    )
    assert ("personal-data", "actors.csv", 1, "head_fio") in faults_of(folder)


@pytest.mark.shared_data
@pytest.mark.skipif(not REGISTRY.exists(), reason="no description of the registry extract")
def test_every_column_of_the_registry_marked_personal_is_dropped(folder: Path) -> None:
    with REGISTRY.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    columns = [r["column"] for r in rows if "personal data" in r["meaning"]]
    labels = [r["label_ru"] for r in rows if "personal data" in r["meaning"]]
    assert columns == ["head_fio"]
    actors = folder / "actors.csv"
    lines = actors.read_text(encoding="utf-8").splitlines()
    extra = [*columns, *labels]
    lines = [",".join([lines[0], *extra]), *(line + ",Иванов" * len(extra) for line in lines[1:])]
    actors.write_text("\n".join(lines) + "\n", encoding="utf-8")
    assert len(load_case(folder).report.dropped_columns) == len(extra)


def test_decimal_commas_and_signs_are_read_and_said(folder: Path) -> None:
    ties = folder / "ties.csv"
    with ties.open(encoding="utf-8") as stream:
        rows = list(csv.reader(stream))
    for row in rows[1:]:
        row[3] = f"{row[3].replace('.', ',')} ₸" if row[3] else ""
    text = "\r\n".join(";".join(row) for row in rows)
    before = load_case(folder)
    ties.write_bytes(text.encode("utf-16"))
    after = load_case(folder)
    assert after.graph == before.graph
    assert after.graph.digest() == before.graph.digest()
    assert set(after.report.notes) - set(before.report.notes) == {
        "ties.csv is utf-16",
        "ties.csv: column value: a decimal comma was read in 24 cells",
        "ties.csv: column value: the sign ₸ was taken off in 24 cells",
    }


def as_spreadsheet(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    with path.open(encoding="utf-8") as stream:
        for row in csv.reader(stream):
            sheet.append([_typed(cell) for cell in row])
    book.save(path.with_suffix(".xlsx"))
    path.unlink()


def _typed(cell: str) -> object:
    try:
        return float(cell)
    except ValueError:
        return cell or None


def test_spreadsheets_give_the_same_case(folder: Path) -> None:
    before = load_case(folder)
    for path in folder.glob("*.csv"):
        as_spreadsheet(path)
    toml = folder / "case.toml"
    toml.write_text(toml.read_text("utf-8").replace('.csv"', '.xlsx"'), encoding="utf-8")
    after = load_case(folder, strict=True)
    assert after.graph == before.graph
    assert after.indicators.equals(before.indicators)


@pytest.mark.parametrize("by", ["year", "indicator"])
def test_wide_indicators(folder: Path, by: str) -> None:
    before = load_case(folder).indicators
    wide = before.pivot_table(
        index=["region"] + (["indicator", "unit"] if by == "year" else ["year"]),
        columns=by,
        values="value",
    ).reset_index()
    wide.to_csv(folder / "indicators.csv", index=False)
    edit(
        folder / "case.toml",
        'file = "indicators.csv"',
        'file = "indicators.csv"\nlayout = "wide"\nsource = "example"\nevidence = "synthetic"',
    )
    case = load_case(folder)
    columns = ["region", "year", "indicator", "value", "source", "evidence"]
    assert case.indicators[columns].equals(before[columns])
    assert case.report.balanced
    edit(folder / "indicators.csv", "415.0", "415.0x")
    where = ("2024" if by == "year" else "GVA", 2)
    _, report = check_case(folder)
    assert [(f.code, f.column, f.row) for f in report.errors] == [("bad-number", *where)]


def test_boundaries_and_classification(folder: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": "NTH"},
        "geometry": {"type": "Point", "coordinates": [0, 0]},
    }
    boundaries = {"type": "FeatureCollection", "features": [feature]}
    (folder / "b.geojson").write_text(json.dumps(boundaries), encoding="utf-8")
    (folder / "c.csv").write_text("code,name,parent\nB,Mining,\n07,Ores,B\n", encoding="utf-8")
    append(
        folder / "case.toml",
        '[inputs.boundaries]\nfile = "b.geojson"\n[inputs.classification]\nfile = "c.csv"',
    )
    case = load_case(folder, strict=True)
    assert case.boundaries == boundaries
    assert case.classification is not None
    assert case.classification["code"].tolist() == ["07", "B"]
    bad = {**feature, "properties": {"code": "XXX"}}
    boundaries["features"] = [feature, feature, bad, {"type": "Feature"}]
    (folder / "b.geojson").write_text(json.dumps(boundaries), encoding="utf-8")
    append(folder / "c.csv", "08,Stone,D", "B,Mining again,")
    assert faults_of(folder) == {
        ("duplicate-id", "b.geojson", 0, "features[2].properties.code"),
        ("unknown-region", "b.geojson", 0, "features[3].properties.code"),
        ("missing-value", "b.geojson", 0, "features[4].properties.code"),
        ("unknown-code", "c.csv", 4, "parent"),
        ("duplicate-id", "c.csv", 5, "code"),
    }
    (folder / "b.geojson").write_text('{"type": NaN}', encoding="utf-8")
    assert ("unreadable-file", "b.geojson", 0, "") in faults_of(folder)


def test_rejected_rows_are_safe_to_open_in_a_spreadsheet(folder: Path) -> None:
    row = '"=HYPERLINK(""http://x"")",steelworks,SUPPLIES,@1,t,KZT,2024,high,synthetic,example'
    append(folder / "ties.csv", row)
    _, report = check_case(folder, set_aside=True)
    assert report.loaded
    lines = list(csv.reader(report.rejected_csv().splitlines()))
    assert lines[0] == ["file", "row", "column", "value", "reason", "remedy"]
    assert [line[3] for line in lines[1:]] == ['\'=HYPERLINK("http://x")', "'@1"]
    assert [spreadsheet_safe(t) for t in ("-1", "\tx", "a=b", "")] == ["'-1", "'\tx", "a=b", ""]


def test_statistics_of_ties(folder: Path) -> None:
    statistics = load_case(folder).report.statistics["ties"]
    assert statistics["ties"] == 40  # 38 of the file, 2 of the regions
    assert statistics["without_amount_share"] == 16 / 40
    assert statistics["isolated_actors"] == 0
    assert statistics["weak_components"] == 1
    # 1 % of 24 amounts is one: 61.0 of 336.2
    assert statistics["top_percent_share"] == {"million KZT, KZT": pytest.approx(61.0 / 336.2)}
    # of the directed pairs of actors only coal_mine... steelworks <-> repair_works goes both ways
    directed = 24 + 3 + 3 + 2
    assert statistics["reciprocity"] == pytest.approx(2 / directed)
    # business actors tied to academia: steelworks, coal_mine, flour_mill, grain_farm
    assert statistics["helix_coverage"]["academia"] == 4 / 16


def test_coverage_of_the_table_by_the_ties(folder: Path) -> None:
    report = load_case(folder).report
    assert report.statistics["table"]["coverage"] == pytest.approx(336.2 / 585)


# -- properties


def shuffled(folder: Path, seed: int) -> None:
    dice = random.Random(seed)
    for name in ("actors", "ties", "regions", "indicators"):
        path = folder / f"{name}.csv"
        header, *rows = path.read_text(encoding="utf-8").splitlines()
        dice.shuffle(rows)
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")


def summary(case: Case) -> dict[str, Any]:
    report = case.report.to_dict()
    return {
        "graph": case.graph.digest(),
        "indicators": case.indicators.to_csv(),
        "digests": case.input_digests,
        "books": report["books"],
        "notes": report["notes"],
        "statistics": report["statistics"],
    }


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32))
def test_row_order_does_not_matter(seed: int) -> None:
    with TemporaryDirectory() as home:
        folder = Path(home) / "valley"
        new_case(folder)
        line = "iron_mine,steelworks,SUPPLIES,{},million KZT,KZT,2024,high,synthetic,example"
        append(folder / "ties.csv", *(line.format(v) for v in (3, 1, 2, 0.1)))
        before = load_case(folder)
        shuffled(folder, seed)
        after = load_case(folder)
        assert after.graph == before.graph
        assert summary(after) == summary(before)
        assert after.file_digests != before.file_digests


CELLS = st.sampled_from(
    ["", "1", "1,5", "1.5", "-2", "x", "2024", "2031", "steelworks", "region:NTH", "SUPPLIES",
     "FUNDS", "planned", "high", "measured", "=1+1", "nan", "1e400", "«»", "\u00a0", "business"]
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(CELLS, min_size=9, max_size=11), max_size=6), st.data())
def test_books_always_balance(rows: list[list[str]], data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["ties", "actors", "regions", "indicators"]))
    with TemporaryDirectory() as home:
        folder = Path(home) / "valley"
        new_case(folder)
        with (folder / f"{name}.csv").open("a", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows(rows)
        for set_aside in (False, True):
            case, report = check_case(folder, set_aside=set_aside)
            assert report.balanced
            assert (case is None) == (not report.loaded)
            assert set_aside <= report.loaded
            at_fault = {(f.file, f.row) for f in report.errors}
            aside = set(zip(report.rejected["file"], report.rejected["row"], strict=True))
            assert at_fault <= aside
            for fault in report.faults:
                assert fault.problem
                assert fault.remedy


# -- the case that ships


@pytest.mark.skipif(not (KAZAKHSTAN / "case.toml").exists(), reason="no Kazakhstan case yet")
def test_the_shipped_case_loads_without_a_fault(tmp_path: Path) -> None:
    case = load_case(KAZAKHSTAN, strict=True)
    assert case.report.balanced
    assert case.table is not None
    assert case.table.evidence == "estimated"
    copy = tmp_path / "kazakhstan"
    shutil.copytree(KAZAKHSTAN, copy, copy_function=shutil.copyfile)
    for name in ("actors", "ties", "regions", "indicators"):
        (copy / f"{name}.csv").write_bytes((KAZAKHSTAN / f"{name}.csv").read_bytes())
    with (copy / "ties.csv").open(encoding="utf-8", newline="") as stream:
        header, *rows = list(csv.reader(stream))
    random.Random(7).shuffle(rows)
    with (copy / "ties.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    again = load_case(copy)
    assert again.graph.digest() == case.graph.digest()
    assert again.input_digests == case.input_digests
