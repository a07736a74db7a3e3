"""What changes with the view of a table: industries that are added up, imports beside the flows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from klaster.graph.errors import Fault, InputError
from klaster.graph.model import FloatArray


def industry_groups(
    file: str, regions: Sequence[str], codes: Sequence[str], mapping: Mapping[str, str]
) -> tuple[list[tuple[str, str]], FloatArray]:
    """Return region and new code of each group, and the matrix G (groups × industries) of 0 and 1.

    ``G @ x`` adds amounts by industry up, ``G @ Z @ G.T`` flows. Regions stay apart and in their
    order, the new codes of each are sorted. A code the mapping lacks is refused (InputError).

    Examples
    --------
    >>> groups, G = industry_groups("t", ["", "", ""], ["B", "A01", "A02"],
    ...     {"A01": "A", "A02": "A", "B": "B"})
    >>> groups, G.tolist()
    ([('', 'A'), ('', 'B')], [[0.0, 1.0, 1.0], [1.0, 0.0, 0.0]])
    """
    faults = [
        Fault(
            file=file,
            code="unmapped-code",
            value=code,
            problem="the mapping has no such code",
            remedy="Give the mapping a new code for it.",
        )
        for code in sorted({code for code in codes if not mapping.get(code)})
    ]
    if faults:
        raise InputError(faults, "the mapping")
    region_order = {region: k for k, region in enumerate(dict.fromkeys(regions))}
    new = [(r, mapping[c]) for r, c in zip(regions, codes, strict=True)]
    groups = sorted(set(new), key=lambda pair: (region_order[pair[0]], pair[1]))
    at = {pair: k for k, pair in enumerate(groups)}
    G = np.zeros((len(groups), len(new)))
    G[[at[pair] for pair in new], range(len(new))] = 1.0
    return groups, G


def imports_beside(
    imports: FloatArray | None, inside: FloatArray, origin: str
) -> FloatArray | None:
    """Return what a change of view to ``origin`` leaves of imports: inputs that are in no flow.

    ``inside`` are the imported inputs, by industry, that enter the flows or leave them.

    Examples
    --------
    >>> imports_beside(np.array([5.0, 2.0]), np.array([3.0, 2.0]), "total").tolist()
    [2.0, 0.0]
    """
    if imports is None:
        return None
    rest = imports - inside if origin == "total" else imports + inside
    speck = 1e-9 * float(np.abs(imports).max(initial=0.0))
    beside = np.abs(rest) > speck if origin == "total" else np.abs(imports) > speck
    return np.where(np.abs(rest) > speck, rest, 0.0) if beside.any() else None
