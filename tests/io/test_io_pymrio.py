"""Equality with pymrio, an independent implementation of the algebra."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from io_tables import TABLES
from published_numbers import GERMANY_X, GERMANY_Z, MILLER_BLAIR_X, MILLER_BLAIR_Z
from pymrio.tools import iomath

from klaster.algorithms.io.coefficients import allocation_coefficients, input_coefficients
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse, output_for
from klaster.algorithms.io.multipliers import multipliers


def compare(
    Z: np.ndarray[tuple[int, int], np.dtype[np.float64]],
    x: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> None:
    names = [f"i{k}" for k in range(len(x))]
    flows = pd.DataFrame(Z, index=names, columns=names)
    output = pd.DataFrame(x, index=names, columns=["output"])
    A, B = iomath.calc_A(flows, output), iomath.calc_B(flows, output)
    assert np.allclose(A, input_coefficients(Z, x), rtol=1e-12, atol=0)
    assert np.allclose(B, allocation_coefficients(Z, x), rtol=1e-12, atol=0)
    L = leontief_inverse(input_coefficients(Z, x)).matrix
    G = ghosh_inverse(allocation_coefficients(Z, x)).matrix
    assert np.allclose(iomath.calc_L(A), L, rtol=1e-9, atol=1e-15)
    assert np.allclose(iomath.calc_G(B), G, rtol=1e-9, atol=1e-15)


def test_coefficients_and_inverses() -> None:
    compare(MILLER_BLAIR_Z, MILLER_BLAIR_X)
    compare(GERMANY_Z, GERMANY_X)


@pytest.mark.shared_data
@pytest.mark.parametrize("name", sorted(TABLES))
def test_coefficients_and_inverses_of_real_tables(name: str) -> None:
    Z, x = TABLES[name]()
    compare(np.maximum(Z, 0.0), x)


def test_output_for_final_demand() -> None:
    f = np.array([[600.0], [1500]])
    L = pd.DataFrame(leontief_inverse(MILLER_BLAIR_Z / MILLER_BLAIR_X).matrix)
    theirs = iomath.calc_x_from_L(L, pd.DataFrame(f))
    found = output_for(MILLER_BLAIR_Z / MILLER_BLAIR_X, f[:, 0])
    assert np.allclose(np.ravel(theirs), found, rtol=1e-12, atol=0)


def test_multipliers() -> None:
    S = pd.DataFrame([GERMANY_X / GERMANY_X, np.arange(1.0, 7.0)])
    L = pd.DataFrame(leontief_inverse(GERMANY_Z / GERMANY_X).matrix)
    theirs = iomath.calc_M(S, L)
    simple = multipliers(GERMANY_Z / GERMANY_X).simple
    assert np.allclose(theirs.iloc[0], simple, rtol=1e-12, atol=0)
    found = multipliers(GERMANY_Z / GERMANY_X, np.arange(1.0, 7.0))
    assert np.allclose(theirs.iloc[1], found.simple, rtol=1e-12, atol=0)
