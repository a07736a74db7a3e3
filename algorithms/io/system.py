"""A table with its coefficients and inverses, computed once and shared by all measures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.io.chains import average_propagation_lengths
from klaster.algorithms.io.checks import checked_table, names_of
from klaster.algorithms.io.coefficients import (
    allocation_coefficients,
    coefficients_per_output,
    input_coefficients,
)
from klaster.algorithms.io.extraction import Extraction, ExtractionMode, extraction_of
from klaster.algorithms.io.leontief import Inverse, ghosh_inverse, leontief_inverse
from klaster.algorithms.io.linkages import Linkages, linkages_of
from klaster.algorithms.io.random_walk import counting_betweenness, random_walk_centrality
from klaster.graph.io_table import IOTable
from klaster.graph.model import FloatArray


@dataclass(frozen=True, eq=False)
class IOSystem:
    """Flows and output of a table, checked, with what follows from them.

    Attributes
    ----------
    labels
        Name of each industry.
    flows
        Z, n × n, row sells, column buys.
    output
        x, n.

    Examples
    --------
    >>> system = IOSystem.from_flows([[150, 500], [200, 100]], [1000, 2000], ["farm", "mill"])
    >>> system.leontief.matrix.round(4).tolist()
    [[1.2541, 0.33], [0.264, 1.1221]]
    >>> system.final_demand.tolist()
    [350.0, 1700.0]
    """

    labels: tuple[str, ...]
    flows: FloatArray
    output: FloatArray

    @classmethod
    def from_flows(
        cls, flows: npt.ArrayLike, output: npt.ArrayLike, labels: Sequence[str] | None = None
    ) -> IOSystem:
        """Check arrays and take them.

        Raises
        ------
        InputError
            With every fault of flows, output and labels together.
        """
        Z, x = checked_table(flows, output, labels)
        return cls(tuple(names_of(len(x), labels)), Z, x)

    @classmethod
    def from_table(cls, table: IOTable) -> IOSystem:
        """Check an :class:`~klaster.graph.io_table.IOTable` and take its flows and output.

        Raises
        ------
        InputError
            With every fault; an output the table does not give (NaN) is one.

        Examples
        --------
        >>> import numpy as np
        >>> table = IOTable("mb", ("1", "2"), ("farm", "mill"), np.array([[150., 500], [200, 100]]),
        ...                 np.array([1000., 2000]), 2009, "USD", "USD", "paper", "Miller & Blair")
        >>> IOSystem.from_table(table).labels
        ('mb::1', 'mb::2')
        """
        return cls.from_flows(table.flows, table.output, table.node_ids)

    @property
    def final_demand(self) -> FloatArray:
        """Final demand as the rows imply it, ``f = x − Z1``; so ``x = L f`` exactly."""
        return np.asarray(self.output - self.flows.sum(axis=1))

    @property
    def primary_inputs(self) -> FloatArray:
        """Primary inputs as the columns imply them, ``v = x − 1'Z``; so all prices are 1."""
        return np.asarray(self.output - self.flows.sum(axis=0))

    @property
    def active(self) -> npt.NDArray[np.bool_]:
        """Industries with output."""
        return np.asarray(self.output > 0)

    @cached_property
    def input_coefficients(self) -> FloatArray:
        """A = Z x̂⁻¹."""
        return input_coefficients(self.flows, self.output)

    @cached_property
    def allocation_coefficients(self) -> FloatArray:
        """B = x̂⁻¹ Z."""
        return allocation_coefficients(self.flows, self.output)

    @cached_property
    def leontief(self) -> Inverse:
        """L = (I − A)⁻¹ with its spectral radius and condition."""
        return leontief_inverse(self.input_coefficients)

    @cached_property
    def ghosh(self) -> Inverse:
        """G = (I − B)⁻¹."""
        return ghosh_inverse(self.allocation_coefficients)

    def linkages(self) -> Linkages:
        """Total linkages, forward by Ghosh (see :func:`klaster.algorithms.io.linkages.linkages`)."""
        return linkages_of(
            self.leontief.matrix,
            self.ghosh.matrix,
            self.active,
            "total linkages: backward = column sums of L, forward = row sums of G, diagonal kept, "
            "each over the mean of the active industries; key = both above 1",
        )

    def extraction(self, mode: ExtractionMode = "complete") -> Extraction:
        """Return the extraction of each industry in turn."""
        return extraction_of(
            self.leontief.matrix,
            self.output,
            self.final_demand,
            mode=mode,
            own_coefficients=np.diagonal(self.input_coefficients),
        )


def industry_measures(
    system: IOSystem,
    *,
    linkages: Linkages | None = None,
    extraction: Extraction | None = None,
    quantities: dict[str, npt.ArrayLike] | None = None,
    upstreamness: npt.ArrayLike | None = None,
) -> pd.DataFrame:
    """Return the structural measures of every industry, one row an industry, in table order.

    Parameters
    ----------
    system
        A checked table; of domestic flows, or effects on suppliers abroad are counted in.
    linkages, extraction
        :meth:`IOSystem.linkages` and :meth:`IOSystem.extraction`, where they are wanted.
    quantities
        Amounts by industry to make multipliers of, by name: ``{"value added": v}``. Each gives
        three columns: the direct coefficient, the simple multiplier and the ratio.
    upstreamness
        That of the open economy, where exports and imports are known
        (:func:`klaster.algorithms.io.chains.upstreamness`); by default that of a closed one.

    Returns
    -------
    pandas.DataFrame
        Index: labels. Columns: output, final_demand, output_multiplier; where given, linkages with
        indices and spread, sector_class, and complete extraction (own, knock_on: indirect, share);
        upstreamness (as given), upstreamness_closed (row sums of G), downstreamness, mean
        propagation length to the other industries, random-walk centrality and counting betweenness
        of sales, then the multipliers asked for.

    Examples
    --------
    >>> system = IOSystem.from_flows([[150, 500], [200, 100]], [1000, 2000], ["farm", "mill"])
    >>> measures = industry_measures(
    ...     system, linkages=system.linkages(), extraction=system.extraction())
    >>> measures[["output_multiplier", "sector_class", "knock_on"]].round(3)
          output_multiplier sector_class  knock_on
    farm              1.518          key   210.526
    mill              1.452         weak   588.235
    """
    L = system.leontief.matrix
    active = system.active
    multiplier = np.where(active, L.sum(axis=0), np.nan)
    closed = np.where(active, system.ghosh.matrix.sum(axis=1), np.nan)
    apl = average_propagation_lengths(L)
    reached = (apl > 0) & ~np.eye(len(L), dtype=bool)
    mean_apl = np.divide(
        (apl * reached).sum(axis=1),
        reached.sum(axis=1),
        out=np.full(len(L), np.nan),
        where=reached.any(axis=1),
    )
    columns: dict[str, object] = {
        "output": system.output,
        "final_demand": system.final_demand,
        "output_multiplier": multiplier,
    }
    if linkages is not None:
        table = linkages.table()
        columns |= {str(name): table[name].to_numpy() for name in table.columns}
    if extraction is not None:
        columns["own"], columns["knock_on"] = extraction.own, extraction.knock_on
        columns["loss_share"] = extraction.share
    columns |= {
        # Row sums of G and column sums of L, at hand already.
        "upstreamness": closed if upstreamness is None else np.asarray(upstreamness, dtype=float),
        "upstreamness_closed": closed,
        "downstreamness": multiplier,
        "mean_propagation_length": mean_apl,
        "random_walk_centrality": random_walk_centrality(system.flows).values,
        "counting_betweenness": counting_betweenness(system.flows).values,
    }
    for name, amounts in (quantities or {}).items():
        h = coefficients_per_output(amounts, system.output)
        effect = h @ L
        columns[f"{name} direct"] = h
        columns[f"{name} multiplier"] = effect
        columns[f"{name} ratio"] = np.divide(effect, h, out=np.full_like(h, np.nan), where=h != 0)
    return pd.DataFrame(columns, index=list(system.labels))
