"""Free queries in the child process: answers with their types, and attacks that cost it alone."""

from __future__ import annotations

import datetime as dt
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attack_queries import MEMORY_BOMBS, STACK_BOMBS, WORK_BOMBS
from example_graphs import steel_case
from hypothesis import given, settings
from hypothesis import strategies as st

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.queries import limited_process
from klaster.queries.gate import PassedQuery, pass_gate
from klaster.queries.limited_process import run_free
from klaster.queries.values import packed, unpacked, value_of_text

needs_limits = pytest.mark.skipif(
    sys.platform != "linux", reason="limits on memory and files are those of Linux"
)


@pytest.fixture(scope="module")
def held() -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as store:
        store.write(steel_case())
        yield store


@pytest.fixture(scope="module")
def path(held: EmbeddedStore, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return held.save(tmp_path_factory.mktemp("free") / "graph.kgl")


@pytest.fixture
def no_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything through: what the child does where the gate has a hole."""
    monkeypatch.setattr(limited_process, "pass_gate", PassedQuery)


class TestAnswers:
    def test_types_come_back(self, path: Path) -> None:
        values = {
            "d": dt.date(2014, 3, 19),
            "t": dt.datetime(2024, 5, 1, 12, 30, tzinfo=dt.UTC),
            "l": ["ё", 1, 2.5, None, True],
            "m": {"date": {"map": [1]}},
            "q": "Қ\"'\\ \n😀",
        }
        query = "RETURN $d AS d, $t AS t, $l AS l, $m AS m, $q AS q, 1 AS i, 1.0 AS f, null AS n"
        result = run_free(path, query, values)
        assert result.columns == ("d", "t", "l", "m", "q", "i", "f", "n")
        assert result.rows == ((*values.values(), 1, 1.0, None),)
        assert [type(v) for v in result.rows[0][5:7]] == [int, float]

    def test_rows_of_the_store(self, path: Path, held: EmbeddedStore) -> None:
        query = "MATCH (a:Firm)-[r:SUPPLIES]->(b) RETURN a.id AS a, b.id AS b, r.year AS y ORDER BY a, b, y"
        free = run_free(path, query)
        assert len(free.rows) == 8
        assert free == held.run(query)

    def test_row_limit(self, path: Path) -> None:
        query = "MATCH (n:Actor) RETURN n.id AS id ORDER BY id"
        assert run_free(path, query, row_limit=2).rows == (("akimat",), ("assoc",))
        assert run_free(path, query, row_limit=2).truncated
        assert not run_free(path, query, row_limit=11).truncated

    def test_remarks_come_back(self, path: Path) -> None:
        assert any(
            "Nosuch" in n for n in run_free(path, "MATCH (n:Nosuch) RETURN n.id AS id").notes
        )

    def test_byte_limit(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(limited_process, "MAX_ANSWER_BYTES", 10_000)
        result = run_free(path, "UNWIND range(1, 9000) AS x RETURN x, 'a' AS a", row_limit=9000)
        assert result.truncated
        assert 100 < len(result.rows) < 1000
        assert "10,000 bytes" in result.notes[-1]

    def test_fault_of_the_query(self, path: Path) -> None:
        with pytest.raises(StoreError, match="nosuchfunction"):
            run_free(path, "RETURN nosuchfunction(1) AS x")

    def test_missing_store(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="no store"):
            run_free(tmp_path / "none.kgl", "RETURN 1 AS x")

    def test_damaged_store(self, tmp_path: Path) -> None:
        (tmp_path / "x.kgl").write_bytes(b"RGF" + b"\x08" * 900)
        with pytest.raises(StoreError, match="damaged"):
            run_free(tmp_path / "x.kgl", "RETURN 1 AS x")

    def test_value_that_cannot_be_passed(self, path: Path) -> None:
        with pytest.raises(StoreError, match="object"):
            run_free(path, "RETURN $p AS x", {"p": object()})

    def test_gate_comes_first(self, path: Path) -> None:
        with pytest.raises(QueryRefusedError, match="DELETE writes"):
            run_free(path, "MATCH (n) DELETE n")

    def test_working_folder_is_not_imported_from(
        self, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "json.py").write_text("raise SystemExit('imported from the working folder')")
        monkeypatch.chdir(tmp_path)
        assert run_free(path, "RETURN 1 AS x").rows == ((1,),)

    def test_passwords_stay_with_the_parent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        seen: dict[str, Any] = {}

        def note(*args: Any, **kwargs: Any) -> Any:
            seen.update(kwargs["env"])
            raise OSError("not started")

        monkeypatch.setenv("NEO4J_PASSWORD", "secret")
        monkeypatch.setattr(limited_process.subprocess, "Popen", note)
        with pytest.raises(StoreError, match="not started"):
            run_free("x.kgl", "RETURN 1 AS x")
        assert "secret" not in seen.values()
        assert seen["PATH"] == os.environ["PATH"]


class TestAttacks:
    """Each costs the child; afterwards the store of this process answers as before."""

    @pytest.fixture(autouse=True)
    def _store_lives(self, held: EmbeddedStore, path: Path) -> Iterator[None]:
        before = path.read_bytes()
        yield
        assert held.run("MATCH (n:Actor) RETURN count(n) AS k").rows == ((11,),)
        assert path.read_bytes() == before

    @needs_limits
    @pytest.mark.parametrize("query", MEMORY_BOMBS.values(), ids=MEMORY_BOMBS.keys())
    def test_memory(self, path: Path, query: str) -> None:
        assert pass_gate(query)
        with pytest.raises(QueryRefusedError, match=r"256 MiB|steps"):
            run_free(path, query, memory_mb=256)

    @pytest.mark.parametrize("query", WORK_BOMBS.values(), ids=WORK_BOMBS.keys())
    def test_work(self, path: Path, query: str) -> None:
        assert pass_gate(query)
        begin = time.monotonic()
        with pytest.raises(QueryRefusedError):
            run_free(path, query, timeout_s=1, memory_mb=512)
        assert (
            time.monotonic() - begin < 1 + limited_process.MARGIN_SECONDS + 20
        )  # the machine may be busy

    @pytest.mark.usefixtures("no_gate")
    @pytest.mark.parametrize("query", STACK_BOMBS.values(), ids=STACK_BOMBS.keys())
    def test_stack_behind_the_gate(self, path: Path, query: str) -> None:
        with pytest.raises(QueryRefusedError, match="nested too deep"):
            run_free(path, query)

    @needs_limits
    @pytest.mark.usefixtures("no_gate")
    @pytest.mark.parametrize("spelling", ["{}", "file://{}"])
    def test_files_behind_the_gate(self, path: Path, tmp_path: Path, spelling: str) -> None:
        secret = tmp_path / "secret.csv"
        secret.write_text("top secret\n")
        query = f"LOAD CSV FROM '{spelling.format(secret)}' AS l RETURN l"
        with pytest.raises(StoreError) as caught:
            run_free(path, query)
        assert "top secret" not in str(caught.value)

    @pytest.mark.usefixtures("no_gate")
    def test_writes_behind_the_gate(self, path: Path) -> None:
        with pytest.raises(QueryRefusedError, match="change"):
            run_free(path, "MATCH (n) DETACH DELETE n")

    def test_clock_of_the_parent(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # The engine's own clock and the processor limit are set far away.
        monkeypatch.setattr(limited_process, "MARGIN_SECONDS", -59.0)
        begin = time.monotonic()
        with pytest.raises(QueryRefusedError, match="longer"):
            run_free(path, WORK_BOMBS["products"], timeout_s=60)
        assert time.monotonic() - begin < 30


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.datetimes(timezones=st.just(dt.UTC) | st.none())
    | st.times(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(_VALUES)
def test_values_survive_the_pipe(value: Any) -> None:
    import json

    back = unpacked(json.loads(json.dumps(packed(value), allow_nan=False)))
    assert back == value
    assert type(back) is type(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2014", 2014),
        ("007", "007"),
        ("-1.5", -1.5),
        ("true", True),
        ("null", None),
        ("NaN", "NaN"),
        ("2014-03-19", dt.date(2014, 3, 19)),
        ("2014-13-19", "2014-13-19"),
        ("Қарағанды", "Қарағанды"),
        ('"5"', "5"),
        ('["a", 1]', ["a", 1]),
        ("", ""),
    ],
)
def test_value_of_text(text: str, value: Any) -> None:
    got = value_of_text(text)
    assert got == value
    assert type(got) is type(value)
