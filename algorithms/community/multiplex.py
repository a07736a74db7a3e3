"""Communities of several layers of ties over the same nodes at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
import numpy.typing as npt
from scipy import sparse

from klaster.algorithms.community.detect import best_row, each_distinct, seeds_from
from klaster.algorithms.community.leiden import (
    QualityForm,
    best_labels,
    directed_modularity_form,
    modularity_form,
)
from klaster.algorithms.community.search import USUAL, Search
from klaster.algorithms.community.work import StepProgress, do_all
from klaster.algorithms.partitions.labels import canonical_labels, checked_labels
from klaster.algorithms.square_matrix import SelfLoops, checked
from klaster.graph.errors import Fault, InputError, UnknownNameError
from klaster.graph.model import CSR, FloatArray, IntArray

Balance = Literal["ties", "layers"]


def layer_shares(
    layers: Mapping[str, CSR], weights: Mapping[str, float] | None = None, balance: Balance = "ties"
) -> dict[str, float]:
    r"""Return the factor of each layer's modularity in that of all; they add up to 1.

    ``ties``: a tie counts the same in whatever layer it is, times the layer's weight,
    :math:`\lambda_l \propto \omega_l m_l`, where :math:`m_l` is the weight of the layer's ties.
    ``layers``: each layer counts the same, times its weight, however few its ties,
    :math:`\lambda_l \propto \omega_l`. A layer without ties counts nothing.

    Examples
    --------
    >>> pair, pairs = np.diag([1.0], 1), np.diag([1.0, 1.0, 1.0], 1)
    >>> layers = {"few": sparse.csr_array(np.pad(pair, (0, 2))), "many": sparse.csr_array(pairs)}
    >>> layer_shares(layers), layer_shares(layers, balance="layers")
    ({'few': 0.25, 'many': 0.75}, {'few': 0.5, 'many': 0.5})
    """
    if balance not in get_args(Balance):
        raise UnknownNameError("balance of layers", balance, get_args(Balance))
    given = dict.fromkeys(layers, 1.0) if weights is None else dict(weights)
    faults = [
        _fault(
            name, "unknown-layer", str(given[name]), "a weight is given for a layer there is not"
        )
        for name in sorted(set(given) - set(layers))
    ]
    faults += [
        _fault(name, "no-weight", "", "no weight is given for this layer")
        for name in sorted(set(layers) - set(given))
    ]
    faults += [
        _fault(name, "bad-weight", str(weight), "a weight is a finite number, 0 or more")
        for name, weight in sorted(given.items())
        if not (np.isfinite(weight) and weight >= 0)
    ]
    if faults:
        raise InputError(faults, "the weights of layers")
    total = {name: float(matrix.sum()) for name, matrix in sorted(layers.items())}
    factor = {
        name: given[name] * (amount if balance == "ties" else float(amount > 0))
        for name, amount in total.items()
    }
    whole = sum(factor.values())
    return {name: part / whole if whole else 0.0 for name, part in factor.items()}


def _fault(layer: str, code: str, value: str, problem: str) -> Fault:
    return Fault(
        file="layers",
        column=layer,
        code=code,
        value=value,
        problem=problem,
        remedy="Give one weight for each layer.",
    )


def multiplex_form(
    layers: Mapping[str, CSR],
    weights: Mapping[str, float] | None = None,
    *,
    balance: Balance = "ties",
    directed: bool = False,
    resolution: float = 1.0,
) -> QualityForm:
    """Return the multiplex modularity as a quality that Leiden can search."""
    if not layers:
        raise ValueError("there is no layer; give one at least")
    shapes = {name: matrix.shape for name, matrix in sorted(layers.items())}
    if len(set(shapes.values())) > 1:
        faults = [
            _fault(name, "other-nodes", str(shape), "the layers must be of the same nodes")
            for name, shape in shapes.items()
        ]
        raise InputError(faults, "the layers")
    count = next(iter(shapes.values()))[0]
    empty = np.zeros((count, 0))
    form = QualityForm(sparse.csr_array((count, count)), empty, empty)
    make = directed_modularity_form if directed else modularity_form
    for name, share in layer_shares(layers, weights, balance).items():
        if share > 0:
            form = form.plus(make(layers[name], resolution), share)
    return form


def multiplex_modularity(
    layers: Mapping[str, CSR],
    labels: npt.ArrayLike,
    weights: Mapping[str, float] | None = None,
    *,
    balance: Balance = "ties",
    directed: bool = False,
    resolution: float = 1.0,
    self_loops: SelfLoops = "drop",
) -> float:
    r"""Return the weighted mean of the modularities that one partition has in each layer.

    .. math:: Q = \sum_l \lambda_l Q_l, \qquad \sum_l \lambda_l = 1

    What is expected between two actors is expected within each layer: that one buys much and the
    other has many research partners is no reason to expect a tie between them, as it would be if
    the layers were added up first.

    Parameters
    ----------
    layers
        Matrix of ties of each layer, all of the same nodes.
    labels
        Community of each node, the same in all layers.
    weights
        Weight of each layer, none below zero; by default 1 for each.
    balance
        What the weights are weights of, see :func:`layer_shares`.
    directed, resolution, self_loops
        As for :func:`~klaster.algorithms.community.objective.modularity`.

    Returns
    -------
    float
        At most 1; with one layer its modularity; 0 where no layer has a tie.

    Raises
    ------
    InputError
        For layers of different nodes, faulty matrices, and weights that do not fit the layers.

    References
    ----------
    Mucha, P. J. and others (2010), doi:10.1126/science.1184819, without their coupling: here a
    node has one community in all layers.

    Examples
    --------
    >>> one = sparse.csr_array(np.kron(np.eye(2), [[0.0, 1], [1, 0]]))
    >>> layers = {"supply": one, "training": one[[0, 2, 1, 3]][:, [0, 2, 1, 3]]}
    >>> round(multiplex_modularity(layers, [0, 0, 1, 1]), 6)
    0.0
    >>> round(multiplex_modularity(layers, [0, 0, 1, 1], {"supply": 2.0, "training": 1.0}), 6)
    0.166667
    """
    ties = {name: checked(matrix, self_loops=self_loops) for name, matrix in layers.items()}
    form = multiplex_form(ties, weights, balance=balance, directed=directed, resolution=resolution)
    return form.quality(checked_labels(labels, form.inside.shape[0]))


def partitions_of_form(
    form: QualityForm, search: Search, *, progress: StepProgress | None = None
) -> IntArray:
    """Return one partition a run, as rows of canonical labels."""
    rows = do_all(
        _one_run,
        (form, seeds_from(search.seed, search.runs)),
        search.runs,
        workers=search.workers,
        seconds=search.seconds,
        progress=progress,
    )
    return np.array(rows, dtype=np.int64).reshape(len(rows), form.inside.shape[0])


def _one_run(shared: tuple[QualityForm, list[int]], run: int) -> IntArray:
    form, seeds = shared
    return best_labels(form, seed=seeds[run])


def form_qualities(form: QualityForm, rows: IntArray) -> FloatArray:
    """Return the quality of each row."""
    return each_distinct(rows, form.quality)


def best_multiplex_partition(
    layers: Mapping[str, CSR],
    weights: Mapping[str, float] | None = None,
    search: Search = USUAL,
    *,
    balance: Balance = "ties",
    directed: bool = False,
    progress: StepProgress | None = None,
) -> IntArray:
    """Return the partition of highest multiplex modularity that several runs find.

    Parameters
    ----------
    layers, weights, balance, directed
        As for :func:`multiplex_modularity`.
    search
        How it is searched for; always by Leiden, whatever its engine. Among equally good partitions
        the smallest label vector.
    progress
        Called with runs done and runs in all.

    Returns
    -------
    ndarray
        Canonical label of each node; nodes without a tie in any layer are alone.

    Examples
    --------
    Two layers pull in two directions, the heavier one decides:

    >>> one = sparse.csr_array(np.kron(np.eye(2), [[0.0, 1], [1, 0]]))
    >>> layers, few = {"supply": one, "training": one[[0, 2, 1, 3]][:, [0, 2, 1, 3]]}, Search(runs=5)
    >>> best_multiplex_partition(layers, {"supply": 2.0, "training": 1.0}, few).tolist()
    [0, 0, 1, 1]
    >>> best_multiplex_partition(layers, {"supply": 1.0, "training": 2.0}, few).tolist()
    [0, 1, 0, 1]
    """
    ties = {name: checked(matrix, self_loops=search.self_loops) for name, matrix in layers.items()}
    form = multiplex_form(
        ties, weights, balance=balance, directed=directed, resolution=search.resolution
    )
    rows = partitions_of_form(form, search, progress=progress)
    return canonical_labels(rows[best_row(rows, form_qualities(form, rows))])
