"""Does an input–output table add up? The one balance, as a function of the table's arrays."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from klaster.graph.errors import Fault
from klaster.graph.model import FloatArray

_LISTED = 19

_SUMS = {"row": "intermediate and final uses are", "column": "inputs and value added are"}
"""What the parts of output are, by identity."""


def spectral_radius(flows: FloatArray, output: FloatArray) -> float:
    """Return ρ(A) of a_ij = z_ij / x_j; a column without output is zero.

    Below 1 the Leontief inverse exists and is non-negative. NaN where an output or a flow is
    missing.

    Examples
    --------
    >>> round(spectral_radius(np.array([[0.0, 4], [4, 0]]), np.array([8.0, 8])), 12)
    0.5
    """
    if not (np.isfinite(output).all() and np.isfinite(flows).all()):
        return math.nan
    return largest_root(np.divide(flows, output, out=np.zeros_like(flows), where=output > 0))


_DENSE_EIGENVALUES_UP_TO = 200
"""Industries up to which all eigenvalues are computed; above, the largest by Arnoldi."""


def largest_root(matrix: FloatArray) -> float:
    """Return the largest modulus of the eigenvalues of a square matrix; 0 of an empty one.

    Industries that feed each other in a circle form blocks, and ρ is the largest of the blocks.
    Of a non-negative matrix the largest eigenvalue of a block is positive and simple, which it need
    not be in a whole table with chains that end: there Arnoldi's method fails.

    Examples
    --------
    >>> largest_root(np.diag([0.9, 0.9], 1)), largest_root(np.diag([0.1, 0.3]))
    (0.0, 0.3)
    """
    _, part = connected_components(sparse.csr_array(matrix), directed=True, connection="strong")
    sizes = np.bincount(part)
    alone = sizes[part] == 1
    radius = float(np.abs(np.diagonal(matrix)[alone]).max(initial=0.0))
    for block in np.flatnonzero(sizes > 1).tolist():
        inside = np.flatnonzero(part == block)
        radius = max(radius, _root_of_block(matrix[np.ix_(inside, inside)]))
    return radius


def _root_of_block(A: FloatArray) -> float:
    if len(A) > _DENSE_EIGENVALUES_UP_TO:
        from scipy.sparse.linalg import ArpackError, eigs

        try:
            top = eigs(A, k=1, v0=np.ones(len(A)), return_eigenvectors=False)
            return float(np.abs(top).max())
        except ArpackError:  # many eigenvalues as large as the largest: a long circle
            pass
    return float(np.abs(np.linalg.eigvals(A)).max())


INPUT_SUMS = (
    "intermediate inputs",
    "intermediate inputs and taxes",
    "intermediate inputs and imports",
    "intermediate inputs, taxes and imports",
)
"""What a row of totals may hold beside output."""


def input_sums(
    flows: FloatArray, taxes: FloatArray, imports: FloatArray, output: FloatArray
) -> dict[str, FloatArray]:
    """Return what a row of totals may be, by industry: :data:`INPUT_SUMS` and ``output``.

    Examples
    --------
    >>> sums = input_sums(np.eye(2), np.ones(2), np.zeros(2), np.array([5., np.nan]))
    >>> {name: amounts.tolist() for name, amounts in sums.items()}
    {'intermediate inputs': [1.0, 1.0], 'intermediate inputs and taxes': [2.0, 2.0]}
    """
    inputs = flows.sum(axis=0)
    found = dict(
        zip(
            INPUT_SUMS,
            (inputs, inputs + taxes, inputs + imports, inputs + taxes + imports),
            strict=True,
        )
    )
    if not taxes.any():
        del found[INPUT_SUMS[1]], found[INPUT_SUMS[3]]
    if not imports.any():
        found.pop(INPUT_SUMS[2])
        found.pop(INPUT_SUMS[3], None)
    if np.isfinite(output).all():
        found["output"] = output
    return found


@dataclass(frozen=True)
class Residual:
    """One total of a table that its parts do not add up to.

    Attributes
    ----------
    identity
        ``row``, ``column``, or the name of a recorded total.
    industry, label
        Which industry.
    recorded, computed
        The total as recorded, and the sum of its parts.
    allowed
        Rounding of the cells that were added up.
    """

    identity: str
    industry: str
    label: str
    recorded: float
    computed: float
    allowed: float

    @property
    def residual(self) -> float:
        """Recorded less computed: positive where the recorded total is too high."""
        return self.recorded - self.computed

    @property
    def problem(self) -> str:
        """What is off and by how much, said of the industry."""
        gap, high = f"{abs(self.residual):.10g}", self.residual > 0
        if self.identity in _SUMS:
            return f"{_SUMS[self.identity]} {gap} {'less' if high else 'more'} than output"
        other = "more" if high else "less"
        return f"{self.identity!r} is recorded {gap} {other} than its parts add up to"

    def __str__(self) -> str:
        name = " ".join(dict.fromkeys((self.industry, self.label)))
        return f"{name}: {self.problem} ({self.recorded:.10g})"


@dataclass(frozen=True)
class BalanceReport:
    """Does a table add up, and is it fit for the algebra; nothing is corrected.

    Attributes
    ----------
    checked
        Identities that were checked, with the largest residual of each relative to the largest
        output.
    not_checked
        Identities that could not be, and why.
    residuals
        Totals that are off by more than rounding, largest first.
    spectral_radius
        ρ(A); below 1 the Leontief inverse exists. NaN where the table gives no output.
    negatives
        Seller, buyer and amount of each negative flow.
    inactive
        Industries without output.
    heavy
        Industries that buy more than they make: Σ_i a_ij ≥ 1, with the sum.
    own_use_share
        Share of the diagonal (intra-industry use) in all flows.
    oversold
        Industries that sell to industries at least what they make: Σ_j b_ij ≥ 1, with the sum.
    negative_demand
        Industries whose sales to industries exceed their output by more than rounding, with
        x_i − Σ_j z_ij.
    """

    checked: Mapping[str, float]
    not_checked: Mapping[str, str]
    residuals: tuple[Residual, ...]
    spectral_radius: float
    negatives: tuple[tuple[str, str, float], ...]
    inactive: tuple[str, ...]
    heavy: Mapping[str, float]
    own_use_share: float
    oversold: Mapping[str, float] = field(default_factory=dict)
    negative_demand: Mapping[str, float] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Whether every identity that could be checked holds within rounding."""
        return not self.residuals

    def gaps(self, most: int = 5) -> tuple[str, ...]:
        """Return a sentence for each of the largest gaps; the last says how many more there are.

        Examples
        --------
        >>> gap = Residual("row", "b", "mill", recorded=2000.0, computed=2046.0, allowed=0.0)
        >>> BalanceReport({}, {}, (gap,), 0.5, (), (), {}, 0.0).gaps()
        ('off: b mill: intermediate and final uses are 46 more than output (2000)',)
        """
        said = [f"off: {off}" for off in self.residuals[:most]]
        if len(self.residuals) > most:
            said.append(f"off: and {len(self.residuals) - most:,} more (the balance lists them)")
        return tuple(said)

    def table(self) -> pd.DataFrame:
        """Return one row for each total that is off."""
        columns = ["identity", "industry", "label", "recorded", "computed", "residual", "allowed"]
        rows = [[getattr(found, name) for name in columns] for found in self.residuals]
        return pd.DataFrame(rows, columns=columns)


def balance(
    flows: FloatArray,
    output: FloatArray,
    *,
    final_uses: FloatArray,
    primary_inputs: FloatArray,
    outside_inputs: FloatArray,
    input_totals: Mapping[str, FloatArray],
    recorded_totals: Mapping[str, tuple[str, FloatArray]],
    by_definition: Mapping[str, str],
    origin: str,
    rounding: float,
    names: Sequence[str],
    labels: Sequence[str],
) -> BalanceReport:
    """Say which accounting identity is off, where and by how much; nothing is rebalanced.

    Row: ``x_i = Σ_j z_ij + f_i``. Column: ``x_j = Σ_i z_ij + v_j + outside inputs_j``. Every check
    of a table is this one: that of ``klaster check``, of ``klaster io`` and of the quality report.

    Parameters
    ----------
    flows, output
        Z, n × n, and x, n.
    final_uses, primary_inputs
        f, n × uses, and v, items × n; without columns (rows) where the table gives none.
    outside_inputs
        Taxes and imported inputs that stand outside flows and primary inputs, n.
    input_totals
        What a row of totals may be (:func:`input_sums`).
    recorded_totals, by_definition, origin, rounding
        As in :class:`~klaster.graph.io_table.IOTable`.
    names, labels
        Of the industries.

    Returns
    -------
    BalanceReport
        A residual within the rounding of the cells that were added up (and 1e-9 of the output) is
        none. What holds by definition is no evidence, and listed as not checked.

    Examples
    --------
    >>> report = balance(np.array([[150., 500], [200, 100]]), np.array([1000., 2046]),
    ...     final_uses=np.array([[350.], [1700]]), primary_inputs=np.zeros((0, 2)),
    ...     outside_inputs=np.zeros(2), input_totals={}, recorded_totals={}, by_definition={},
    ...     origin="total", rounding=0.0, names=["a", "b"], labels=["farm", "mill"])
    >>> [(r.identity, r.industry, r.residual) for r in report.residuals], dict(report.not_checked)
    ([('row', 'b', 46.0)], {'column': 'the table gives no value added'})
    """
    Z, x, n = flows, output, len(output)
    use, f = Z.sum(axis=1), final_uses.sum(axis=1)
    reason = "" if np.isfinite(x).all() else "the table gives no output"
    if origin == "imported":
        reason = "imported flows are no part of output"
    sums: dict[str, tuple[FloatArray, FloatArray, int]] = {}
    skipped: dict[str, str] = {}
    uses, items = final_uses.shape[1], len(primary_inputs)
    if reason or not uses:
        skipped["row"] = reason or "the table gives no final uses"
    else:
        sums["row"] = (x, use + f, n + uses)
    if reason or not items:
        skipped["column"] = reason or "the table gives no value added"
    else:
        inputs = Z.sum(axis=0) + primary_inputs.sum(axis=0) + outside_inputs
        sums["column"] = (x, inputs, n + items + 2)
    for name, how in by_definition.items():
        if sums.pop(name, None) is not None:
            skipped[name] = how
    for name, (what, amounts) in sorted(recorded_totals.items()):
        parts = {
            "intermediate use": use,
            "final use": f if uses else x - use,
            "total use": use + f if uses else x,
            "output": x,
            **input_totals,
        }
        sums[name] = (amounts, parts[what], n + uses)
    top = float(np.nanmax(np.abs(x), initial=0.0)) or float(np.abs(Z).max(initial=0.0)) or 1.0
    checked: dict[str, float] = {}
    off: list[Residual] = []
    for name, (recorded, computed, cells) in sums.items():
        gap = np.abs(recorded - computed)
        checked[name] = float(gap.max(initial=0.0)) / top
        allowed = 1e-9 * np.maximum(np.abs(np.nan_to_num(x)), use) + rounding * (cells + 1)
        off += [
            Residual(
                identity=name,
                industry=names[k],
                label=labels[k],
                recorded=float(recorded[k]),
                computed=float(computed[k]),
                allowed=float(allowed[k]),
            )
            for k in np.flatnonzero(~(gap <= allowed)).tolist()
        ]
    off.sort(key=lambda found: (-abs(found.residual), found.identity, found.industry))

    def named(amounts: FloatArray, which: npt.NDArray[np.bool_]) -> dict[str, float]:
        return {names[k]: float(amounts[k]) for k in np.flatnonzero(which).tolist()}

    bought, sold, left = per_output(Z.sum(axis=0), x), per_output(use, x), x - use
    total = float(Z.sum())
    return BalanceReport(
        checked=checked,
        not_checked=skipped,
        residuals=tuple(off),
        spectral_radius=spectral_radius(Z, x),
        negatives=tuple(
            (names[i], names[j], float(Z[i, j])) for i, j in np.argwhere(Z < 0).tolist()
        ),
        inactive=tuple(named(x, x == 0)),
        heavy=named(bought, bought >= 1),
        own_use_share=float(np.trace(Z)) / total if total else 0.0,
        oversold=named(sold, sold >= 1),
        negative_demand=named(left, below_zero(left, x, rounding)),
    )


def per_output(amounts: FloatArray, output: FloatArray) -> FloatArray:
    """Return amounts over output, by industry; 0 where it has none.

    Examples
    --------
    >>> per_output(np.array([3.0, 1]), np.array([6.0, 0])).tolist()
    [0.5, 0.0]
    """
    over = np.divide(amounts, output, out=np.zeros(len(output)), where=output > 0)
    return np.asarray(over, dtype=np.float64)


def below_zero(left: FloatArray, output: FloatArray, rounding: float) -> npt.NDArray[np.bool_]:
    """Return where output less sales to industries is negative by more than rounding."""
    speck = 1e-9 * np.abs(np.nan_to_num(output)) + rounding * (len(output) + 1)
    return np.asarray(left < -speck)


def flow_faults(
    file: str, flows: FloatArray, names: Sequence[str], rows: Sequence[int] = ()
) -> list[Fault]:
    """Return each missing and each negative flow (the first nineteen, then their number).

    Examples
    --------
    >>> [str(fault) for fault in flow_faults("t", np.array([[-1.0]]), ["a"])]
    ["t, column a: the flow from a to a is negative (given: '-1'). Correct the amount; a \
correction of inventories belongs to final demand."]
    """
    found = []
    for bad, code, problem, remedy in (
        (
            ~np.isfinite(flows),
            "missing-cell",
            "is missing",
            "Write the amount, 0 where none flows.",
        ),
        (
            flows < 0,
            "negative-flow",
            "is negative",
            "Correct the amount; a correction of inventories belongs to final demand.",
        ),
    ):
        cells = np.argwhere(bad).tolist()
        found += [
            Fault(
                file=file,
                row=rows[i] if rows else 0,
                column=names[j],
                code=code,
                value=f"{flows[i, j]:.10g}" if code == "negative-flow" else "",
                problem=f"the flow from {names[i]} to {names[j]} {problem}",
                remedy=remedy,
            )
            for i, j in cells[:_LISTED]
        ]
        if len(cells) > _LISTED:
            more = f"and {len(cells) - _LISTED} more such flows"
            found.append(
                Fault(file=file, code=code, value=str(len(cells)), problem=more, remedy=remedy)
            )
    return found


def algebra_faults(
    file: str, flows: FloatArray, output: FloatArray, names: Sequence[str]
) -> tuple[Fault, ...]:
    """Return what forbids the algebra, each with its cell and what to do.

    Missing and negative flows, missing or negative output, an industry given twice, flows of an
    industry without output, and ρ(A) ≥ 1 with the industries that buy more than they make.

    Examples
    --------
    >>> [f.code for f in algebra_faults("t", np.array([[2.0]]), np.array([1.0]), ["a"])]
    ['spectral-radius']
    """
    found = flow_faults(file, flows, names)

    def add(column: str, code: str, problem: str, remedy: str, value: str = "") -> None:
        found.append(
            Fault(file=file, column=column, code=code, value=value, problem=problem, remedy=remedy)
        )

    for k, name in enumerate(names):
        x, sold, bought = float(output[k]), float(flows[k].sum()), float(flows[:, k].sum())
        if name in names[:k]:
            add(name, "duplicate-label", "the industry was given before", "Keep one.", name)
        if not math.isfinite(x):
            remedy = "Give output as a row or column of the table."
            add(name, "missing-output", "the industry has no output given", remedy)
        elif x < 0:
            add(name, "negative-output", "output is negative", "Correct it.", f"{x:.10g}")
        elif x == 0 and (flows[k].any() or flows[:, k].any()):
            problem = f"the industry has no output but sells {sold:.10g} and buys {bought:.10g}"
            remedy = "Give its output, or set its row and column to zero."
            add(name, "zero-output", problem, remedy, "0")
    if found or (radius := spectral_radius(flows, output)) < 1:
        return tuple(found)
    sums = per_output(flows.sum(axis=0), output)
    for j in np.flatnonzero(sums >= 1).tolist()[:_LISTED]:
        i = int(flows[:, j].argmax())
        add(
            names[j],
            "spectral-radius",
            f"ρ(A) is {radius:.6g}, so there is no Leontief inverse: {names[j]} pays {sums[j]:.4g} "
            f"for inputs per unit of output, most of it to {names[i]} ({flows[i, j]:.10g})",
            "Correct the flow or the output of this industry.",
            f"{sums[j]:.6g}",
        )
    return tuple(found)
