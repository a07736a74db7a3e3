"""Principal components with Kaiser varimax, and the clusters read off the loadings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.identification.industry_clusters import IndustryClusters, cluster_numbers
from klaster.algorithms.io.checks import checked_matrix
from klaster.graph.errors import Fault, InputError, KlasterError
from klaster.graph.model import FloatArray, IntArray

PRIMARY_LOADING = 0.60
SECONDARY_LOADING = 0.35


@dataclass(frozen=True, eq=False)
class Components:
    """Rotated principal components of a correlation matrix.

    Attributes
    ----------
    loadings
        Rotated, p × k: correlation of each variable with each component.
    unrotated
        Eigenvectors times √eigenvalue, p × k.
    eigenvalues
        All of the matrix, largest first.
    sums_of_squares
        Σ loadings² of each rotated component.
    communalities
        Σ loadings² of each variable: the share of its variance that the components keep.
    explained
        Share of the total variance, Σ loadings² / p.
    """

    loadings: FloatArray
    unrotated: FloatArray
    eigenvalues: FloatArray
    sums_of_squares: FloatArray
    communalities: FloatArray
    explained: float


def varimax(
    loadings: npt.ArrayLike,
    *,
    kaiser: bool = True,
    tolerance: float = 1e-9,
    max_sweeps: int = 500,
) -> tuple[FloatArray, FloatArray]:
    """Rotate loadings so that each component loads high on few variables and low on the rest.

    Maximises ``Σ_components variance(loadings²)``. The angle that is best for a pair of
    components is Kaiser's: with ``u = x² − y²``, ``v = 2xy`` and p variables
    ``tan 4φ = (2 Σuv − 2 ΣuΣv / p) / (Σ(u² − v²) − ((Σu)² − (Σv)²) / p)``. Three steps lead to
    loadings that no pair's angle changes any more: all components at once by
    ``u, s, vᵀ = svd(Lᵀ (B³ − B diag(ΣB²)/p))``, ``R = u vᵀ``, ``B = L R``, which comes near an
    optimum or a saddle; the pairs that are far from their angle, one after the other, which
    leaves the saddle; then all pairs together by a quasi-Newton method whose curvatures are
    those of the pairs. Components keep their order and sign as far as the rotation allows.

    Parameters
    ----------
    loadings
        L, p variables × k components.
    kaiser
        Kaiser's normalisation, the default of SPSS: each row is divided by the root of its
        communality before, and multiplied by it after, so that every variable counts alike.
    tolerance
        Largest angle of any pair, in radians, below which to stop.
    max_sweeps
        Rounds over the pairs after which to give up; one or two are usual.

    Returns
    -------
    rotated, rotation
        B (p × k), and the orthogonal R (k × k) with B = L R.

    Raises
    ------
    InputError
        For missing loadings.
    KlasterError
        Where the rotation did not settle.

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis.
    Psychometrika 23(3), 187–200. doi:10.1007/BF02289233
    Ablin, P., Cardoso, J.-F., Gramfort, A. (2018). Faster ICA under orthogonal constraint.
    ICASSP 2018, 4464–4468. doi:10.1109/ICASSP.2018.8461662 (the quasi-Newton step)

    Examples
    --------
    Two clean groups, turned by 45 degrees, are found again:

    >>> import numpy as np
    >>> clean = np.array([[.9, 0], [.8, 0], [0, .7], [0, .6]])
    >>> turned = clean @ (np.array([[1, -1], [1, 1]]) / np.sqrt(2))
    >>> np.sort(np.abs(varimax(turned)[0]), axis=1).round(6).tolist()
    [[0.0, 0.9], [0.0, 0.8], [0.0, 0.7], [0.0, 0.6]]
    """
    L = checked_matrix("loadings", loadings, negative_allowed=True, square=False)
    p = len(L)
    length = np.sqrt((L**2).sum(axis=1, keepdims=True))
    # A variable that no component holds has loadings of rounding only: left as small as it is,
    # or the normalisation would give noise the weight of a variable.
    held = length > 1e-8 * length.max()
    scale = np.where(held, length, 1.0) if kaiser else np.ones((p, 1))
    base = L / scale
    # Rows are components: pairs of them lie together in memory.
    R = _rough_rotation(base).T
    at = _planes(np.ascontiguousarray(R @ base.T))
    for _ in range(max_sweeps):
        before = at.simplicity
        if np.abs(at.angles).max(initial=0.0) > _NEAR:
            at, R = _turn_pairs(at, R)
        at, R = _climb(at, R, tolerance)
        # On a flat optimum angles need not shrink, but nothing is gained any more.
        settled = np.abs(at.angles).max(initial=0.0) < tolerance
        if settled or at.simplicity - before <= 1e-14 * at.simplicity:
            return base @ R.T * scale, R.T.copy()
    raise KlasterError(
        f"varimax did not settle in {max_sweeps} sweeps: raise max_sweeps= or tolerance="
    )


_NEAR = 0.05
"""Angles, in radians, within which curvatures are those of the optimum."""
_MEMORY = 12
"""Steps the quasi-Newton method remembers."""


def _rough_rotation(base: FloatArray) -> FloatArray:
    """Return a rotation near an optimum (or a saddle), cheaply for many components."""
    p, k = base.shape
    rotation = np.eye(k)
    criterion = 0.0
    for _ in range(200):
        rotated = base @ rotation
        gradient = base.T @ (rotated**3 - rotated * (rotated**2).sum(axis=0) / p)
        u, s, vt = np.linalg.svd(gradient)
        previous, criterion = criterion, float(s.sum())
        if criterion <= previous * (1.0 + 1e-5):
            break
        rotation = np.asarray(u @ vt, dtype=np.float64)
    return rotation


@dataclass(frozen=True, eq=False)
class _Planes:
    """Components (rows) and what a rotation of each pair of them in its plane would do.

    Attributes
    ----------
    rows
        B, k × p.
    simplicity
        What varimax maximises, times p: Σ b⁴ − Σ_components (Σ b²)² / p.
    slopes, bends
        Numerator and denominator of Kaiser's tan 4φ, k × k: the derivative of the simplicity
        for a rotation of the pair, and a quarter of its second derivative with the sign changed.
        The slopes are antisymmetric, the bends symmetric.
    """

    rows: FloatArray
    simplicity: float
    slopes: FloatArray
    bends: FloatArray

    @property
    def angles(self) -> FloatArray:
        """The best angle of each pair, k × k antisymmetric; 0 where all angles are as good."""
        upper = np.triu(np.arctan2(self.slopes, self.bends) / 4.0, 1)
        return np.asarray(upper - upper.T)


def _planes(B: FloatArray) -> _Planes:
    """Return slopes and bends of all pairs by three products of k × p matrices."""
    p = B.shape[1]
    squares = B * B
    cross, mixed, cubic = B @ B.T, squares @ squares.T, (squares * B) @ B.T
    s, q = np.diagonal(cross), np.diagonal(mixed)
    slopes = 4.0 * (cubic - cubic.T - (s[:, None] - s) * cross / p)
    fourth = q[:, None] + q
    bends = fourth - 6.0 * mixed - ((s[:, None] - s) ** 2 - 4.0 * cross**2) / p
    # Where all angles are as good, rounding must not choose one.
    flat = np.maximum(np.abs(slopes), np.abs(bends)) <= 1e-13 * (fourth + 2.0 * mixed)
    np.fill_diagonal(flat, True)
    return _Planes(
        B,
        float(q.sum() - (s * s).sum() / p),
        np.where(flat, 0.0, slopes),
        np.where(flat, 0.0, bends),
    )


def _turn_pairs(at: _Planes, R: FloatArray) -> tuple[_Planes, FloatArray]:
    """Rotate the pairs that are far from their angle, one after the other."""
    B, R = at.rows.copy(), R.copy()
    p = B.shape[1]
    for i, j in np.argwhere(np.triu(np.abs(at.angles) > _NEAR, 1)).tolist():
        x, y = B[i], B[j]
        u, v = x * x - y * y, 2.0 * x * y
        su, sv, uu, vv = u.sum(), v.sum(), u @ u, v @ v
        numerator = 2.0 * (u @ v - su * sv / p)
        denominator = uu - vv - (su * su - sv * sv) / p
        if max(abs(numerator), abs(denominator)) <= 1e-13 * (uu + vv):
            continue
        angle = float(np.arctan2(numerator, denominator)) / 4.0
        turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        B[[i, j]] = turn @ B[[i, j]]
        R[[i, j]] = turn @ R[[i, j]]
    return _planes(B), R


def _climb(at: _Planes, R: FloatArray, tolerance: float) -> tuple[_Planes, FloatArray]:
    """Turn all pairs together by L-BFGS until the best angles are below the tolerance."""
    k = len(at.rows)
    above = np.triu_indices(k, 1)
    past: list[tuple[FloatArray, FloatArray]] = []
    for _ in range(500):
        slope, bend = at.slopes[above], at.bends[above]
        if np.abs(at.angles).max(initial=0.0) < tolerance or not slope.any():
            break
        least = 1e-3 * max(float(np.abs(bend).mean()), float(np.abs(slope).mean()))
        curvature = 4.0 * np.maximum(bend, least)
        step = _quasi_newton(slope, curvature, past)
        found = _accepted(at, above, step) if slope @ step > 0 else None
        if found is None:
            past, step = [], slope / curvature
            found = _accepted(at, above, step)
        if found is None:
            break
        step, turn, there = found
        past = [*past[1 - _MEMORY :], (step, slope - there.slopes[above])]
        at, R = there, turn @ R
    return at, R


def _quasi_newton(
    slope: FloatArray, curvature: FloatArray, past: list[tuple[FloatArray, FloatArray]]
) -> FloatArray:
    """Return the L-BFGS direction uphill, the inverse curvatures being the first guess."""
    direction = slope.copy()
    kept = [(s, y, float(s @ y)) for s, y in past]
    kept = [(s, y, sy) for s, y, sy in kept if sy > 0]
    weights = []
    for s, y, sy in reversed(kept):
        weights.append(float(s @ direction) / sy)
        direction -= weights[-1] * y
    direction /= curvature
    for (s, y, sy), weight in zip(kept, reversed(weights), strict=True):
        direction += s * (weight - float(y @ direction) / sy)
    return direction


def _accepted(
    at: _Planes, above: tuple[IntArray, IntArray], step: FloatArray
) -> tuple[FloatArray, FloatArray, _Planes] | None:
    """Return the first of ever shorter steps that gains, its rotation, and where it leads."""
    k = len(at.rows)
    size = float(np.abs(at.slopes).max())
    step = step * min(1.0, 0.2 / float(np.abs(step).max()))
    for _ in range(12):
        half = np.zeros((k, k))
        half[above] = step / 2.0
        half = half - half.T
        # Cayley's transform of an antisymmetric matrix is a rotation.
        turn = np.asarray(np.linalg.solve(np.eye(k) - half, np.eye(k) + half), dtype=np.float64)
        there = _planes(turn @ at.rows)
        if there.simplicity >= at.simplicity + 1e-4 * float(at.slopes[above] @ step):
            return step, turn, there
        # Close to the optimum gains drown in rounding; slopes still tell.
        level = there.simplicity >= at.simplicity * (1.0 - 1e-13)
        if level and np.abs(there.slopes).max() < size:
            return step, turn, there
        step = step / 2.0
    return None


def correlation_of_columns(
    flows: npt.ArrayLike, *, names: Sequence[str] | None = None
) -> FloatArray:
    """Return the correlations between the columns of intermediate use, n × n.

    Two industries correlate where they buy the same things in the same proportions.

    Parameters
    ----------
    flows
        Z, m × n.
    names
        What to call the columns; their positions by default.

    Raises
    ------
    InputError
        Naming the columns without variance: an industry that buys nothing has no profile.

    Examples
    --------
    >>> correlation_of_columns([[1, 2, 3], [2, 4, 1], [3, 6, 2]]).round(3).tolist()
    [[1.0, 1.0, -0.5], [1.0, 1.0, -0.5], [-0.5, -0.5, 1.0]]
    """
    Z = checked_matrix("flows", flows, square=False)
    centred = Z - Z.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    # Measured by the column itself: beside a huge industry a small one still has a profile.
    flat = np.flatnonzero(length <= 1e-12 * np.sqrt(len(Z)) * np.abs(Z).max(axis=0))
    called = [str(k) for k in range(Z.shape[1])] if names is None else list(names)
    if len(flat):
        raise InputError(
            [
                Fault(
                    file="flows",
                    column=called[k],
                    code="no-variance",
                    value=f"{Z[0, k]:g}",
                    problem=f"column {called[k]} is the same in every row, so it correlates with nothing",
                    remedy="Leave the industry out of the analysis.",
                )
                for k in flat.tolist()
            ],
            "flows",
        )
    scaled = centred / length
    correlation: FloatArray = np.clip(scaled.T @ scaled, -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def principal_components(
    correlation: npt.ArrayLike, *, count: int | None = None, kaiser: bool = True
) -> Components:
    """Return the principal components of a correlation matrix, rotated by varimax.

    Loadings are ``eigenvector · √eigenvalue``. Components come by their sum of squares after
    rotation, largest first, each with the sign that makes its loadings add up to a positive
    number, so the result does not depend on the linear algebra library.

    Parameters
    ----------
    correlation
        Symmetric, p × p, diagonal 1. Small negative eigenvalues (a matrix that is not quite a
        correlation matrix) are never kept.
    count
        Number of components; by default those with an eigenvalue above 1 (Kaiser–Guttman), at
        least one.
    kaiser
        Kaiser's normalisation in the rotation.

    Raises
    ------
    InputError
        For missing cells.
    ValueError
        For a matrix that is not symmetric, a count outside 1 to p, or one that would keep a
        component with an eigenvalue of zero or less.

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion for analytic rotation in factor analysis.
    Psychometrika 23(3), 187–200. doi:10.1007/BF02289233

    Examples
    --------
    >>> found = principal_components([[1, .9, 0, 0], [.9, 1, 0, 0], [0, 0, 1, .5], [0, 0, .5, 1]])
    >>> found.loadings.round(3).tolist(), round(found.explained, 3)
    ([[0.975, 0.0], [0.975, 0.0], [0.0, 0.866], [0.0, 0.866]], 0.85)
    """
    R = checked_matrix("the correlation matrix", correlation, negative_allowed=True)
    if not np.allclose(R, R.T, rtol=0.0, atol=1e-10):
        raise ValueError("the correlation matrix is not symmetric")
    p = len(R)
    values, vectors = np.linalg.eigh((R + R.T) / 2)
    values, vectors = values[::-1], vectors[:, ::-1]
    # An industry like no other has the eigenvalue 1 exactly: rounding must not keep it.
    k = max(1, int((values > 1.0 + 1e-9).sum())) if count is None else count
    if not 1 <= k <= p or values[k - 1] <= 1e-12:
        most = int((values > 1e-12).sum())
        raise ValueError(f"{k} components were asked for; this matrix has 1 to {most}")
    unrotated = _signed(vectors[:, :k] * np.sqrt(values[:k]))
    rotated = unrotated if k == 1 else varimax(unrotated, kaiser=kaiser)[0]
    squares = (rotated**2).sum(axis=0)
    # Rounded, or equal sums would come in an order that rounding decides.
    order = np.argsort(-np.round(squares, 9), kind="stable")
    rotated = _signed(rotated[:, order]) + 0.0
    return Components(
        rotated,
        unrotated,
        values,
        squares[order],
        (rotated**2).sum(axis=1),
        float(squares.sum() / p),
    )


def _signed(loadings: FloatArray) -> FloatArray:
    return np.asarray(loadings * np.where(loadings.sum(axis=0) < 0, -1.0, 1.0))


@dataclass(frozen=True, eq=False)
class LoadingMembers:
    """Clusters read off rotated loadings.

    Attributes
    ----------
    component
        The component each variable loads highest on in absolute value, from 1; 0 where it
        loads on none at all.
    table
        One row for each loading of at least the secondary threshold, and for each variable's
        highest: ``variable``, ``component``, ``loading``, ``membership`` (``primary``,
        ``secondary``, ``weak``), ``highest`` (whether it is the variable's highest),
        ``opposite`` (whether its sign is against the sum of the component) and ``cluster`` (number
        of the component's cluster in ``clusters``, where clusters stand by size; 0 where no
        variable loads highest on the component).
    clusters
        The partition by highest loading, as other methods give it.
    """

    component: IntArray
    table: pd.DataFrame
    clusters: IndustryClusters


def loading_members(
    loadings: npt.ArrayLike,
    *,
    primary: float = PRIMARY_LOADING,
    secondary: float = SECONDARY_LOADING,
    names: Sequence[str] | None = None,
    method: str = "principal components",
) -> LoadingMembers:
    """Return who belongs to which component, and how.

    A variable is ``primary`` on a component from the primary threshold up, ``secondary`` from
    the secondary threshold up; a highest loading below that is ``weak``. Loadings other than
    the highest are cross-loadings: the industry links two clusters.

    Parameters
    ----------
    loadings
        p × k, rotated.
    primary, secondary
        Thresholds for the size of a loading. The defaults are customary in the literature that
        follows Feser & Bergman (2000); we have not verified them in that paper, so state them.
    names
        Names of the variables; their positions by default.
    method
        Name of the partition.

    Raises
    ------
    InputError
        For missing loadings.
    ValueError
        Unless 0 < secondary ≤ primary ≤ 1.

    Examples
    --------
    >>> found = loading_members([[.9, .1], [.7, .4], [.2, .5]], names=["coal", "ore", "gold"])
    >>> found.component.tolist()
    [1, 1, 2]
    >>> found.table[["variable", "component", "loading", "membership"]]
      variable  component  loading membership
    0     coal          1      0.9    primary
    1      ore          1      0.7    primary
    2      ore          2      0.4  secondary
    3     gold          2      0.5  secondary
    """
    if not 0 < secondary <= primary <= 1:
        raise ValueError(
            f"thresholds {primary:g} and {secondary:g}: give 0 < secondary ≤ primary ≤ 1"
        )
    L = checked_matrix("loadings", loadings, negative_allowed=True, square=False)
    size = np.abs(L)
    highest = size.argmax(axis=1)
    # Loadings of rounding only: the variable is like no component.
    held = size.max(axis=1) > 1e-8
    is_highest = np.zeros(L.shape, dtype=bool)
    is_highest[np.flatnonzero(held), highest[held]] = True
    variable, component = np.nonzero((size >= secondary) | is_highest)
    values = size[variable, component]
    membership = np.select(
        [values >= primary, values >= secondary], ["primary", "secondary"], "weak"
    )
    labels = cluster_numbers(np.where(held, highest, -1), unassigned=[-1])
    cluster_of = np.zeros(L.shape[1], dtype=np.int64)
    cluster_of[highest[held]] = labels[held]
    direction = np.where(L.sum(axis=0) < 0, -1.0, 1.0)
    shown = variable if names is None else np.asarray(list(names), dtype=object)[variable]
    table = pd.DataFrame(
        {
            "variable": shown,
            "component": component + 1,
            "loading": L[variable, component],
            "membership": membership,
            "highest": is_highest[variable, component],
            "opposite": (L * direction)[variable, component] < 0,
            "cluster": cluster_of[component],
        }
    )
    clusters = IndustryClusters(
        method,
        labels,
        f"highest of {L.shape[1]} loadings; primary from {primary:g}, secondary from {secondary:g}",
    )
    return LoadingMembers(np.where(held, highest + 1, 0), table, clusters)
