"""Draws of the evidence, and how often the rank interval holds the true rank."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from klaster.algorithms.cores.evidence import EvidenceModel
from klaster.algorithms.cores.tie_table import TieTable
from klaster.algorithms.trust.uncertainty import SPREAD_BY_EVIDENCE
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import InputError

BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "coverage_study.py"


def _rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def _known(keep: float = 0.8, spread: float = 0.0) -> TieTable:
    rng = _rng(1)
    source = rng.integers(0, 8, 60)
    target = (source + rng.integers(1, 8, 60)) % 8
    layer = np.where(source == 0, "finance", "supply")
    return TieTable.build(
        [f"t{k:02d}" for k in range(60)],
        source,
        target,
        layer,
        weight=rng.random(60) + 0.5,
        keep=np.full(60, keep),
        both_ways=layer == "supply",
        spread=np.full(60, spread),
    )


SPHERES = np.array(["finance", *["business"] * 9])


def test_as_many_ties_are_added_as_are_left_out() -> None:
    model = EvidenceModel.of(_known(), 8, SPHERES)
    kept, added = [], []
    for seed in range(400):
        ids = model.draw(_rng(seed)).ids
        made_up = np.char.startswith(ids, "+")
        kept.append(int((~made_up).sum()))
        added.append(int(made_up.sum()))
    # 60 ties, each kept with 0.8: binomial with mean 48 and sd 3.1; added: Poisson with mean 12.
    assert np.mean(kept) == pytest.approx(48, abs=4 * 3.1 / 20)
    assert np.mean(added) == pytest.approx(12, abs=4 * np.sqrt(12) / 20)
    assert np.std(added) == pytest.approx(np.sqrt(12), rel=0.15)


def test_what_is_certain_stays() -> None:
    sure = _known(keep=1.0)
    model = EvidenceModel.of(sure, 8, SPHERES)
    assert model.is_certain
    drawn = model.draw(_rng(3))
    assert drawn.ids.tolist() == sure.ids.tolist()
    np.testing.assert_array_equal(drawn.weight, sure.weight)


def test_added_ties_keep_to_members_and_to_spheres_of_their_layer() -> None:
    known = _known()
    model = EvidenceModel.of(known, 8, SPHERES)
    ends = set()
    for seed in range(50):
        drawn = model.draw(_rng(seed))
        new = drawn.taken(np.char.startswith(drawn.ids, "+"))
        assert (new.source != new.target).all()
        assert (np.minimum(new.source, new.target) < 8).all()
        finance = new.layer == "finance"
        assert (new.source[finance] == 0).all()  # the only bank
        assert not new.both_ways[finance].any()
        assert new.both_ways[~finance].all()
        ends |= set(new.source.tolist()) | set(new.target.tolist())
    assert ends == set(range(8))  # nodes 8 and 9 have no ties at all


def test_strengths_vary_by_their_spread() -> None:
    model = EvidenceModel.of(_known(keep=1.0, spread=0.3), 8, SPHERES)
    assert not model.is_certain
    ratio = np.array([model.draw(_rng(seed)).weight for seed in range(500)]) / _known().weight
    assert ratio.mean() == pytest.approx(1.0, abs=0.01)
    assert ratio.std() == pytest.approx(0.3, abs=0.02)


def test_every_class_of_evidence_has_a_spread() -> None:
    assert set(SPREAD_BY_EVIDENCE) == set(load_dictionary().terms("evidence"))


def test_a_bad_spread_is_refused() -> None:
    with pytest.raises(InputError, match="coefficient of variation"):
        TieTable.build(["a"], [0], [1], ["supply"], spread=[-0.1])


def _study() -> ModuleType:
    spec = importlib.util.spec_from_file_location("coverage_study", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # its dataclasses look themselves up there
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("spoiling", ["both", "missing"])
def test_the_interval_covers_as_it_says(spoiling: str) -> None:
    # The whole study (200 cases, docs/cores.md) takes longer; 48 cases have about 1,300 actors.
    study = _study()
    ours, thin, _, same_width = study.summary(study.study(spoiling, cases=48, draws=60))
    assert 0.85 <= ours.covered <= 0.97
    assert thin.covered < ours.covered - 0.05
    assert ours.width < same_width.width
