"""A node's place in a partition: strength within its module, spread over modules, role.

R. Guimerà, L. A. N. Amaral (2005), Functional cartography of complex metabolic networks, Nature 433,
895-900, doi:10.1038/nature03288.
"""

from __future__ import annotations

import numpy as np
from scipy import sparse

from klaster.algorithms.partitions.labels import checked_labels
from klaster.algorithms.square_matrix import Direction, as_seen, checked, row_sums
from klaster.graph.model import CSR, FloatArray, IntArray

ROLES = (
    "R1 ultra-peripheral",
    "R2 peripheral",
    "R3 connector",
    "R4 kinless",
    "R5 provincial hub",
    "R6 connector hub",
    "R7 kinless hub",
)
"""The roles of Guimerà and Amaral, from the edge of a module to the hub of all."""

HUB_Z = 2.5
_BORDERS = (0.05, 0.62, 0.80)
_HUB_BORDERS = (0.30, 0.75)
_ROUNDING = 1e-9


def _modules(matrix: CSR, labels: IntArray) -> IntArray:
    given = checked_labels(labels, matrix.shape[0])
    return np.unique(given, return_inverse=True)[1].astype(np.int64)


def participation(matrix: CSR, labels: IntArray, *, direction: Direction = "both") -> FloatArray:
    """Return how evenly each node's strength is spread over the modules.

    ``P_i = 1 - sum_s (k_is / k_i)^2``, where ``k_is`` is the strength of ``i`` with module ``s``:
    0 where all of it stays in one module, towards 1 where it is spread over many.

    Parameters
    ----------
    matrix
        ``matrix[i, j]`` is the strength of the ties from ``i`` to ``j``; ties to oneself are
        dropped.
    labels
        Module of each node: any whole numbers.
    direction
        Strength counted: ``both`` (default), ``in`` or ``out``.

    Returns
    -------
    array of float
        0 for a node without ties.

    Raises
    ------
    InputError
        For labels that are not one for each node.

    Examples
    --------
    The middle one of a chain of three belongs with the first.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> chain = sparse.csr_array([[0, 1, 0], [0, 0, 1], [0, 0, 0]])
    >>> participation(chain, np.array([0, 0, 1]))
    array([0. , 0.5, 0. ])
    """
    held = as_seen(checked(matrix, self_loops="drop"), direction)
    module = _modules(held, labels)
    n = held.shape[0]
    member = sparse.csr_array((np.ones(n), (np.arange(n), module)), shape=(n, n))
    with_module = sparse.csr_array(held @ member)
    total = row_sums(with_module)
    share = with_module.data / np.repeat(total, np.diff(with_module.indptr))
    with_module.data = share**2
    return np.where(total > 0, np.maximum(1.0 - row_sums(with_module), 0.0), 0.0)


def within_module_z(matrix: CSR, labels: IntArray, *, direction: Direction = "both") -> FloatArray:
    """Return how far each node's strength inside its module is above the module's mean.

    ``z_i = (k_i - mean) / sd`` with ``k_i`` the strength with nodes of the same module, and mean
    and population standard deviation over the module. In a module of n nodes z cannot exceed
    about ``sqrt(n - 1)``: in a small cluster nobody reaches the 2.5 of a hub, so percentiles are
    shown beside it.

    Parameters
    ----------
    matrix, labels, direction
        As for :func:`participation`.

    Returns
    -------
    array of float
        0 throughout a module whose members are equally strong (standard deviation 0).

    Examples
    --------
    The centre of a star of four.

    >>> import numpy as np
    >>> from scipy import sparse
    >>> star = sparse.csr_array([[0, 1, 1, 1], [0, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 0]])
    >>> within_module_z(star, np.zeros(4, dtype=int)).round(4)
    array([ 1.7321, -0.5774, -0.5774, -0.5774])
    """
    held = as_seen(checked(matrix, self_loops="drop"), direction)
    module = _modules(held, labels)
    n = held.shape[0]
    row = np.repeat(np.arange(n), np.diff(held.indptr))
    same = module[row] == module[held.indices]
    strongest = float(held.data.max(initial=0.0)) or 1.0
    weights = held.data / strongest  # only proportions matter; squares must not overflow
    inside = np.bincount(row[same], weights=weights[same], minlength=n)
    size = np.maximum(np.bincount(module, minlength=n), 1)
    mean = np.bincount(module, weights=inside, minlength=n) / size
    above = inside - mean[module]
    sd = np.sqrt(np.bincount(module, weights=above**2, minlength=n) / size)
    varies = (sd > _ROUNDING * mean)[module]  # below it the members differ by rounding only
    return np.divide(above, sd[module], out=np.zeros(n), where=varies)


def role(z: float, participation: float) -> str:
    """Return the role of a node by its strength inside its module and its spread over modules.

    Without a hub's strength (z < 2.5): R1 ultra-peripheral up to P = 0.05, R2 peripheral up to
    0.62, R3 connector up to 0.80, R4 kinless above. Hubs: R5 provincial up to 0.30, R6 connector
    up to 0.75, R7 kinless above. A value within 1e-9 of a border is held to be on it.

    Parameters
    ----------
    z
        Of :func:`within_module_z`.
    participation
        Of :func:`participation`.

    Examples
    --------
    >>> role(0.3, 0.62), role(2.6, 0.5)
    ('R2 peripheral', 'R6 connector hub')
    """
    if z >= HUB_Z - _ROUNDING:
        return ROLES[4 + sum(participation > border + _ROUNDING for border in _HUB_BORDERS)]
    return ROLES[sum(participation > border + _ROUNDING for border in _BORDERS)]
