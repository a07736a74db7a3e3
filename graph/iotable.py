"""A symmetric input–output table: who sells how much to whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.model import ClusterGraph, FloatArray


@dataclass(frozen=True)
class IOTable:
    """A symmetric industry-by-industry table of one year.

    Row sells, column buys: ``flows[i, j]`` is the value of deliveries from industry ``i`` to
    industry ``j`` (Z in the literature). Money flow is the transpose and is never stored.

    Attributes
    ----------
    name
        Short ASCII name of the table; becomes ``table_id``.
    codes, labels
        Code and name of each industry, in row order.
    region
        Code of the region or country of each industry; one text where it is the same for all.
    flows
        Intermediate flows Z, n × n, in ``unit``. A zero is a zero; a missing cell is refused
        by the loader.
    output
        Total output x of each industry, n; NaN where the table does not give it.
    final_demand
        Final uses, n rows × one column a use (columns named); may be empty.
    value_added
        Primary inputs, one row an item × n columns (rows named); may be empty.
    year, currency, unit, price_basis, origin
        What the amounts are: ``unit`` as "million KZT", ``origin`` one of ``domestic``,
        ``imported``, ``total``.
    evidence, source, locator
        How the amounts are known.
    """

    name: str
    codes: tuple[str, ...]
    labels: tuple[str, ...]
    flows: FloatArray
    output: FloatArray
    year: int
    currency: str
    unit: str
    evidence: str
    source: str
    region: str | tuple[str, ...] = ""
    price_basis: str = "basic"
    origin: str = "total"
    locator: str = ""
    final_demand: pd.DataFrame = field(default_factory=pd.DataFrame)
    value_added: pd.DataFrame = field(default_factory=pd.DataFrame)

    def __post_init__(self) -> None:
        n = len(self.codes)
        if self.flows.shape != (n, n) or self.output.shape != (n,) or len(self.labels) != n:
            raise ValueError(
                f"table {self.name!r}: {n} codes, {len(self.labels)} labels, flows of shape "
                f"{self.flows.shape} and {self.output.shape[0]} outputs do not fit together"
            )

    @property
    def regions(self) -> tuple[str, ...]:
        """Region or country code of each industry."""
        return (self.region,) * len(self.codes) if isinstance(self.region, str) else self.region

    @property
    def node_ids(self) -> tuple[str, ...]:
        """Key of each industry: ``table:region:code``."""
        pairs = zip(self.regions, self.codes, strict=True)
        return tuple(f"{self.name}:{region}:{code}" for region, code in pairs)

    def to_graph(self) -> ClusterGraph:
        """Return the table as ``Industry`` nodes and ``FLOWS_TO`` ties, zero flows left out."""
        value_added = (
            self.value_added.sum(axis=0).to_numpy(dtype=np.float64)
            if len(self.value_added)
            else np.full(len(self.codes), np.nan)
        )
        final_demand = (
            self.final_demand.sum(axis=1).to_numpy(dtype=np.float64)
            if self.final_demand.shape[1]
            else np.full(len(self.codes), np.nan)
        )
        known: dict[str, Any] = {
            "evidence": self.evidence,
            "source": self.source,
            "locator": self.locator or None,
        }
        nodes = [
            {
                "id": node_id,
                "kind": "Industry",
                "name": self.labels[k],
                "table_id": self.name,
                "code": self.codes[k],
                "region": self.regions[k] or None,
                "year": self.year,
                "currency": self.currency,
                "unit": self.unit,
                "output": float(self.output[k]),
                "value_added": float(value_added[k]),
                "final_demand": float(final_demand[k]),
                **known,
            }
            for k, node_id in enumerate(self.node_ids)
        ]
        sellers, buyers = np.nonzero(self.flows)
        ties = [
            {
                "tie_id": f"{self.node_ids[i]}>FLOWS_TO>{self.node_ids[j]}",
                "source_id": self.node_ids[i],
                "target_id": self.node_ids[j],
                "tie_type": "FLOWS_TO",
                "value": float(self.flows[i, j]),
                "unit": self.unit,
                "currency": self.currency,
                "origin": self.origin,
                "price_basis": self.price_basis,
                "year": self.year,
                **known,
            }
            for i, j in zip(sellers.tolist(), buyers.tolist(), strict=True)
        ]
        return ClusterGraph.build(nodes, ties)
