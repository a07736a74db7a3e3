"""Settings are checked at the door, each by its name, before anything is computed."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pytest

import klaster
from klaster.graph.settings import AnalysisSettings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("seed", seed) for seed in (True, np.True_, 1.0, "1", -1, 2**32, None)),
        *(("resolution", r) for r in (float("nan"), float("inf"), 0, -1, "1", True, None, 10**400)),
        *(("significance", level) for level in (0, 1, -0.1, float("nan"), "0.05")),
        *((n, v) for n in ("ensemble", "null_draws", "evidence_draws") for v in (0, -1, 2.0, True)),
        ("ensemble", 10**9),
        ("joint", "both"),
        ("joint", None),
        ("self_ties", "dropped"),
        ("engine", "leidn"),
        ("engine", ["leiden"]),
        ("status", ("now",)),
        ("status", ()),
        ("status", 3),
        ("layers", {"suply": 1.0}),
        ("layers", {"supply": -1}),
        ("layers", {"supply": "much"}),
        ("layers", dict.fromkeys(AnalysisSettings().layers, 0)),
        ("layers", "supply"),
        ("keep", {"certain": 1.0}),
        ("keep", {"high": 1.5}),
        ("keep", {"high": float("nan")}),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused_by_name(name: str, value: Any) -> None:
    with pytest.raises(klaster.InputError, match=f"column {name}: ") as refused:
        AnalysisSettings(**{name: value})
    (fault,) = refused.value.faults
    assert fault.column == name
    assert fault.remedy


def test_every_fault_of_the_settings_is_told_at_once() -> None:
    with pytest.raises(klaster.InputError) as refused:
        AnalysisSettings(seed=-1, ensemble=0, engine="leidn")
    assert [fault.column for fault in refused.value.faults] == ["engine", "ensemble", "seed"]
    assert "did you mean 'leiden'" in str(refused.value)


def test_numbers_of_numpy_are_taken() -> None:
    given: dict[str, Any] = {
        "seed": np.int64(7),
        "ensemble": np.uint8(5),
        "resolution": np.float32(0.5),
        "status": ["current"],
        "layers": {"supply": np.int32(2)},
    }
    settings = AnalysisSettings(**given)
    plain = AnalysisSettings(seed=7, ensemble=5, resolution=0.5, status=("current",))
    assert settings.layers == {**plain.layers, "supply": 2.0}
    assert (settings.seed, settings.status) == (plain.seed, plain.status)
    assert type(settings.seed) is int
    assert type(settings.resolution) is float


def test_a_seed_of_numpy_gives_what_the_same_number_gives() -> None:
    graph = nx.barbell_graph(5, 0)
    seed: Any = np.int64(3)
    assert klaster.find_clusters(graph, seed=seed) == klaster.find_clusters(graph, seed=3)


@pytest.mark.parametrize(
    "given", [{"seed": True}, {"seed": 1.5}, {"seed": -1}, {"resolution": 0}, {"resolution": "x"}]
)
def test_find_clusters_refuses_before_it_computes(given: dict[str, Any]) -> None:
    with pytest.raises(klaster.InputError, match=f"column {next(iter(given))}"):
        klaster.find_clusters(nx.barbell_graph(3, 0), **given)


def test_a_status_given_as_a_text_is_one_status() -> None:
    graph = nx.barbell_graph(3, 0)
    assert klaster.find_clusters(graph, status="current").settings.status == ("current",)
    with pytest.raises(klaster.UnknownNameError, match="no status 'curent'"):
        klaster.find_clusters(graph, status="curent")
