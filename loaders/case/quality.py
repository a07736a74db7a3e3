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

from klaster.graph.canonical_tables import records
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
    """Return the faults that set a row aside (``rows_of``: these rows, by file) as a table."""
    lines = [
        (f.file, f.row, f.column, f.value, f.problem, f.remedy)
        for f in sorted(set(faults))
        if f.row in rows_of.get(f.file, frozenset())
        and (f.severity == "error" or f.code == "duplicate-row")
    ]
    table = pd.DataFrame(lines, columns=list(REJECTED_COLUMNS))
    return table.astype({"row": "int64"})


def amounts_by_unit(rows: Iterable[Mapping[str, Any]]) -> dict[str, list[float]]:
    """Return amounts by unit and currency together: what can be added up."""
    result: dict[str, list[float]] = {}
    for values in rows:
        if "value" in values:
            unit = ", ".join(str(values[name]) for name in ("unit", "currency") if name in values)
            result.setdefault(unit or "no unit", []).append(float(values["value"]))
    return result


def _column(table: pd.DataFrame, name: str) -> list[Any]:
    """Return the cells of a column; None where they are missing."""
    found = table[name].tolist() if name in table.columns else [None] * len(table)
    return [None if value is pd.NA else value for value in found]


def _counts(table: pd.DataFrame, name: str) -> dict[str, int]:
    """Count the values of a column, the most frequent first."""
    return _by_frequency("not stated" if v is None else str(v) for v in _column(table, name))


def _by_frequency(values: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(values).items(), key=lambda item: (-item[1], item[0])))


def _share(part: float, whole: float) -> float:
    return part / whole if whole else math.nan


def actor_statistics(graph: ClusterGraph) -> dict[str, Any]:
    """Count the actors by type, sphere, region, evidence and status, and the keys they lack."""
    actors = graph.select(kinds=["Actor"]).nodes
    return {
        "actors": len(actors),
        "types": _counts(actors, "actor_type"),
        "spheres": _counts(actors, "sphere"),
        "regions": _counts(actors, "region"),
        "evidence": _counts(actors, "evidence"),
        "status": _counts(actors, "status"),
        "without_identification_number": _column(actors, "bin").count(None),
        "without_source": _column(actors, "source").count(None),
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
    keys = Counter(_ends(ties))
    by_unit = dict(sorted(amounts_by_unit(records(ties)).items()))
    actors = part.select(kinds=["Actor"])
    position = {node: k for k, node in enumerate(actors.node_ids.tolist())}
    spheres = dict(zip(_column(actors.nodes, "id"), _column(actors.nodes, "sphere"), strict=True))
    symmetric = dictionary.symmetric_types()
    ends = _ends(actors.ties)
    directed = {(s, t) for s, t, kind in ends if s != t and kind not in symmetric}
    return {
        "ties": count,
        "types": _counts(ties, "tie_type"),
        "layers": _by_frequency(map(str, part.tie_layers.tolist())),
        "parallel": sum(n - 1 for n in keys.values()),
        "without_amount_share": _share(_column(ties, "value").count(None), count),
        "top_percent_share": {unit: _top_share(v) for unit, v in by_unit.items()},
        "units": {unit: len(v) for unit, v in by_unit.items()},
        "years": dict(sorted(_counts(ties, "year").items())),
        "evidence": _counts(ties, "evidence"),
        "status": _counts(ties, "status"),
        "confidence": _counts(ties, "confidence"),
        **_component_statistics(position, ends),
        "reciprocity": _share(sum((t, s) in directed for s, t in directed), len(directed)),
        "self_tie_share": _share(sum(s == t for s, t, _ in keys.elements()), count),
        "helix_coverage": _helix_coverage(spheres, ends),
    }


def _ends(ties: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Return source, target and type of each tie."""
    columns = (_column(ties, name) for name in ("source_id", "target_id", "tie_type"))
    return list(zip(*columns, strict=True))


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
