"""A large CSV with codes in its first row and first column, and numbers in all other cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError, file_row, refusal
from klaster.loaders.files.grid import Limits

_LISTED = 19


def read_code_matrix(path: Path, *, file: str, limits: Limits) -> pd.DataFrame:
    """Read the numbers, labelled by their codes; CSV, also compressed.

    Raises
    ------
    InputError
        Where the file is missing, too large or no CSV, a code was given before, or a cell is
        empty or no number: each is named (the first nineteen, then their number).
    """
    if not path.is_file():
        raise refusal("missing-file", path, "there is no such file", "Name the file.", file)
    if path.stat().st_size > limits.file_bytes:
        raise refusal("too-large", "", "the file is too large", "Take a smaller table.", file)
    try:
        raw = pd.read_csv(path, index_col=0, low_memory=False, converters={0: str})
    except (ValueError, UnicodeDecodeError, EOFError, OSError) as reason:
        problem = f"it is not CSV ({reason})"
        raise refusal("unreadable-file", "", problem, "Check the file.", file) from reason
    raw.index, raw.columns = raw.index.map(str), raw.columns.map(str)
    faults = [
        Fault(
            file=file, column=label, code="duplicate-label", value=label,
            problem=f"the {axis} was given before", remedy="Keep one, or add them up.",
        )
        for axis, labels in (("row", raw.index), ("column", raw.columns))
        for label in sorted(set(labels[labels.duplicated()]))
    ]  # fmt: skip
    if faults:
        raise InputError(faults, file)
    numbers = raw.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    bad = np.argwhere(~np.isfinite(numbers)).tolist()
    for i, j in bad[:_LISTED]:
        cell: Any = raw.iat[i, j]
        text = "" if pd.isna(cell) else str(cell).strip()
        problem = f"the cell of row {raw.index[i]} is " + ("not a number" if text else "empty")
        faults.append(Fault(
            file=file, row=file_row(i), column=raw.columns[j],
            code="bad-number" if text else "missing-cell", value=text, problem=problem,
            remedy="Write the amount, 0 where nothing flows.",
        ))  # fmt: skip
    if len(bad) > _LISTED:
        more = f"and {len(bad) - _LISTED} more such cells"
        faults.append(Fault(
            file=file, code="bad-number", value=str(len(bad)), problem=more,
            remedy="Correct the file first.",
        ))  # fmt: skip
    if faults:
        raise InputError(faults, file)
    return pd.DataFrame(numbers, index=raw.index, columns=raw.columns)
