"""Pieces of work on one and on several processes."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from pieces_of_work import fails_at_three, slow_square
from reference_networks import karate, random_ties
from scipy import sparse

from klaster.algorithms.analysis.communities import find_communities, find_multiplex_communities
from klaster.algorithms.community.search import Search
from klaster.algorithms.community.work import do_all
from klaster.algorithms.trust.ensembles import ensemble
from klaster.algorithms.trust.significance import NullTest
from klaster.algorithms.trust.uncertainty import UncertainTies, uncertain_partition
from klaster.graph.model import Layer


def test_results_come_in_order_and_are_told() -> None:
    told: list[tuple[int, int]] = []
    found = do_all(pow, 2, 6, progress=lambda done, total: told.append((done, total)))
    assert found == [1, 2, 4, 8, 16, 32]
    assert told == [(k, 6) for k in range(1, 7)]
    assert do_all(pow, 2, 0) == []


def test_several_processes_give_the_same_list() -> None:
    told: list[tuple[int, int]] = []
    found = do_all(pow, 3, 9, workers=2, progress=lambda done, total: told.append((done, total)))
    assert found == [3**k for k in range(9)]
    assert told[-1] == (9, 9)


def test_a_time_box_cuts_off_the_tail() -> None:
    for workers in (1, 2):
        found = do_all(slow_square, 0.05, 400, seconds=0.3, workers=workers)
        assert 1 <= len(found) < 400
        assert found == [k * k for k in range(len(found))]


def test_what_must_be_done_is_done_whatever_the_time() -> None:
    found = do_all(slow_square, 0.02, 60, seconds=0.001, least=5)
    assert found == [0, 1, 4, 9, 16]


def test_a_fault_in_a_process_reaches_the_caller() -> None:
    for workers in (1, 2):
        with pytest.raises(RuntimeError, match="piece 3 failed"):
            do_all(fails_at_three, None, 50, workers=workers)


def test_bad_calls() -> None:
    with pytest.raises(ValueError, match="workers is 0"):
        do_all(pow, 2, 3, workers=0)
    with pytest.raises(ValueError, match="seconds is 0"):
        do_all(pow, 2, 3, seconds=0)


def layers() -> list[Layer]:
    ids = np.array([f"n{k:02d}" for k in range(40)])
    return [
        Layer(name, ids, random_ties(seed, 40, ties, loops=False), "ties", ties, 0)
        for name, seed, ties in (("supply", 1, 90), ("training", 2, 30))
    ]


def digest(workers: int) -> str:
    """Return a digest of everything that may run on several processes."""
    state = hashlib.sha256()
    one = find_communities(layers()[0], Search(runs=6, workers=workers), NullTest(draws=19))
    both = find_multiplex_communities(layers(), Search(runs=6, workers=workers), NullTest(draws=19))
    for found in (one, both):
        state.update(repr(found.finding).encode())
        for array in (found.labels, found.stability, found.ensemble):
            state.update(array.tobytes())
    cells = karate().tocoo()
    ties = UncertainTies.of(cells.row, cells.col, 34, keep=0.8)
    sure = uncertain_partition(ties, search=Search(workers=workers, runs=3), draws=8)
    for array in (sure.labels, sure.own, sure.elsewhere, sure.membership.toarray()):
        state.update(array.tobytes())
    return state.hexdigest()


def test_one_and_two_processes_give_the_same_bytes() -> None:
    assert digest(1) == digest(2)


def test_a_time_box_on_an_ensemble_leaves_its_beginning() -> None:
    ties = random_ties(3, 400, 1600, loops=False)
    whole = ensemble(ties, Search(runs=30))
    begun = ensemble(ties, Search(runs=30, seconds=0.02))
    assert 1 <= len(begun) < 30
    assert np.array_equal(begun, whole[: len(begun)])
    boxed = find_communities(
        layers()[0], Search(runs=500, seconds=0.1), NullTest(draws=400)
    ).finding
    assert boxed.ensemble_size < 500
    assert 19 <= boxed.null_draws < 400


def test_each_run_sees_the_nodes_in_an_order_of_its_own() -> None:
    """A search that takes the first node it sees as one community shows the order."""
    from klaster.algorithms.community import detect, engines

    def first_alone(network: sparse.csr_array, resolution: float, seed: int) -> np.ndarray:
        labels = np.ones(network.shape[0], dtype=np.int64)
        labels[0] = 0
        return labels

    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(engines._SEARCHES, "first-alone", first_alone)
        plan = detect.plan_search(karate(), Search(engine="first-alone"))
        rows = detect.partitions_of(karate(), plan, list(range(30)))
    alone = {int(np.flatnonzero(row == 1)[0]) for row in rows}
    assert len(alone) > 10


def test_workers_leave_with_a_parent_that_is_killed(tmp_path: object) -> None:
    """Nobody is left behind where the main process is killed outright."""
    code = (
        "import os, time\n"
        "from klaster.algorithms.community.work import do_all\n"
        "def told(done, total):\n"
        "    import multiprocessing\n"
        "    print(*[child.pid for child in multiprocessing.active_children()], flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "if __name__ == '__main__':\n"
        "    do_all(pow, 2, 100_000, workers=2, progress=told)\n"
    )
    script = os.path.join(str(tmp_path), "killed.py")
    with open(script, "w", encoding="utf-8") as file:
        file.write(code)
    printed = subprocess.run([sys.executable, script], capture_output=True, text=True, check=False)
    children = [int(pid) for pid in printed.stdout.split()]
    assert len(children) == 2
    deadline = time.monotonic() + 20
    while any(_runs(pid) for pid in children) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not any(_runs(pid) for pid in children)


def _runs(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
