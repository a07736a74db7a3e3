"""The quality report: books that balance, what was set aside and why, and what the data are like.

It is made before any analysis. Nothing is repaired silently: an imbalance of a table or a mix of
units is reported and left as it stands.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault
from klaster.graph.model import ClusterGraph
from klaster.graph.quality_report import REJECTED_COLUMNS, MoneyBook


def exact_sum(amounts: Iterable[float]) -> float:
    """Return the sum of amounts, rounded once: it does not depend on their order."""
    return float(sum(map(Fraction, amounts), Fraction(0)))


def money_books(
    amounts_in: Mapping[str, Sequence[float]],
    placed: Mapping[str, Sequence[float]],
    set_aside: Mapping[str, Sequence[float]],
) -> tuple[MoneyBook, ...]:
    """Return the book of each unit, from the amounts that came in, were placed, were set aside.

    Examples
    --------
    >>> money_books({"t": [1.0, 2.0]}, {"t": [2.0]}, {"t": [1.0]})[0].balanced
    True
    """
    units = sorted({*amounts_in, *placed, *set_aside})
    return tuple(
        MoneyBook(
            unit, *(exact_sum(side.get(unit, ())) for side in (amounts_in, placed, set_aside))
        )
        for unit in units
    )


def rejected_table(faults: Iterable[Fault], rows_of: Mapping[str, frozenset[int]]) -> pd.DataFrame:
    """Return the faults that set a row aside as a table.

    Parameters
    ----------
    faults
        All faults.
    rows_of
        For each file, the rows that were set aside.
    """
    lines = [
        (f.file, f.row, f.column, f.value, f.problem, f.remedy)
        for f in sorted(set(faults))
        if f.row in rows_of.get(f.file, frozenset())
        and (f.severity == "error" or f.code == "duplicate-row")
    ]
    table = pd.DataFrame(lines, columns=list(REJECTED_COLUMNS))
    return table.astype({"row": "int64"})


# -- what the data are like --------------------------------------------------------------------


def _mix(values: Iterable[object], missing: str = "not stated") -> dict[str, int]:
    """Count values, the most frequent first; those that are missing under a name of their own."""
    counts = Counter(missing if value is None or value is pd.NA else str(value) for value in values)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _column(table: pd.DataFrame, name: str) -> list[Any]:
    return table[name].tolist() if name in table.columns else [None] * len(table)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def actor_statistics(graph: ClusterGraph) -> dict[str, Any]:
    """Count the actors by type, sphere, region, evidence and status, and the keys they lack."""
    actors = graph.select(kinds=["Actor"]).nodes
    return {
        "actors": len(actors),
        "types": _mix(_column(actors, "actor_type")),
        "spheres": _mix(_column(actors, "sphere")),
        "regions": _mix(_column(actors, "region")),
        "evidence": _mix(_column(actors, "evidence")),
        "status": _mix(_column(actors, "status")),
        "without_identification_number": sum(map(_is_missing, _column(actors, "bin"))),
        "without_source": sum(map(_is_missing, _column(actors, "source"))),
    }


def tie_statistics(graph: ClusterGraph) -> dict[str, Any]:
    """Measure the ties that are not flows of a table.

    Returns
    -------
    dict
        ``parallel``: ties beside another one of the same type and ends;
        ``without_amount_share``: share without a value; ``top_percent_share``: by unit, share of
        the amounts that the largest 1 % of ties (one at least) hold; the mixes of types, years, units,
        evidence, status, confidence; ``weak_components``, ``largest_component``, ``isolated_actors`` of the
        actor–actor ties; ``reciprocity``: share of the directed actor–actor pairs (of types that
        have a direction) whose reverse is tied too; ``self_tie_share``; ``helix_coverage``:
        for each other sphere, the share of business actors with a tie to it.
    """
    dictionary = load_dictionary()
    kinds = [k for k in dictionary.node_kinds() if k != "Industry"]
    part = graph.select(kinds=kinds)
    ties = part.ties
    count = len(ties)
    keys = Counter(
        zip(
            _column(ties, "tie_type"),
            _column(ties, "source_id"),
            _column(ties, "target_id"),
            strict=True,
        )
    )
    values = [None if v is pd.NA else v for v in _column(ties, "value")]
    units = tie_units(_column(ties, "unit"), _column(ties, "currency"))
    by_unit: dict[str, list[float]] = {}
    for unit, value in zip(units, values, strict=True):
        if value is not None:
            by_unit.setdefault(unit, []).append(float(value))
    actors = part.select(kinds=["Actor"])
    position = {node: k for k, node in enumerate(actors.node_ids.tolist())}
    spheres = dict(zip(_column(actors.nodes, "id"), _column(actors.nodes, "sphere"), strict=True))
    symmetric = dictionary.symmetric_types()
    ends = list(
        zip(
            _column(actors.ties, "source_id"),
            _column(actors.ties, "target_id"),
            _column(actors.ties, "tie_type"),
            strict=True,
        )
    )
    directed = {(s, t) for s, t, kind in ends if s != t and kind not in symmetric}
    return {
        "ties": count,
        "types": _mix(_column(ties, "tie_type")),
        "layers": _mix(part.tie_layers.tolist()),
        "parallel": sum(n - 1 for n in keys.values()),
        "without_amount_share": _share(sum(v is None for v in values), count),
        "top_percent_share": {unit: _top_share(v) for unit, v in sorted(by_unit.items())},
        "units": {unit: len(v) for unit, v in sorted(by_unit.items())},
        "years": dict(sorted(_mix(_column(ties, "year")).items())),
        "evidence": _mix(_column(ties, "evidence")),
        "status": _mix(_column(ties, "status")),
        "confidence": _mix(_column(ties, "confidence")),
        **_component_statistics(position, ends),
        "reciprocity": _share(sum((t, s) in directed for s, t in directed), len(directed)),
        "self_tie_share": _share(sum(s == t for _, s, t in keys.elements()), count),
        "helix_coverage": _helix_coverage(spheres, ends),
    }


def tie_units(units: Sequence[object], currencies: Sequence[object]) -> list[str]:
    """Return what amounts can be added up within: unit and currency together."""
    parts = [
        [str(v) for v in pair if v is not None and v is not pd.NA]
        for pair in zip(units, currencies, strict=True)
    ]
    return [", ".join(part) or "no unit" for part in parts]


def _top_share(amounts: Sequence[float]) -> float:
    ordered = sorted(amounts, reverse=True)
    return _share(math.fsum(ordered[: math.ceil(len(ordered) / 100)]), math.fsum(ordered))


def _component_statistics(
    position: Mapping[str, int], ends: Sequence[tuple[str, str, str]]
) -> dict[str, Any]:
    n = len(position)
    between = [(position[s], position[t]) for s, t, _ in ends if s != t]
    if not n:
        return {"weak_components": 0, "largest_component": 0, "isolated_actors": 0}
    rows, columns = zip(*between, strict=True) if between else ((), ())
    matrix = sparse.coo_array((np.ones(len(between)), (rows, columns)), shape=(n, n))
    _, labels = connected_components(matrix.tocsr(), directed=True, connection="weak")
    sizes = np.bincount(labels)
    return {
        "weak_components": int((sizes > 1).sum()),
        "largest_component": int(sizes.max()),
        "isolated_actors": n - len({node for pair in between for node in pair}),
    }


def _helix_coverage(
    spheres: Mapping[str, Any], ends: Sequence[tuple[str, str, str]]
) -> dict[str, float]:
    partners: dict[str, set[str]] = {}
    for source, target, _ in ends:
        partners.setdefault(source, set()).add(str(spheres[target]))
        partners.setdefault(target, set()).add(str(spheres[source]))
    firms = [node for node, sphere in spheres.items() if sphere == "business"]
    others = [s for s in load_dictionary().terms("sphere") if s != "business"]
    return {
        sphere: _share(sum(sphere in partners.get(firm, ()) for firm in firms), len(firms))
        for sphere in others
    }
