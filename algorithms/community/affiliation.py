"""Communities of an affiliation: actors and what they take part in (projects, industries)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.community.detect import best_row
from klaster.algorithms.community.leiden import bipartite_modularity_form
from klaster.algorithms.community.multiplex import form_qualities, partitions_of_form
from klaster.algorithms.community.search import USUAL, Search
from klaster.algorithms.community.work import StepProgress
from klaster.algorithms.partitions.labels import canonical_labels, checked_labels
from klaster.graph.errors import Fault, InputError
from klaster.graph.model import CSR, IntArray


def one_mode_projection(incidence: CSR) -> CSR:
    r"""Return the ties between actors that take part in the same things, shared out fairly.

    .. math:: w_{ij} = \sum_p \frac{b_{ip} \, b_{jp}}{k_p - 1}, \qquad i \neq j

    Each thing ``p`` with :math:`k_p` members gives each of them the weight 1 to spend on the
    others, :math:`1/(k_p - 1)` on each. Without this, one project of 100 partners would weigh
    as much as 1,650 projects of three.

    Parameters
    ----------
    incidence
        Actors × things; any entry above zero means that the actor takes part (its size is not
        used).

    Returns
    -------
    csr_array
        Symmetric, no self-loops. The strength of an actor is the number of things it shares with
        anybody; a thing with one member ties nobody.

    Raises
    ------
    InputError
        For negative or missing entries.

    References
    ----------
    Newman, M. E. J. (2001), doi:10.1103/PhysRevE.64.016132.

    Examples
    --------
    Three partners in one project, two of them in another:

    >>> one_mode_projection(sparse.csr_array([[1.0, 1.0], [1.0, 1.0], [1.0, 0.0]])).toarray()
    array([[0. , 1.5, 0.5],
           [1.5, 0. , 0.5],
           [0.5, 0.5, 0. ]])
    """
    part = _checked_incidence(incidence)
    part.data = np.ones_like(part.data)
    members = np.asarray(part.sum(axis=0)).ravel()
    share = np.divide(1.0, members - 1, out=np.zeros_like(members), where=members > 1)
    both = sparse.coo_array(part @ sparse.diags_array(share) @ part.T)
    off = (both.row != both.col) & (both.data != 0)
    ties: CSR = sparse.csr_array((both.data[off], (both.row[off], both.col[off])), shape=both.shape)
    ties.sort_indices()
    return ties


def _checked_incidence(incidence: CSR) -> CSR:
    cells: CSR = sparse.coo_array(incidence).astype(np.float64).tocsr()
    cells.sum_duplicates()
    wrong = np.flatnonzero(~(np.isfinite(cells.data) & (cells.data >= 0)))
    if len(wrong):
        value = str(cells.data[wrong[0]])
        fault = Fault(
            file="incidence",
            code="bad-entry",
            value=value,
            problem=f"an entry is negative or not a number ({len(wrong)} cells)",
            remedy="Give 0 for no part and a positive number for a part.",
        )
        raise InputError([fault], "the affiliation")
    cells.eliminate_zeros()
    cells.sort_indices()
    return cells


def bipartite_modularity(
    incidence: CSR,
    row_labels: npt.ArrayLike,
    column_labels: npt.ArrayLike,
    *,
    resolution: float = 1.0,
) -> float:
    r"""Return Barber's modularity: parts within communities beyond those expected.

    .. math:: Q = \frac{1}{m} \sum_{ip} \Bigl(b_{ip} - \gamma \frac{k_i d_p}{m}\Bigr)
              \delta(c_i, c_p)

    with :math:`k_i` the sum of row ``i``, :math:`d_p` that of column ``p`` and :math:`m` of all:
    actors are expected to take part in things, not to be tied to actors.

    Parameters
    ----------
    incidence
        Actors × things, entries none below zero; their size counts.
    row_labels, column_labels
        Community of each actor and of each thing, in one numbering.
    resolution
        :math:`\gamma`.

    Returns
    -------
    float
        At most 1; 0 for one community of all, and for an empty affiliation.

    References
    ----------
    Barber, M. J. (2007), doi:10.1103/PhysRevE.76.066102.

    Examples
    --------
    >>> parts = sparse.csr_array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> round(bipartite_modularity(parts, [0, 1], [0, 0, 1]), 6)
    0.444444
    """
    cells = _checked_incidence(incidence)
    rows = checked_labels(row_labels, cells.shape[0])
    columns = checked_labels(column_labels, cells.shape[1])
    form = bipartite_modularity_form(cells, resolution)
    return form.quality(np.concatenate([rows, columns])) if cells.nnz else 0.0


def column_communities(
    incidence: CSR, row_labels: npt.ArrayLike, *, resolution: float = 1.0
) -> IntArray:
    """Return for each thing the community of actors where it adds most to Barber's modularity.

    So communities of actors alone, as those of the one-mode projection, can be compared with
    communities of both. A thing that adds nothing anywhere gets the community that loses least;
    among equals the smallest number; one without members the community 0.

    Examples
    --------
    >>> parts = sparse.csr_array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> column_communities(parts, [0, 1]).tolist()
    [0, 0, 1]
    """
    cells = _checked_incidence(incidence)
    labels = canonical_labels(checked_labels(row_labels, cells.shape[0]))
    count = int(labels.max(initial=-1)) + 1
    if cells.nnz == 0 or count == 0:
        return np.zeros(cells.shape[1], dtype=np.int64)
    belongs = sparse.csr_array(
        (np.ones(len(labels)), (np.arange(len(labels)), labels)), shape=(len(labels), count)
    )
    share = np.asarray(belongs.T @ np.asarray(cells.sum(axis=1)).ravel()) / cells.sum()
    inside = sparse.csr_array((belongs.T @ cells).T)  # things × communities
    size = np.asarray(cells.sum(axis=0)).ravel()
    best = np.full(cells.shape[1], int(np.argmin(share)), dtype=np.int64)
    best[size == 0] = 0
    cell = inside.tocoo()
    gain = cell.data - resolution * size[cell.row] * share[cell.col]
    order = np.lexsort((cell.col, -gain, cell.row))
    thing, first = np.unique(cell.row[order], return_index=True)
    # A community it has members in is never worse than the smallest other, but for rounding.
    least = -resolution * size[thing] * share.min()
    chosen = order[first]
    best[thing] = np.where(gain[chosen] >= least, cell.col[chosen], best[thing])
    return best


@dataclass(frozen=True, eq=False)
class BipartitePartition:
    """Communities of actors and things together.

    Attributes
    ----------
    row_labels, column_labels
        Community of each actor and of each thing, in one canonical numbering.
    modularity
        Barber's.
    """

    row_labels: IntArray
    column_labels: IntArray
    modularity: float


def best_bipartite_partition(
    incidence: CSR, search: Search = USUAL, *, progress: StepProgress | None = None
) -> BipartitePartition:
    """Return the communities of actors and things of the highest Barber modularity found.

    Parameters
    ----------
    incidence
        Actors × things, entries none below zero.
    search
        How it is searched for; always by Leiden, whatever its engine. Among equally good partitions
        the smallest label vector.
    progress
        Called with runs done and runs in all.

    Raises
    ------
    InputError
        For negative or missing entries.

    Examples
    --------
    >>> parts = sparse.csr_array(np.kron(np.eye(2), np.ones((2, 3))))
    >>> found = best_bipartite_partition(parts, Search(runs=2))
    >>> found.row_labels.tolist(), found.column_labels.tolist(), found.modularity
    ([0, 0, 1, 1], [0, 0, 0, 1, 1, 1], 0.5)
    """
    cells = _checked_incidence(incidence)
    form = bipartite_modularity_form(cells, search.resolution)
    found = partitions_of_form(form, search, progress=progress)
    qualities = form_qualities(form, found)
    best = best_row(found, qualities)
    rows = cells.shape[0]
    return BipartitePartition(
        row_labels=found[best, :rows],
        column_labels=found[best, rows:],
        modularity=float(qualities[best]) if cells.nnz else 0.0,
    )
