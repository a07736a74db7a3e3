"""Real tables: balances as their publishers state, identities, and extraction of every industry."""

from __future__ import annotations

import numpy as np
import pytest
from io_tables import TABLES, usa

from klaster.algorithms.io.extraction import EXTRACTION_MODES, extraction_losses
from klaster.algorithms.io.system import IOSystem, industry_measures
from klaster.graph.errors import InputError

pytestmark = pytest.mark.shared_data


def system(name: str) -> IOSystem:
    flows, output = TABLES[name]()
    return IOSystem.from_flows(np.maximum(flows, 0.0), output)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_identities_hold_to_a_billionth(name: str) -> None:
    table = system(name)
    x, active = table.output, table.active
    L, G = table.leontief.matrix, table.ghosh.matrix
    assert np.abs(L @ table.final_demand - x).max() <= 1e-9 * x.max()
    assert np.abs(table.primary_inputs @ G - x).max() <= 1e-9 * x.max()
    inside = np.ix_(active, active)
    from_leontief = L[inside] * x[active] / x[active][:, None]
    assert np.abs(G[inside] - from_leontief).max() <= 1e-9 * G.max()
    cost = table.primary_inputs[active] / x[active]
    assert np.abs(cost @ L[inside] - 1).max() <= 1e-9
    assert table.leontief.spectral_radius < 1
    assert table.leontief.spectral_radius == pytest.approx(table.ghosh.spectral_radius, abs=1e-9)


@pytest.mark.parametrize("name", ["croatia", "wiod"])
def test_extraction_equals_one_solve_for_each_industry(name: str) -> None:
    table = system(name)
    x, f = table.output, table.final_demand
    n = len(x)
    some = range(n) if n < 100 else np.random.default_rng(5).choice(n, 4, replace=False)
    A = table.input_coefficients
    # The published identity first: column sums of the n × n losses are the totals.
    for mode in EXTRACTION_MODES:
        losses = extraction_losses(
            table.leontief.matrix, x, f, mode=mode, own_coefficients=np.diagonal(A)
        )
        total = table.extraction(mode).loss
        assert np.abs(losses.sum(axis=0) - total).max() <= 1e-8 * np.abs(total).max()
    complete = extraction_losses(table.leontief.matrix, x, f)
    for k in some:
        without, demand = A.copy(), f.copy()
        without[k], without[:, k], demand[k] = 0, 0, 0
        slow = x - np.linalg.solve(np.eye(n) - without, demand)
        assert np.abs(complete[:, k] - slow).max() <= 1e-8 * x.max()


def test_negative_flows_of_the_usa_are_listed_not_clipped() -> None:
    flows, output = usa()
    negative = np.argwhere(flows < 0).tolist()
    assert len(negative) == 7
    with pytest.raises(InputError) as caught:
        IOSystem.from_flows(flows, output)
    assert len(caught.value.faults) == 7
    assert f"[{negative[0][0]}, {negative[0][1]}]" in str(caught.value)


def test_idle_industries_of_the_world_table_stay_out_of_averages() -> None:
    table = system("wiod")
    found = table.linkages()
    assert found.active_count == 1435 - 22
    assert np.nanmean(found.backward_index) == pytest.approx(1, abs=1e-9)
    assert np.isnan(found.forward_index).sum() == 22


def test_measures_of_a_large_table() -> None:
    table = system("usa")
    found = industry_measures(
        table,
        linkages=table.linkages(),
        extraction=table.extraction(),
        quantities={"primary": table.primary_inputs},
    )
    assert len(found) == 402
    assert np.allclose(found["primary multiplier"], 1)
    assert (found["upstreamness"].dropna() >= 1).all()
    assert (found["loss_share"] <= 1).all()
    assert set(found["sector_class"]) == {"key", "backward", "forward", "weak"}
