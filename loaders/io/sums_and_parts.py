"""Parts that stand beside their sum: what is taken, so that nothing counts twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from klaster.graph.errors import Fault
from klaster.graph.model import FloatArray
from klaster.loaders.io.headings import FINAL_GROUPS, FINAL_SUMS, VALUE_ADDED_SUMS, known_as
from klaster.loaders.io.table_spec import TableSpec, asked_by


@dataclass
class SumsAndParts:
    """Takes parts or their sum, and collects what is to be said of it.

    ``header_row`` is the row of the file with the headings, ``row_of`` that of each label of a row,
    ``rounding`` the rounding error of one cell.
    """

    file: str
    spec: TableSpec
    header_row: int
    row_of: Mapping[str, int]
    rounding: float
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def final_uses(
        self, amounts: Mapping[str, FloatArray], wanted: FloatArray
    ) -> dict[str, FloatArray]:
        """Return final uses by heading; ``wanted`` is what the rows leave for them."""
        uses = dict(amounts)
        for sum_names, part_names in FINAL_GROUPS:
            uses = self._without_sums("column", uses, sum_names, part_names, None)
        return self._without_sums("column", uses, FINAL_SUMS, None, wanted)

    def value_added(
        self, amounts: Mapping[str, FloatArray], wanted: FloatArray
    ) -> dict[str, FloatArray]:
        """Return value added by heading; ``wanted`` is what the columns leave for it."""
        return self._without_sums("row", amounts, VALUE_ADDED_SUMS, None, wanted)

    def _warn(self, line: str, name: str, gap: float, problem: str) -> None:
        """Name a sum that is not one, and how to say what to take."""
        keys = ("final_demand_columns", "ignore_columns")
        if line == "row":
            keys = ("value_added_rows", "ignore_rows")
        self.faults.append(Fault(
            file=self.file, row=self.row_of[name] if line == "row" else self.header_row,
            column=name, code="sum-and-parts", value=f"{gap:.10g}", problem=problem,
            remedy=f"Correct it, or say which to take: {asked_by(self.spec, *keys)}.",
            severity="warning",
        ))  # fmt: skip

    def _without_sums(
        self,
        line: str,
        amounts: Mapping[str, FloatArray],
        sum_names: frozenset[str],
        part_names: frozenset[str] | None,
        wanted: FloatArray | None,
    ) -> dict[str, FloatArray]:
        """Return amounts by heading without what would count twice: parts beside their sum.

        Where the sum is that of its parts, the parts are kept. Where it is not, that is kept which
        comes nearest to ``wanted``; where that is not known, the sum alone where the parts fit into
        it, else all of them. That is a warning. All others are parts where ``part_names`` is None.
        """
        kept = dict(amounts)
        sums = [name for name in amounts if known_as(name, sum_names)]
        parts = [
            name
            for name in amounts
            if name not in sums and (part_names is None or known_as(name, part_names))
        ]
        if not parts:
            parts, sums = sums[:1], sums[1:]
        if not parts:
            return kept
        total: FloatArray = np.sum([amounts[name] for name in parts], axis=0)
        listed = ", ".join(parts)
        for name in sums:
            recorded = amounts[name]
            allowed = 1e-9 * np.abs(recorded) + self.rounding * (len(parts) + 1)
            gap = recorded - total
            if (np.abs(gap) <= allowed).all():
                del kept[name]
                self.notes.append(
                    f"{self.file}: {line} {name} is the sum of {listed}: it was checked, and not taken"
                )
                continue
            worst = float(gap[np.abs(gap).argmax()])
            if wanted is not None and np.isfinite(wanted).all():
                choices = {
                    "parts": float(np.abs(total - wanted).sum()),
                    "sum": float(np.abs(recorded - wanted).sum()),
                    "both": float(np.abs(total + recorded - wanted).sum()),
                }
                chosen = min(choices, key=lambda choice: choices[choice])
            else:
                chosen = "sum" if (gap >= -allowed).all() else "both"
            if chosen == "both" and wanted is not None and np.isfinite(wanted).all():
                close = 1e-9 * np.abs(wanted) + self.rounding * (len(wanted) + len(parts) + 2)
                if (np.abs(total + recorded - wanted) <= close).all():
                    continue  # it stands beside the others, and the accounts balance with all of them
            if chosen == "parts":
                del kept[name]
                taken = f"{listed} {'were' if len(parts) > 1 else 'was'} taken"
            elif chosen == "sum":
                for part in parts:
                    kept.pop(part, None)
                taken = f"{name} alone was taken"
            else:
                taken = "all of them were taken"
            self._warn(line, name, worst, f"it is not the sum of {listed}; {taken}")
            if chosen == "sum":  # another sum is then compared with this one
                total, parts, listed = recorded, [name], name
        return kept
