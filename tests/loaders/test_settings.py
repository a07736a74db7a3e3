"""case.toml is checked as a whole: every fault with its line, its key and the next step."""

from pathlib import Path

import pytest

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import InputError
from klaster.graph.settings import AnalysisSettings
from klaster.loaders.case.case_file import read_settings
from klaster.loaders.case.case_folder import load_case
from klaster.loaders.case.new_case import new_case

MINIMAL = """[case]
name = "k"
title = "K"
year = 2020
currency = "KZT"

[inputs.actors]
file = "actors.csv"
"""


def folder_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    (tmp_path / "actors.csv").write_text(
        "id,name,actor_type,sphere\na,A,Firm,business\n", encoding="utf-8"
    )
    return tmp_path


def test_defaults(tmp_path: Path) -> None:
    settings, faults = read_settings(folder_with(tmp_path, MINIMAL))
    assert faults == ()
    assert settings is not None
    assert settings.analysis == AnalysisSettings()
    assert settings.titles == {"en": "K", "ru": "K", "kk": "K"}
    assert set(settings.analysis.layers) == set(load_dictionary().actor_layers())
    assert settings.analysis.keep == {"high": 0.95, "medium": 0.8, "low": 0.5}
    case = load_case(tmp_path)
    assert (case.table, case.boundaries, case.classification, case.networks) == (None,) * 3 + ((),)
    assert list(case.indicators.columns)[:3] == ["region", "year", "indicator"]


def test_settings_are_taken(tmp_path: Path) -> None:
    text = MINIMAL + (
        '[analysis]\nseed = 7\nstatus = ["ended"]\nself_ties = "keep"\nengine = "louvain-python"\n'
        "resolution = 2\nensemble = 5\nnull_draws = 9\nsignificance = 0.01\nevidence_draws = 3\n"
        "[analysis.layers]\nsupply = 2\n[analysis.keep]\nlow = 0.25\n"
        '[[networks]]\nid = "n"\ntitle = "N"\ntitle_ru = "Н"\n'
    )
    settings, faults = read_settings(folder_with(tmp_path, text))
    assert faults == ()
    assert settings is not None
    analysis = settings.analysis
    assert (analysis.seed, analysis.status, analysis.engine) == (7, ("ended",), "louvain-python")
    assert (analysis.layers["supply"], analysis.layers["knowledge"]) == (2.0, 1.0)
    assert (analysis.keep["low"], analysis.keep["high"]) == (0.25, 0.95)
    assert settings.networks[0].titles == {"en": "N", "ru": "Н", "kk": "N"}


def test_all_faults_of_the_case_file_together(tmp_path: Path) -> None:
    text = """[case]
name = "қала"
title = 5
yaer = 2020
currency = "KZT"

[inputs.actors]
file = "../actors.csv"
encoding = "latin-99"

[inputs.ties]
file = "tie.csv"

[inputs.ties.columns]
sorce_id = "from"

[inputs.ties.values.tie_type]
"поставляет" = "SUPPLY"

[analysis]
seed = -1
significance = "low"
self_ties = "remove"
status = ["curent"]

[analysis.layers]
suply = 1.0

[analysis.keep]
high = 1.5
"""
    (tmp_path / "ties.csv").write_text("", encoding="utf-8")
    settings, faults = read_settings(folder_with(tmp_path, text))
    found = {(f.code, f.row, f.column, f.value) for f in faults}
    assert found == {
        ("bad-name", 2, "case.name", "қала"),
        ("wrong-type", 3, "case.title", "5"),
        ("unknown-key", 4, "case.yaer", "yaer"),
        ("missing-key", 1, "case.year", ""),
        ("path-outside", 8, "inputs.actors.file", "../actors.csv"),
        ("unknown-value", 9, "inputs.actors.encoding", "latin-99"),
        ("missing-file", 12, "inputs.ties.file", "tie.csv"),
        ("unknown-attribute", 15, "inputs.ties.columns.sorce_id", "sorce_id"),
        ("unknown-value", 18, "inputs.ties.values.tie_type.поставляет", "SUPPLY"),
        ("out-of-range", 21, "analysis.seed", "-1"),
        ("wrong-type", 22, "analysis.significance", "low"),
        ("unknown-value", 23, "analysis.self_ties", "remove"),
        ("unknown-value", 24, "analysis.status", "curent"),
        ("unknown-key", 27, "analysis.layers.suply", "suply"),
        ("out-of-range", 30, "analysis.keep.high", "1.5"),
    }
    problems = {f.column: f.problem for f in faults}
    assert "did you mean 'year'" in problems["case.yaer"]
    assert "did you mean 'supply'" in problems["analysis.layers.suply"]
    assert "did you mean 'ties.csv'" in problems["inputs.ties.file"]
    assert "did you mean 'SUPPLIES'" in problems["inputs.ties.values.tie_type.поставляет"]
    assert settings is not None
    with pytest.raises(InputError) as caught:
        load_case(tmp_path)
    assert len(caught.value.faults) == len(faults)


@pytest.mark.parametrize(
    ("data", "code", "row"),
    [
        (b"[case\n", "bad-toml", 1),
        (b"[case]\nname = k\n", "bad-toml", 2),
        ("[case]\nname = 'Қ'\n".encode("kz1048"), "wrong-encoding", 2),
    ],
)
def test_a_case_file_that_cannot_be_read(tmp_path: Path, data: bytes, code: str, row: int) -> None:
    (tmp_path / "case.toml").write_bytes(data)
    _, (fault,) = read_settings(tmp_path)
    assert (fault.code, fault.row) == (code, row)


def test_a_folder_without_a_case_file(tmp_path: Path) -> None:
    _, (fault,) = read_settings(tmp_path)
    assert fault.code == "missing-file"
    assert "klaster new" in fault.remedy


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text("id,name,actor_type,sphere\n", encoding="utf-8")
    case = tmp_path / "case"
    case.mkdir()
    folder_with(case, MINIMAL)
    (case / "actors.csv").unlink()
    (case / "actors.csv").symlink_to(tmp_path / "secret.csv")
    _, (fault,) = read_settings(case)
    assert fault.code == "path-outside"


def test_an_input_is_needed(tmp_path: Path) -> None:
    text = MINIMAL.replace("[inputs.actors]", "[inputs.regions]")
    _, faults = read_settings(folder_with(tmp_path, text))
    assert [(f.code, f.column) for f in faults] == [("missing-key", "inputs")]


def test_a_new_case_loads_and_has_no_fault(tmp_path: Path) -> None:
    written = new_case(tmp_path / "Steel valley")
    assert all(path.is_file() for path in written)
    case = load_case(tmp_path / "Steel valley", strict=True)
    assert (case.name, case.titles["en"]) == ("Steel_valley", "Steel valley")
    assert case.report.faults == ()
    assert set(case.graph.nodes["evidence"]) == {"synthetic"}
    assert set(case.graph.ties["evidence"]) == {"synthetic"}
    assert case.settings == AnalysisSettings()


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match="not empty"):
        new_case(tmp_path)
    with pytest.raises(InputError, match="is a file"):
        new_case(tmp_path / "mine.txt")
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    new_case(tmp_path / "empty")
    assert load_case(tmp_path / "empty").name == "empty"
