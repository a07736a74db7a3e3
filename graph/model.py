"""The cluster graph: one property multigraph of actors, industries and regions, and its layers."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from klaster.graph.canonical_tables import (
    canonical_table,
    drop_empty_columns,
    object_table,
    records,
)
from klaster.graph.content import counted, short_repr
from klaster.graph.dictionary import NODE_COLUMNS, TIE_COLUMNS, load_dictionary
from klaster.graph.errors import Fault, InputError, UnknownNameError, refusal
from klaster.graph.layers import FLOWS, JOINT, Layer, WeightKind
from klaster.graph.matrices import CSR, BoolArray, FloatArray, IntArray, StrArray, added_up
from klaster.graph.model_checks import check_nodes, check_ties

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "ACTIVE_STATUS",
    "CSR",
    "ClusterGraph",
    "FloatArray",
    "IntArray",
    "Layer",
    "StrArray",
    "WeightKind",
    "added_up",
]

ACTIVE_STATUS = ("current", "as_published")
"""Ties that take part in an analysis unless more is asked for; so do ties without a status."""


class ClusterGraph:
    """Nodes and ties of one case as two tables, with a sparse matrix for each layer.

    The tables are canonical: typed by the attribute dictionary, nodes sorted by ``id``, ties by
    type, ends, year and ``tie_id``, columns without any value dropped. So two graphs with the
    same content are equal however their rows were ordered, and no result depends on row order.

    Parameters
    ----------
    nodes
        One row a node: ``id``, ``kind``, and attributes of the dictionary for that kind.
    ties
        One row a tie: ``tie_id``, ``source_id``, ``target_id``, ``tie_type``, and attributes.
        Goods flow from seller to buyer: ``source_id`` sells, ``target_id`` buys.
    notes
        How it was read and what was left out; no part of the content.

    Raises
    ------
    InputError
        With every fault of both tables: unknown kinds, types, ends or terms, keys given twice or
        with a NUL character in them, missing required values, negative flows.

    Examples
    --------
    >>> graph = ClusterGraph.build(
    ...     nodes=[
    ...         {"id": "mine", "kind": "Actor", "name": "Mine", "actor_type": "Firm",
    ...          "sphere": "business"},
    ...         {"id": "mill", "kind": "Actor", "name": "Mill", "actor_type": "Firm",
    ...          "sphere": "business"},
    ...     ],
    ...     ties=[
    ...         {"tie_id": "t1", "source_id": "mine", "target_id": "mill", "tie_type": "SUPPLIES",
    ...          "evidence": "synthetic", "source": "example"},
    ...     ],
    ... )
    >>> graph
    ClusterGraph(2 nodes, 1 tie)
    >>> graph.layer("supply").matrix.toarray()
    array([[0., 0.],
           [1., 0.]])
    """

    def __init__(self, nodes: pd.DataFrame, ties: pd.DataFrame, notes: Iterable[str] = ()) -> None:
        node_table, node_faults = canonical_table(nodes, "node", "nodes")
        tie_table, tie_faults = canonical_table(ties, "tie", "ties")
        faults = [
            *node_faults,
            *tie_faults,
            *check_nodes(node_table),
            *check_ties(node_table, tie_table),
        ]
        if any(fault.severity == "error" for fault in faults):
            raise InputError(faults, "the graph")
        self._take(
            node_table.sort_values("id", kind="stable"),
            tie_table.sort_values(["tie_type", "source_id", "target_id", "tie_id"], kind="stable"),
            notes,
        )

    def _take(self, nodes: pd.DataFrame, ties: pd.DataFrame, notes: Iterable[str]) -> None:
        self.notes = tuple(notes)
        self._nodes = drop_empty_columns(nodes, NODE_COLUMNS).reset_index(drop=True)
        self._ties = drop_empty_columns(ties, TIE_COLUMNS).reset_index(drop=True)
        self._layers: dict[tuple[object, ...], Layer] = {}
        self._asked: dict[str, dict[str, Any]] = {}

    @classmethod
    def _trusted(
        cls, nodes: pd.DataFrame, ties: pd.DataFrame, notes: Iterable[str]
    ) -> ClusterGraph:
        """Make a graph of rows of a valid graph, in their order."""
        graph = cls.__new__(cls)
        graph._take(nodes, ties, notes)
        return graph

    @classmethod
    def build(
        cls,
        nodes: Iterable[dict[str, Any]],
        ties: Iterable[dict[str, Any]],
        notes: Iterable[str] = (),
    ) -> ClusterGraph:
        """Make a graph from dictionaries, one a node and one a tie."""
        tables = (object_table(list(nodes), NODE_COLUMNS), object_table(list(ties), TIE_COLUMNS))
        return cls(*tables, notes)

    # -- what is in it ---------------------------------------------------------------------

    @property
    def nodes(self) -> pd.DataFrame:
        """The node table (a copy on write: changing it does not change the graph)."""
        return self._nodes.copy(deep=False)

    @property
    def ties(self) -> pd.DataFrame:
        """The tie table (a copy on write: changing it does not change the graph)."""
        return self._ties.copy(deep=False)

    @cached_property
    def node_ids(self) -> StrArray:
        """The keys of all nodes, sorted."""
        return np.array(self._nodes["id"].tolist(), dtype=np.str_)

    @cached_property
    def _position(self) -> dict[str, int]:
        return {node: k for k, node in enumerate(self.node_ids.tolist())}

    def __len__(self) -> int:
        return len(self._nodes)

    def __contains__(self, node_id: object) -> bool:
        return node_id in self._position

    def __repr__(self) -> str:
        return short_repr(self, counted(len(self), "node"), counted(len(self._ties), "tie"))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ClusterGraph):
            return NotImplemented
        return self._nodes.equals(other._nodes) and self._ties.equals(other._ties)

    __hash__ = None  # type: ignore[assignment]  # a graph is compared by content

    def node(self, node_id: str) -> dict[str, Any]:
        """Return one node as a dictionary of the values it has."""
        if node_id not in self._position:
            raise UnknownNameError("node", node_id, self._position)
        if node_id not in self._asked:
            at = self._position[node_id]
            self._asked[node_id] = records(self._nodes.iloc[at : at + 1])[0]
        return dict(self._asked[node_id])

    def kind_of(self, node_id: str) -> str:
        """Return the kind of a node."""
        return str(self._nodes["kind"].iloc[self._position[node_id]])

    @cached_property
    def tie_layers(self) -> StrArray:
        """The layer of each row of the tie table."""
        dictionary = load_dictionary()
        kinds = np.array(self._nodes["kind"].tolist(), dtype=object)
        triples = zip(
            self._ties["tie_type"].tolist(),
            kinds[self._ends[0]].tolist(),
            kinds[self._ends[1]].tolist(),
            strict=True,
        )
        known: dict[tuple[str, str, str], str] = {}
        names = [
            known.get(triple) or known.setdefault(triple, dictionary.layer_of(*triple) or "")
            for triple in triples
        ]
        return np.array(names, dtype=np.str_)

    @cached_property
    def _ends(self) -> tuple[IntArray, IntArray]:
        """Positions of the ends of each tie in the node table."""
        index = pd.Index(self.node_ids)
        source = index.get_indexer(pd.Index(self._ties["source_id"].to_numpy(dtype=object)))
        target = index.get_indexer(pd.Index(self._ties["target_id"].to_numpy(dtype=object)))
        return source.astype(np.int64), target.astype(np.int64)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that have a tie, in the order of the dictionary."""
        present = set(self.tie_layers.tolist())
        return tuple(name for name in load_dictionary().layers() if name in present)

    def digest(self) -> str:
        """Return a SHA-256 of the whole content, the same for the same content on any machine."""
        state = hashlib.sha256()
        for table in (self._nodes, self._ties):
            for column in table.columns:
                state.update(f"\x1d{column}\x1e".encode())
                for value in table[column].tolist():
                    state.update(f"{'' if value is pd.NA else '='}{value!r}\x1f".encode())
        return state.hexdigest()

    # -- slices ----------------------------------------------------------------------------

    def select(
        self,
        *,
        layers: Iterable[str] | None = None,
        regions: Iterable[str] | None = None,
        year: int | None = None,
        evidence: Iterable[str] | None = None,
        status: Iterable[str] | None = None,
        kinds: Iterable[str] | None = None,
        networks: Iterable[str] | None = None,
        node_ids: Iterable[str] | None = None,
    ) -> ClusterGraph:
        """Return the part of the graph that meets every condition given.

        Conditions on nodes (``regions``, ``kinds``, ``networks``, ``node_ids``) drop the other
        nodes and their ties; conditions on ties (``layers``, ``year``, ``evidence``, ``status``)
        drop ties and keep all nodes.

        Parameters
        ----------
        layers
            Layers whose ties stay.
        regions
            Codes of regions: nodes whose ``region`` (or, of a region, whose ``code``) is one.
            Here and below a text is one name.
        year
            A tie stays where it began in that year or before and had not ended; a tie that
            states no year stays.
        evidence
            Evidence classes whose ties stay.
        status
            Status terms whose ties stay; a tie without a status counts as ``current``.
        kinds
            Kinds of node that stay.
        networks
            Networks of the case: nodes the compiler filed there.
        node_ids
            Keys of nodes.
        """
        dictionary = load_dictionary()
        keep_node = np.ones(len(self), dtype=bool)
        keep_tie = np.ones(len(self._ties), dtype=bool)
        if kinds is not None:
            keep_node &= self._among("kind", kinds, dictionary.node_kinds(), "kind of node")
        if regions is not None:
            is_region = self._isin(self._nodes, "kind", ["Region"])
            known = {
                *self._texts("region"),
                *(code for code, own in zip(self._texts("code"), is_region, strict=False) if own),
            } - {""}
            wanted = _known(regions, sorted(known), "region")
            coded = self._isin(self._nodes, "code", wanted) & is_region
            keep_node &= self._isin(self._nodes, "region", wanted) | coded
        if networks is not None:
            keep_node &= self._isin(self._nodes, "network", _listed(networks))
        if node_ids is not None:
            keep_node &= self._among("id", node_ids, self._position, "node")
        if layers is not None:
            wanted = _known(layers, dictionary.layers(), "layer")
            keep_tie &= np.isin(self.tie_layers, wanted)
        if year is not None:
            if isinstance(year, bool) or not hasattr(year, "__index__"):
                raise refusal("not-a-year", year, "the year is no whole number",
                              "Give one, as 2020.", "the graph")  # fmt: skip
            begin = self._numbers("year", missing=-np.inf)
            end = self._numbers("year_to", missing=np.inf)
            keep_tie &= (begin <= year) & (year <= end)
        if evidence is not None:
            wanted = _known(evidence, dictionary.terms("evidence"), "evidence class")
            keep_tie &= self._isin(self._ties, "evidence", wanted)
        if status is not None:
            wanted = _known(status, dictionary.terms("status"), "status")
            keep_tie &= self._isin(self._ties, "status", wanted) | (
                self._missing("status") & ("current" in wanted)
            )
        source, target = self._ends
        keep_tie &= keep_node[source] & keep_node[target]
        return ClusterGraph._trusted(self._nodes[keep_node], self._ties[keep_tie], self.notes)

    def region(self, *codes: str) -> ClusterGraph:
        """Return the nodes of these regions and the ties among them."""
        return self.select(regions=codes)

    def at(self, year: int) -> ClusterGraph:
        """Return the graph with the ties that held in a year."""
        return self.select(year=year)

    def active(self) -> ClusterGraph:
        """Return the graph without the ties that ended, or are planned, proposed or unverified."""
        return self.select(status=ACTIVE_STATUS)

    def _among(
        self, column: str, given: Iterable[str], allowed: Collection[str], what: str
    ) -> BoolArray:
        return self._isin(self._nodes, column, _known(given, allowed, what))

    @staticmethod
    def _isin(table: pd.DataFrame, column: str, wanted: list[str]) -> BoolArray:
        if column not in table.columns:
            return np.zeros(len(table), dtype=bool)
        return np.asarray(table[column].isin(wanted).fillna(False), dtype=bool)

    def _texts(self, column: str) -> list[str]:
        """Return the texts of a column of nodes, one a node; none where there is no such column."""
        if column not in self._nodes.columns:
            return []
        return [text if isinstance(text, str) else "" for text in self._nodes[column].tolist()]

    def _missing(self, column: str) -> BoolArray:
        if column not in self._ties.columns:
            return np.ones(len(self._ties), dtype=bool)
        return np.asarray(self._ties[column].isna(), dtype=bool)

    def _numbers(self, column: str, missing: float) -> FloatArray:
        if column not in self._ties.columns:
            return np.full(len(self._ties), missing)
        numbers = self._ties[column].astype("double[pyarrow]")
        return np.asarray(numbers.to_numpy(na_value=missing), dtype=np.float64)

    # -- matrices --------------------------------------------------------------------------

    def layer(self, name: str, *, weight: WeightKind = "ties", kind: str | None = None) -> Layer:
        """Return one layer as a sparse matrix, built once and kept.

        Parameters
        ----------
        name
            A layer of the dictionary that ties nodes of one kind to each other.
        weight
            ``ties``: each tie counts 1 (its amount is not used: amounts come in mixed units).
            ``value``: each tie counts its ``value``; one without a value is an error.
        kind
            Kind of node; by default ``Industry`` for ``flows`` and ``Actor`` for the others.

        Raises
        ------
        UnknownNameError
            For a layer the dictionary does not have.
        InputError
            For ``value`` where ties have no amount, or amounts of several units.
        """
        return self.joint({name: 1.0}, weight=weight, kind=kind, name=name)

    def joint(
        self,
        layer_weights: dict[str, float] | None = None,
        *,
        weight: WeightKind = "ties",
        kind: str | None = None,
        name: str = JOINT,
    ) -> Layer:
        """Return several layers added up, each times its weight, as one matrix.

        Parameters
        ----------
        layer_weights
            Weight of each layer; by default 1 for each layer that ties actors to actors.
        weight, kind
            As for :meth:`layer`.
        name
            What to call the result.
        """
        dictionary = load_dictionary()
        weights = layer_weights or dict.fromkeys(dictionary.actor_layers(), 1.0)
        for layer_name in weights:
            if layer_name not in dictionary.layers():
                raise UnknownNameError("layer", layer_name, dictionary.layers())
        kind = kind or ("Industry" if set(weights) == {FLOWS} else "Actor")
        key = (tuple(sorted(weights.items())), weight, kind, name)
        if key not in self._layers:
            self._layers[key] = self._build_layer(weights, weight, kind, name)
        return self._layers[key]

    def _build_layer(
        self, weights: dict[str, float], weight: WeightKind, kind: str, name: str
    ) -> Layer:
        inside = self._isin(self._nodes, "kind", [kind])
        at = np.flatnonzero(inside)
        rank = np.full(len(self), -1, dtype=np.int64)
        rank[at] = np.arange(len(at))
        source, target = (rank[end] for end in self._ends)
        factor = np.zeros(len(self._ties))
        for layer_name, layer_weight in sorted(weights.items()):
            factor[self.tie_layers == layer_name] = layer_weight
        used = (source >= 0) & (target >= 0) & np.isin(self.tie_layers, sorted(weights))
        amount = np.ones(int(used.sum()))
        if weight == "value":
            amount = self._amounts(used, name)
        matrix = added_up(
            source[used], target[used], amount * factor[used], self._both_ways()[used], len(at)
        )
        return Layer(
            name,
            self.node_ids[at],
            matrix,
            weight,
            int(used.sum()),
            int((source[used] == target[used]).sum()),
        )

    def _both_ways(self) -> BoolArray:
        symmetric = load_dictionary().symmetric_types()
        return np.isin(self._ties["tie_type"].tolist(), sorted(symmetric))

    def _amounts(self, used: BoolArray, name: str) -> FloatArray:
        amounts = self._numbers("value", missing=np.nan)[used]
        units = set()
        for column in ("unit", "currency"):
            if column in self._ties.columns:
                units.add(tuple(sorted(set(map(str, self._ties[column][used].tolist())))))
        mixed = sorted({u for group in units if len(group) > 1 for u in group})
        if np.isnan(amounts).any() or mixed:
            missing = int(np.isnan(amounts).sum())
            problem = (
                f"{missing} of its ties have no amount"
                if missing
                else f"its amounts are in several units: {', '.join(mixed)}"
            )
            raise InputError(
                [
                    Fault(
                        file="ties",
                        column="value",
                        code="amounts-do-not-add",
                        value=name,
                        problem=problem,
                        remedy="Use weight='ties', or select ties that share one unit.",
                    )
                ],
                f"layer {name!r}",
            )
        return amounts

    # -- to and from other forms -----------------------------------------------------------

    def to_pandas(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the node table and the tie table; ``ClusterGraph(*tables)`` is equal to this."""
        return self.nodes, self.ties

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Return the graph as a ``networkx.MultiDiGraph``, with every attribute.

        Nodes are added in sorted order and ties in the order of the tie table, so that algorithms
        that walk the graph do the same on every run. The key of an edge is its ``tie_id``; missing
        values are left out; ``tie_type`` and every other attribute are edge attributes. No edge is
        given a ``weight``: say which attribute is meant, and whether it is a strength or a
        distance.

        Examples
        --------
        >>> import networkx as nx
        >>> graph = ClusterGraph.from_networkx(nx.DiGraph([("mine", "mill")]))
        >>> graph.to_networkx()["mine"]["mill"]["mine>SUPPLIES>mill"]["evidence"]
        'not-stated'
        """
        from klaster.graph.convert import to_networkx

        return to_networkx(self._nodes, self._ties)

    @classmethod
    def from_networkx(
        cls,
        graph: nx.Graph[Any],
        *,
        kind: str = "Actor",
        actor_type: str = "Firm",
        sphere: str = "business",
        tie_type: str = "",
        evidence: str = "not-stated",
        source: str = "not stated",
    ) -> ClusterGraph:
        """Make a cluster graph of any NetworkX graph: the reverse of :meth:`to_networkx`.

        Parameters
        ----------
        graph
            Directed or not, with parallel edges or not. Nodes that are no texts become texts.
            Edge attributes ``amount`` or ``weight`` become ``value``; attributes that the
            dictionary does not have for the kind of node or type of tie keep their values under
            names that begin with ``x_``. A text where the dictionary has a list is cut at
            ``"; "``, as files of graphs hold lists. What was changed is in :attr:`notes`.
        kind, actor_type, sphere
            What nodes are that do not say it: ``kind``, and of actors the other two. The name is
            ``name``, else ``label``, else the node itself.
        tie_type
            What edges are that do not say it; by default ``SUPPLIES`` (source sells, target
            buys), and ``COOPERATES_WITH`` in a graph without direction.
        evidence, source
            How edges are known that do not say it, and who says so.

        Raises
        ------
        InputError
            With every fault found, each naming its node or edge.

        Examples
        --------
        >>> import networkx as nx
        >>> ClusterGraph.from_networkx(nx.karate_club_graph())
        ClusterGraph(34 nodes, 78 ties)
        """
        from klaster.graph.convert import rows_of_networkx

        tie_type = tie_type or ("SUPPLIES" if graph.is_directed() else "COOPERATES_WITH")
        rows = rows_of_networkx(
            graph,
            node={"kind": kind},
            actor={"actor_type": actor_type, "sphere": sphere},
            tie={"tie_type": tie_type, "evidence": evidence, "source": source},
        )
        try:
            return cls.build(rows.nodes, rows.ties, rows.notes)
        except InputError as error:
            raise InputError(map(rows.named, error.faults), "the NetworkX graph") from None

    def to_parquet(self, folder: Path) -> None:
        """Write ``nodes.parquet`` and ``ties.parquet``: the source of truth beside any store."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, table in (("nodes", self._nodes), ("ties", self._ties)):
            arrow = pa.Table.from_pandas(table, preserve_index=False).replace_schema_metadata(None)
            pq.write_table(arrow, folder / f"{name}.parquet", compression="zstd")

    @classmethod
    def from_parquet(cls, folder: Path | str) -> ClusterGraph:
        """Read what :meth:`to_parquet` wrote.

        Raises
        ------
        InputError
            Where the folder holds no such files.
        """
        folder = Path(folder)
        if not (folder / "nodes.parquet").is_file():
            raise refusal("no-graph", folder, "there is no nodes.parquet in it",
                          "Name the folder that to_parquet wrote.", str(folder))  # fmt: skip
        tables = [
            pq.read_table(folder / f"{name}.parquet").to_pandas(types_mapper=pd.ArrowDtype)
            for name in ("nodes", "ties")
        ]
        return cls(*tables)


def _listed(given: Iterable[str]) -> list[str]:
    """Return names as a list; a text is one name."""
    return [given] if isinstance(given, str) else list(given)


def _known(given: Iterable[str], allowed: Collection[str], what: str) -> list[str]:
    wanted = _listed(given)
    for value in wanted:
        if value not in allowed:
            raise UnknownNameError(what, value, allowed)
    return wanted
