"""The embedded store: the contract, its file, and the faults of a file."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kglite
import pytest
from example_graphs import steel_case
from store_contract import StoreContract

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.model import ClusterGraph
from klaster.graph.stores import embedded
from klaster.graph.stores.embedded import EmbeddedStore


@pytest.fixture
def store() -> Iterator[EmbeddedStore]:
    with EmbeddedStore() as empty:
        yield empty


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    with EmbeddedStore() as filled:
        filled.write(steel_case())
        return filled.save(tmp_path / "graph.kgl")


class TestContract(StoreContract):
    """Every test of the contract, on the embedded store."""


class TestReopenedContract:
    def test_reopened_store_is_the_same(self, saved: Path) -> None:
        with EmbeddedStore.open(saved) as store:
            assert store.read() == steel_case()
            assert store.run("MATCH (n:Actor) RETURN count(n) AS k").rows == ((11,),)

    def test_reopened_store_cannot_be_written_by_a_query(self, saved: Path) -> None:
        with EmbeddedStore.open(saved) as store, pytest.raises(QueryRefusedError, match="change"):
            store.run("CREATE (n:Actor {id: 'x'})")

    def test_reopened_store_can_be_written_by_write(self, saved: Path, tmp_path: Path) -> None:
        with EmbeddedStore.open(saved) as store:
            other = steel_case().select(kinds=["Actor"])
            store.write(other)
            again = store.save(tmp_path / "other.kgl")
        assert EmbeddedStore.open(again).read() == other
        assert EmbeddedStore.open(saved).read() == steel_case()


class TestFile:
    def test_same_bytes_in_another_process_and_row_order(self, saved: Path, tmp_path: Path) -> None:
        here = Path(__file__).parents[1] / "support"
        program = (
            f"import sys; sys.path.insert(0, {str(here)!r})\n"
            "from example_graphs import steel_case\n"
            "from klaster.graph.model import ClusterGraph\n"
            "from klaster.graph.stores.embedded import EmbeddedStore\n"
            "nodes, ties = steel_case().to_pandas()\n"
            "graph = ClusterGraph(nodes.iloc[::-1], ties.sample(frac=1, random_state=3))\n"
            "with EmbeddedStore() as store:\n"
            "    store.write(graph); store.save(sys.argv[1])\n"
        )
        digests = {hashlib.sha256(saved.read_bytes()).hexdigest()}
        for seed in ("1", "4242"):
            path = tmp_path / f"seed{seed}.kgl"
            subprocess.run(
                [sys.executable, "-c", program, str(path)],
                check=True,
                env=os.environ | {"PYTHONHASHSEED": seed},
            )
            digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
        assert len(digests) == 1

    def test_saving_leaves_only_the_file(self, saved: Path) -> None:
        assert [path.name for path in saved.parent.iterdir()] == ["graph.kgl"]

    def test_makes_the_folder(self, store: EmbeddedStore, tmp_path: Path) -> None:
        store.write(steel_case())
        path = store.save(tmp_path / "a" / "қала" / "g.kgl")
        assert EmbeddedStore.open(path).read() == steel_case()

    def test_leftovers_of_killed_writers_are_removed(self, saved: Path) -> None:
        child = subprocess.Popen([sys.executable, "-c", ""])
        child.wait()
        dead = saved.with_name(f"graph.kgl.tmp.{child.pid}.0")
        alive = saved.with_name(f"graph.kgl.tmp.{os.getppid()}.0")
        foreign = saved.with_name("graph.kgl.tmp.mine")
        for path in (dead, alive, foreign):
            path.write_bytes(b"RGF")
        EmbeddedStore.open(saved).save(saved)
        assert not dead.exists()
        assert alive.exists()
        assert foreign.exists()

    def test_refuses_to_replace_what_is_no_file(self, store: EmbeddedStore, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="not a file"):
            store.save(tmp_path)

    def test_cannot_write_there(self, store: EmbeddedStore, tmp_path: Path) -> None:
        blocker = tmp_path / "blocker"
        blocker.write_text("x")
        with pytest.raises(StoreError, match="cannot save"):
            store.save(blocker / "g.kgl")


class TestFaultsOfAFile:
    def test_missing(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match=r"no store .*none\.kgl.*klaster analyze"):
            EmbeddedStore.open(tmp_path / "none.kgl")

    def test_folder(self, tmp_path: Path) -> None:
        with pytest.raises(StoreError, match="not a file"):
            EmbeddedStore.open(tmp_path)

    @pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"id,name\n1,x\n" * 99])
    def test_some_other_file(self, tmp_path: Path, content: bytes) -> None:
        path = tmp_path / "other.kgl"
        path.write_bytes(content)
        with pytest.raises(StoreError, match="not a store of klaster"):
            EmbeddedStore.open(path)

    @pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.999])
    def test_cut_off(self, saved: Path, share: float) -> None:
        content = saved.read_bytes()
        saved.write_bytes(content[: max(4, int(len(content) * share))])
        with pytest.raises(StoreError, match="damaged"):
            EmbeddedStore.open(saved)

    def test_every_changed_byte_is_found(self, saved: Path) -> None:
        content = saved.read_bytes()
        opened = []
        for at in range(3, len(content), max(1, len(content) // 97)):
            changed = bytearray(content)
            changed[at] ^= 0x10
            saved.write_bytes(changed)
            try:
                opened.append((at, EmbeddedStore.open(saved).read() == steel_case()))
            except StoreError:
                continue
        assert [at for at, same in opened if not same] == []

    def test_written_by_another_engine_version(self, saved: Path) -> None:
        content = bytearray(saved.read_bytes())
        content[6] = 99  # the engine's data version, little-endian at byte 5
        saved.write_bytes(content)
        with pytest.raises(StoreError, match="another version of the store's engine"):
            EmbeddedStore.open(saved)

    def test_graph_of_another_program(self, tmp_path: Path) -> None:
        graph = kglite.KnowledgeGraph()
        graph.cypher("CREATE (n:Person {id: 'a'})")
        graph.save(str(tmp_path / "other.kgl"))
        with pytest.raises(StoreError, match="another program"):
            EmbeddedStore.open(tmp_path / "other.kgl")

    def test_other_format_of_klaster(self, tmp_path: Path) -> None:
        graph = kglite.KnowledgeGraph()
        graph.set_schema_version(embedded.FAMILY << 16 | 7)
        graph.save(str(tmp_path / "old.kgl"))
        with pytest.raises(StoreError, match="format 7"):
            EmbeddedStore.open(tmp_path / "old.kgl")


class TestEngine:
    def test_unsafe_passes_exist(self) -> None:
        assert set(embedded.UNSAFE_PASSES) <= set(kglite.cypher_pass_names())

    @pytest.mark.parametrize(
        ("query", "rows"),
        [
            (
                (
                    "MATCH (m) OPTIONAL MATCH (m)-[:OWNS]->(n) WITH n, count(*) AS c "
                    "RETURN n.id AS id, c ORDER BY id"
                ),
                (("holding", 1), ("ore", 1), ("steel", 1), (None, 16)),
            ),
            (
                "MATCH (n)-[:SUPPLIES]->(n) WITH n, count(*) AS c RETURN n.id AS id, c",
                (("steel", 1),),
            ),
            (
                "MATCH (a:Cluster) WITH a.cluster_no AS a WHERE a > 0 RETURN a",
                ((1,),),
            ),
        ],
    )
    def test_optimiser_faults_are_switched_off(
        self, store: EmbeddedStore, query: str, rows: tuple[tuple[Any, ...], ...]
    ) -> None:
        store.write(steel_case())
        assert store.run(query).rows == rows

    def test_dictionary_has_no_reserved_names(self) -> None:
        dictionary = load_dictionary()
        assert not {"title", "type", "label"} & set(dictionary.value_types("node"))
        assert not {"id", "type"} & set(dictionary.value_types("tie"))

    def test_remarks_are_notes_not_noise(
        self, store: EmbeddedStore, capfd: pytest.CaptureFixture[str]
    ) -> None:
        store.write(steel_case())
        result = store.run("MATCH (n:Nosuch) RETURN n.id AS id")
        assert result.rows == ()
        assert any("Nosuch" in note for note in result.notes)
        assert capfd.readouterr().err == ""

    def test_work_is_bounded(self) -> None:
        store = EmbeddedStore(max_work_units=20_000)
        store.write(steel_case())
        with pytest.raises(QueryRefusedError, match="steps"):
            store.run("MATCH (a), (b), (c), (d), (e), (f) RETURN count(*) AS k")

    def test_lost_rows_are_noticed(
        self, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store.write(steel_case())
        whole = embedded._batches
        monkeypatch.setattr(embedded, "_batches", lambda rows: whole(rows[: len(rows) - 1]))
        with pytest.raises(StoreError, match=r"Actor: 10 given, 9 there|Actor: \d+ given"):
            store.write(steel_case())
        monkeypatch.undo()
        assert store.read() == steel_case()

    def test_many_batches(self, store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(embedded, "BATCH_ROWS", 3)
        store.write(steel_case())
        assert store.read() == steel_case()

    def test_use_after_close(self, store: EmbeddedStore) -> None:
        store.close()
        for use in (store.read, lambda: store.run("RETURN 1 AS x"), lambda: store.write(_empty())):
            with pytest.raises(StoreError, match="closed"):
                use()


def _empty() -> ClusterGraph:
    return ClusterGraph.build([], [])
