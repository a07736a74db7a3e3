"""What MARIO computes of the tables in an .npz file; run by the interpreter of .venv-peers.

``python mario_results.py IN OUT [REPEATS]``. The arrays of IN are named ``table/what``: ``Z``, ``f``,
``v`` of a symmetric table, ``make``, ``use``, ``f``, ``v`` of a make and a use table. OUT has what
MARIO makes of each, by the same names; with REPEATS the seconds of the processor for each step
instead (medians), the check and copy MARIO makes of its input not counted. MARIO sorts its
labels: numbers with zeros in front keep the order of the table.
"""

from __future__ import annotations

import logging
import sys
import time
import warnings

import numpy as np
import pandas as pd

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")

import mario

REGION = "R"
LINKS = ("Total Forward", "Total Backward", "Direct Forward", "Direct Backward")


def axis(level: str, count: int) -> pd.MultiIndex:
    items = [f"{level[0]}{k:05}" for k in range(count)]
    return pd.MultiIndex.from_product([[REGION], [level], items], names=["Region", "Level", "Item"])


def units(*axes: pd.Index) -> dict[str, pd.DataFrame]:
    found = {}
    for one in axes:
        level = one.get_level_values(1)[0] if isinstance(one, pd.MultiIndex) else one.name
        items = one.get_level_values(-1)
        found[level] = pd.DataFrame({"unit": ["M"] * len(items)}, index=items)
    return found


def accounts(rows: int) -> tuple[pd.Index, pd.Index]:
    factors = pd.Index([f"v{k:05}" for k in range(rows)], name="Factor of production")
    return factors, pd.Index(["none"], name="Satellite account")


def database(kind: str, flows: np.ndarray, final: np.ndarray, primary: np.ndarray, at, used):
    """Build a MARIO database; ``at`` labels the flows, ``used`` are the axes that need units."""
    factors, satellites = accounts(len(primary))
    uses = axis("Consumption category", final.shape[1])
    named = units(*used, factors, satellites)
    return mario.Database(
        Z=pd.DataFrame(flows, index=at, columns=at),
        Y=pd.DataFrame(final, index=at, columns=uses),
        V=pd.DataFrame(primary, index=pd.Index(factors, name="Item"), columns=at),
        E=pd.DataFrame(np.zeros((1, len(at))), index=pd.Index(satellites, name="Item"), columns=at),
        EY=pd.DataFrame(
            np.zeros((1, len(uses))), index=pd.Index(satellites, name="Item"), columns=uses
        ),
        units=named,
        table=kind,
        name="t",
        calc_all=False,
    )


def symmetric(Z: np.ndarray, f: np.ndarray, v: np.ndarray):
    sectors = axis("Sector", len(Z))
    return database("IOT", Z, f, v, sectors, [sectors])


def make_use(make: np.ndarray, use: np.ndarray, f: np.ndarray, v: np.ndarray):
    n, m = make.shape
    activities, commodities = axis("Activity", n), axis("Commodity", m)
    flows = np.zeros((n + m, n + m))
    flows[:n, n:], flows[n:, :n] = make, use
    final = np.vstack([np.zeros((n, f.shape[1])), f])
    primary = np.hstack([v, np.zeros((len(v), m))])
    at = activities.append(commodities)
    return database("SUT", flows, final, primary, at, [activities, commodities])


def array(frame: pd.DataFrame) -> np.ndarray:
    return np.asarray(frame.to_numpy(dtype=float))


def of_symmetric(Z: np.ndarray, f: np.ndarray, v: np.ndarray) -> dict[str, np.ndarray]:
    data = symmetric(Z, f, v)
    found = data.query(matrices=["X", "z", "w", "b", "g", "v", "m", "p"])
    result = {
        "x": array(found["X"])[:, 0],
        "A": array(found["z"]),
        "L": array(found["w"]),
        "B": array(found["b"]),
        "G": array(found["g"]),
        "direct": array(found["v"]),
        "multipliers": array(found["m"]),
        "prices": array(found["p"])[:, 0],
    }
    for cut in (False, True):
        for normalized in (False, True):
            links = data.calc_linkages(
                cut_diag=cut, normalized=normalized, multi_mode=False
            ).reindex(found["z"].index)
            name = f"linkages/{'cut' if cut else 'whole'}/{'index' if normalized else 'sum'}"
            result[name] = array(links[list(LINKS)])
    return result


def of_make_use(
    make: np.ndarray, use: np.ndarray, f: np.ndarray, v: np.ndarray
) -> dict[str, np.ndarray]:
    data = make_use(make, use, f, v)
    result = {}
    for letter in "ABCD":
        made = data.to_iot(letter, inplace=False).query(matrices=["Z", "Y", "V", "X"])
        result |= {f"{letter}/{name}": array(made[name]) for name in ("Z", "Y", "V")}
        result[f"{letter}/x"] = array(made["X"])[:, 0]
    return result


def seconds(Z: np.ndarray, f: np.ndarray, v: np.ndarray, repeats: int) -> dict[str, np.ndarray]:
    """Time A and L, and the linkages (which need A, L, B and G), each from bare flows."""
    steps = {
        "A and L": lambda data: data.query(matrices=["z", "w"]),
        "linkages": lambda data: data.calc_linkages(
            cut_diag=False, normalized=True, multi_mode=False
        ),
    }
    found = {}
    for name, work in steps.items():
        taken = []
        for _ in range(repeats):
            data = symmetric(Z, f, v)
            start = time.process_time()
            work(data)
            taken.append(time.process_time() - start)
        found[f"seconds/{name}"] = np.array(np.median(taken))
    return found


def main(given: str, wanted: str, repeats: int = 0) -> None:
    with np.load(given) as file:
        arrays = {name: file[name] for name in file.files}
    found: dict[str, np.ndarray] = {"version": np.array(mario.__version__)}
    for table in dict.fromkeys(name.split("/")[0] for name in arrays):
        parts = {n.split("/")[1]: a for n, a in arrays.items() if n.split("/")[0] == table}
        if repeats:
            result = seconds(**parts, repeats=repeats)
        elif "make" in parts:
            result = of_make_use(**parts)
        elif "rows" in parts:
            balanced = mario.ras(
                pd.DataFrame(parts["matrix"]),
                target_rows=pd.Series(parts["rows"]),
                target_cols=pd.Series(parts["columns"]),
                tol=1e-11,
            )
            result = {"matrix": array(pd.DataFrame(balanced))}
        else:
            result = of_symmetric(**parts)
        found |= {f"{table}/{name}": values for name, values in result.items()}
    np.savez(wanted, **found)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 0)
