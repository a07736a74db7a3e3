"""Synthetic graphs for load tests and benchmarks: marked synthetic, with every attribute of a tie."""

from __future__ import annotations

import numpy as np
import pandas as pd

from klaster.graph.dictionary import load_dictionary
from klaster.graph.model import ClusterGraph


def supply_network(actors: int, ties: int, *, seed: int = 1) -> ClusterGraph:
    """Return a made-up supply network: few large buyers, parallel ties, self-ties.

    Every attribute a supply tie may have is there; ``note``, ``year_to`` and ``value`` are
    missing in part.
    """
    random = np.random.Generator(np.random.PCG64(seed))
    ids = np.array([f"a{k:07d}" for k in range(actors)])
    nodes = pd.DataFrame(
        {
            "id": ids,
            "kind": "Actor",
            "name": [f"Фирма {k} «Қазына»" for k in range(actors)],
            "actor_type": "Firm",
            "sphere": "business",
            "region": random.choice(["KRG", "ALA", "AST"], actors),
        }
    )
    # A square of a uniform number: a tenth of the buyers take about a third of the ties.
    buyers = (random.random(ties) ** 2 * actors).astype(int)
    years = random.integers(2008, 2020, ties)
    some = random.random(ties)
    columns: dict[str, object] = {
        "tie_id": np.char.add("t", np.char.zfill(np.arange(ties).astype(str), 8)),
        "source_id": ids[random.integers(0, actors, ties)],
        "target_id": ids[buyers],
        "tie_type": "SUPPLIES",
        "year": pd.Series(years, dtype="int64"),
        "year_to": pd.Series(years + 3, dtype="Int64").mask(some < 0.5),
        "value": pd.Series(random.lognormal(3, 2, ties)).mask(some > 0.95),
        "unit": "million KZT",
        "evidence": "synthetic",
        "source": random.choice(["register A", "register B", "made up for a test"], ties),
        "locator": np.char.add("row ", random.integers(1, 9999, ties).astype(str)),
        "confidence": random.choice(load_dictionary().terms("confidence"), ties),
        "status": random.choice(["current", "ended"], ties),
        "status_note": random.choice(["in force", "expired", "extended by a year"], ties),
        "meaning": random.choice(["raw material", "energy", "services"], ties),
        "note": pd.Series(random.choice(["", "см. договор", "by road"], ties)).mask(some < 0.3),
        "network": random.choice(["metal", "coal"], ties),
        "currency": "KZT",
        "period": "year",
        "product": random.choice(["сталь", "coke", "руда", "power"], ties),
    }
    columns["year_to"] = columns["year_to"].astype("int64[pyarrow]")  # type: ignore[attr-defined]
    text = pd.StringDtype()
    table = pd.DataFrame(columns)
    for name in table.columns:
        if table[name].dtype == object or str(table[name].dtype).startswith("<U"):
            table[name] = table[name].astype(text)
    return ClusterGraph(nodes, table)
