"""A case from a bare table of ties: constants, actors made from the ends, names instead of keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from klaster.cli.summary import quality_lines
from klaster.graph.errors import InputError
from klaster.loaders.case.case_folder import check_case, load_case
from klaster.loaders.case.new_case import NewInput, new_case, write_case

SALES = "Поставщик;Покупатель;Сумма\nMine;Mill;1 234,5\nMill;Bakery «Нан»;20,5\n"
COLUMNS = {"source_id": "Поставщик", "target_id": "Покупатель", "value": "Сумма"}
SAME_FOR_ALL = {"tie_type": "SUPPLIES", "year": 2023, "unit": "million", "currency": "KZT",
                "evidence": "reported", "source": "survey"}  # fmt: skip


def sales(folder: Path, text: str = SALES) -> Path:
    path = folder / "sales.csv"
    path.write_text(text, encoding="utf-8")
    return path


def written(folder: Path, *others: NewInput, text: str = SALES) -> Path:
    new = NewInput(
        "ties",
        sales(folder, text),
        COLUMNS,
        settings={"make_actors": True, **SAME_FOR_ALL},
        remark="Guessed: Поставщик sells, Покупатель buys.",
    )
    write_case(folder / "valley", [new, *others], year=2024, title="Valley")
    return folder / "valley"


def test_a_bare_table_of_ties_is_a_case(tmp_path: Path) -> None:
    case = load_case(written(tmp_path), strict=True)
    assert case.graph.node("Bakery «Нан»")["name"] == "Bakery «Нан»"
    assert set(case.graph.nodes["actor_type"]) == {"Firm"}
    assert set(case.graph.nodes["sphere"]) == {"business"}
    ties = case.graph.ties.set_index("tie_id")
    assert ties.loc["Mine>SUPPLIES>Mill", "value"] == 1234.5
    for name, value in SAME_FOR_ALL.items():
        assert set(ties[name]) == {value}
    assert "sales.csv: 3 actors were made from ends of ties" in " ".join(case.report.notes)
    assert case.report.balanced
    assert (case.name, case.titles["en"], case.year) == ("valley", "Valley", 2024)


def test_the_case_file_says_what_was_guessed_and_can_be_edited(tmp_path: Path) -> None:
    text = (written(tmp_path) / "case.toml").read_text(encoding="utf-8")
    assert "# Guessed: Поставщик sells, Покупатель buys.\n[inputs.ties]" in text
    assert 'file = "sales.csv"\nmake_actors = true\ntie_type = "SUPPLIES"' in text
    assert "[analysis]\nseed = 1" in text
    assert "\n[[networks]]" not in text
    assert "@" not in text


def test_actors_of_a_file_are_named_by_key_name_or_alias(tmp_path: Path) -> None:
    actors = tmp_path / "firms.csv"
    actors.write_text(
        "id,name,aliases,region\n1,Mine,Рудник; Pit,x\n2,Mill,,x\n3,Twin,,x\n4,Twin,,x\n", "utf-8"
    )
    text = SALES + "рудник;2;1,5\nPit;Twin;1,5\n"
    same = {"actor_type": "Firm", "sphere": "business", "evidence": "reported", "source": "list"}
    folder = written(tmp_path, NewInput("actors", actors, settings=same), text=text)
    case = load_case(folder, strict=True)
    keys = {"1>SUPPLIES>2", "2>SUPPLIES>Bakery «Нан»", "1>SUPPLIES>2#2", "1>SUPPLIES>Twin"}
    assert set(case.graph.ties["tie_id"]) == keys  # two actors are called Twin: a third is made
    assert case.graph.node("1")["sphere"] == "business"
    assert case.graph.node("1")["source"] == "list"
    assert "sales.csv: 5 ends of ties are names" in " ".join(case.report.notes)


def test_a_name_in_a_file_of_keys_is_read_with_a_warning(tmp_path: Path) -> None:
    new_case(tmp_path / "valley")
    with (tmp_path / "valley" / "ties.csv").open("a", encoding="utf-8") as stream:
        stream.write("Iron Mine,steelworks,SUPPLIES,,,,2024,high,synthetic,example\n")
    case, report = check_case(tmp_path / "valley")
    assert case is not None
    assert [(f.code, f.row, f.severity) for f in report.faults] == [
        ("unknown-actor", 40, "warning")
    ]
    assert "iron_mine>SUPPLIES>steelworks#2" in set(case.graph.ties["tie_id"])
    with pytest.raises(InputError, match="did you mean 'iron_mine', whose name this is"):
        load_case(tmp_path / "valley", strict=True)


def test_ends_like_keys_of_regions_make_no_actors(tmp_path: Path) -> None:
    _, report = check_case(written(tmp_path, text=SALES + "Mine;region:XX;1,5\n"))
    assert [(f.code, f.row) for f in report.errors] == [("unknown-region", 4)]


def test_actors_are_made_of_rows_that_are_placed_only(tmp_path: Path) -> None:
    folder = written(tmp_path, text=SALES + "Mine;Dairy;many\n")
    case, report = check_case(folder, set_aside=True)
    assert case is not None
    assert "Dairy" not in case.graph
    assert report.balanced


def test_constants_are_checked(tmp_path: Path) -> None:
    folder = written(tmp_path)
    toml = folder / "case.toml"
    text = toml.read_text(encoding="utf-8").replace('"SUPPLIES"', '"SUPPLY"')
    toml.write_text(text.replace("year = 2023", "year = 23").replace("= true", '= "yes"'), "utf-8")
    _, report = check_case(folder)
    found = {(f.code, f.column) for f in report.errors}
    assert {
        ("unknown-value", "inputs.ties.tie_type"),
        ("out-of-range", "inputs.ties.year"),
        ("wrong-type", "inputs.ties.make_actors"),
        ("missing-key", "inputs.ties"),
    } <= found


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    inputs = [NewInput("ties", sales(tmp_path)), NewInput("actors", sales(tmp_path / "other"))]
    with pytest.raises(InputError, match="Rename one of them"):
        write_case(tmp_path / "valley", inputs, year=2024)
    assert not (tmp_path / "valley").exists()


def test_equal_faults_are_told_once_with_their_rows(tmp_path: Path) -> None:
    text = SALES + "".join(f"Mine;Mill;{value}\n" for value in ("много", "мало", *["много"] * 4))
    _, report = check_case(written(tmp_path, text=text))
    assert len(report.errors) == 6
    lines = quality_lines(report)
    assert "Faults: 6" in lines
    (much,) = [line for line in lines if "много" in line]
    assert "rows 4, 6, 7 and 2 more, column Сумма" in much
    assert sum("мало" in line for line in lines) == 1
