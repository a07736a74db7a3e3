"""A workbook of firms is analysed by one command, without writing a file by hand."""

from __future__ import annotations

import random
from pathlib import Path

import networkx as nx
import openpyxl
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from klaster.cli import ties_command
from klaster.cli.main import app, main
from klaster.loaders.case.case_folder import load_case

COLUMNS = ("--source", "Поставщик", "--target", "Покупатель", "--amount", "Сумма")
GROUPS = {
    trade: [f"ТОО «{trade} {k}»" for k in range(1, 21)] for trade in ("Металл", "Зерно", "Нефть")
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments], catch_exceptions=True)


def workbook(path: Path) -> Path:
    """Sixty firms in three groups: each sells to four of its own group, two a group to another."""
    dice = random.Random(3)
    names = list(GROUPS.values())
    ties = [
        (group[k], group[(k + step) % 20])
        for group in names
        for k in range(20)
        for step in (1, 2, 5, 7)
    ]
    ties += [(group[k], names[(g + 1) % 3][k + 3]) for g, group in enumerate(names) for k in (0, 5)]
    dice.shuffle(ties)
    book = openpyxl.Workbook()
    book.active.append(["Поставщик", "Покупатель", "Сумма"])
    for seller, buyer in ties:
        whole = f"{dice.randint(100_000, 9_999_999):,}".replace(",", " ")
        book.active.append([seller, buyer, f"{whole},{dice.randint(10, 99)}"])
    book.save(path)
    return path


@pytest.fixture(scope="module")
def analysed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The workbook, its results beside it in ``out``, and what the terminal said."""
    folder = tmp_path_factory.mktemp("job")
    path = workbook(folder / "ties.xlsx")
    result = run("analyze", path, *COLUMNS, "--out", folder / "out")
    assert result.exit_code == 0, result.output
    return path, result.output


def test_the_three_planted_groups_are_found_exactly(analysed: tuple[Path, str]) -> None:
    members = pd.read_csv(analysed[0].parent / "out" / "members.csv", encoding="utf-8-sig")
    joint = members[members["cluster_id"].str.startswith("joint-")]
    found = {frozenset(part["name"]) for _, part in joint.groupby("cluster_id")}
    assert found == {frozenset(group) for group in GROUPS.values()}


def test_every_output_says_that_amounts_are_not_used(analysed: tuple[Path, str]) -> None:
    path, told = analysed
    assert "(ties with one: 246 of 246)" in told
    for page in ("index.html", "quality.html"):
        assert "mounts not used" in (path.parent / "out" / page).read_text(encoding="utf-8")


def test_the_terminal_says_how_the_workbook_was_read(analysed: tuple[Path, str]) -> None:
    told = analysed[1]
    for words in (
        "'Поставщик' as source, 'Покупатель' as target, 'Сумма' as amount",
        "a decimal comma was read in 246 cells", "60 actors named by ties.xlsx made",
        "evidence 'not-stated'", "246 rows read", "network.html",
    ):  # fmt: skip
        assert words in told


def test_the_case_written_for_it_gives_the_same_clusters(analysed: tuple[Path, str]) -> None:
    path = analysed[0]
    made = run("new", path.parent / "steel", "--from", path)
    assert made.exit_code == 0, made.output
    assert "'Сумма' as amount (by its heading)" in made.output
    assert "year of the case" in made.output
    again = run("analyze", path.parent / "steel", "--out", path.parent / "out2")
    assert again.exit_code == 0, again.output
    for name in ("clusters.csv", "members.csv", "cores.csv"):
        first, second = (path.parent / out / name for out in ("out", "out2"))
        assert first.read_bytes() == second.read_bytes(), name


def test_a_folder_reads_all_that_a_file_reads(tmp_path: Path) -> None:
    rows = [
        ("Supplier", "Buyer", "Amount", "evidence", "date"),
        ("Mine", "Mill", "5 млн тг", "reported", "05.03.2022"),
        ("Mine", "Mill", "5 млн тг", "reported", "05.03.2022"),
        ("Mill", "Mill", "1 234,5 ₸", "", "2021"),
        ("KarTU", "Mine\u00a0 Ltd", "–", "", ""),
        ("KarTU", "Mill", "12,5", "Reported", ""),
    ]
    text = "\n".join(";".join(row) for row in rows)
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    actors = "name,actor_type\nKarTU,University\nMill,\n"
    (tmp_path / "a.csv").write_text(actors, encoding="utf-8")
    read = ties_command.case_of_ties(
        tmp_path / "t.csv",
        {"actors": tmp_path / "a.csv", "year": "date"},
        strict=False,
        set_aside=False,
    )
    made = run(
        *("new", tmp_path / "case", "--from", tmp_path / "t.csv"),
        *("--actors", tmp_path / "a.csv", "--year", "date"),
    )
    assert made.exit_code == 0, made.output
    case = load_case(tmp_path / "case")
    for name in ("tie_id", "value", "unit", "currency", "evidence", "source", "year"):
        assert case.graph.ties[name].equals(read.graph.ties[name]), name
    assert case.graph.ties["unit"].dropna().tolist() == ["not stated", "KZT", "million", "million"]
    for name in ("id", "actor_type", "sphere"):
        assert case.graph.nodes[name].equals(read.graph.nodes[name]), name
    assert case.graph.node("KarTU")["sphere"] == "academia"


def test_check_says_how_a_file_is_read_and_stops(analysed: tuple[Path, str]) -> None:
    result = run("check", analysed[0])
    assert result.exit_code == 0
    assert "246 = 246 + 0" in result.output
    assert "'Поставщик' as source (by its heading)" in result.output


def test_payments_actors_and_constants_by_options(tmp_path: Path) -> None:
    pd.DataFrame({"payer": ["b"] * 3, "payee": ["a", "c", "d"]}).to_csv(
        tmp_path / "t.csv", index=False
    )
    pd.DataFrame({"name": ["a"], "region": ["KRG"]}).to_csv(tmp_path / "a.csv", index=False)
    options = (
        "--source", "payer", "--target", "payee", "--direction", "payments", "--year", 2023, "--stated-by",
        "bank", "--evidence", "measured", "--actors", tmp_path / "a.csv",
    )  # fmt: skip
    result = run("check", tmp_path / "t.csv", *options)
    assert result.exit_code == 0, result.output
    assert "payments were turned round" in result.output
    assert "year 2023, evidence 'measured', source 'bank'" in result.output
    made = run("new", tmp_path / "case", "--from", tmp_path / "t.csv", *options)
    assert made.exit_code == 0, made.output
    checked = run("check", tmp_path / "case")
    assert checked.exit_code == 0, checked.output
    assert 'source_id = "payee"' in (tmp_path / "case" / "case.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["graphml", "gexf", "parquet"])
def test_other_files_are_taken_too(kind: str, tmp_path: Path) -> None:
    graph = nx.DiGraph([("mine", "mill"), ("mill", "plant")])
    at = tmp_path / f"ties.{kind}"
    if kind == "parquet":
        pd.DataFrame(list(graph.edges), columns=["supplier", "buyer"]).to_parquet(at)
    else:
        {"graphml": nx.write_graphml, "gexf": nx.write_gexf}[kind](graph, at)
    result = run("check", at)
    assert result.exit_code == 0, result.output
    assert "2 = 2 + 0" in result.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("analyze", "nothing.xlsx"), ["no such file"]),
        (("analyze", "ties.csv", "--source", "seler"), ["did you mean 'seller'", "'buyer'"]),
        (("analyze", "io.csv"), ["klaster io io.csv", "index_col=0"]),
        (("analyze", "folder", "--source", "x"), ["it is a folder", "case.toml"]),
        (
            ("new", "case", "--from", "edges.edgelist"),
            ["columns have names", "klaster analyze edges.edgelist"],
        ),
        (("check", "broken.csv"), ["the source is empty", "row 3"]),
    ],
    ids=lambda words: " ".join(map(str, words[:2])),
)
def test_wrong_uses_of_the_commands(
    arguments: tuple[str, ...], words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "ties.csv").write_text("seller,buyer\na,b\n", encoding="utf-8")
    (tmp_path / "broken.csv").write_text("seller,buyer\na,b\n,c\n", encoding="utf-8")
    (tmp_path / "edges.edgelist").write_text("a b\nb c\n", encoding="utf-8")
    (tmp_path / "io.csv").write_text("code,A,B,C\nA,1,2,3\nB,1,2,3\nC,1,2,3\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["klaster", *arguments])
    with pytest.raises(SystemExit) as stopped:
        raise SystemExit(main())
    told = capsys.readouterr()
    assert stopped.value.code == 2
    for word in words:
        assert word in told.out + told.err


def test_rows_set_aside_are_in_rejected_csv(tmp_path: Path) -> None:
    rows = ["seller,buyer"] + [f"{a},{b}" for a in "abcd" for b in "abcd" if a != b] + [",x", "y,"]
    (tmp_path / "ties.csv").write_text("\n".join(rows), encoding="utf-8")
    result = run("analyze", tmp_path / "ties.csv", "--set-aside", "--out", tmp_path / "out")
    assert result.exit_code == 0, result.output
    rejected = pd.read_csv(tmp_path / "out" / "rejected.csv", encoding="utf-8-sig")
    assert rejected["row"].tolist() == [14, 15]
    assert rejected["reason"].tolist() == ["the source is empty", "the target is empty"]
