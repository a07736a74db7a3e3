"""Estimate the input-output table of Kazakhstan by section, 2019.

    python estimate_sections.py [--out FILE]

Known officially: output x, intermediate consumption u and gross value added v of each section
(Bureau of National Statistics). Not known in any file that may be passed on: who sold to whom.
That is taken from the structure of inputs of the Russian economy in the same year (OECD),
domestic and imported inputs together:

    z_ij = u_j · r_ij / Σ_i r_ij

with r_ij the inputs of Russian section j from section i. Final use net of imports is what is
left of the output of a section, f_i = x_i − Σ_j z_ij; where it is below zero the section's
products are imported on balance. Nothing is clipped or balanced further.

Every amount is rounded to 0.1 million KZT, the precision of the official numbers, so that each
column still adds up to the official intermediate consumption exactly.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

CASE = Path(__file__).resolve().parents[1]
MARGINS = CASE / "inputs" / "bns_sections_2014_2019.csv"
STRUCTURE = CASE / "inputs" / "oecd_icio_2019_russia_sections.csv"
OUT = CASE / "sections_2019.csv"
YEAR = "2019"
TENTHS = 10  # official numbers have one decimal: they are counted in tenths of a million

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]


def read_margins(path: Path) -> tuple[list[str], IntArray, IntArray, IntArray]:
    """Return sections, output, intermediate consumption and value added, in tenths."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            row
            for row in csv.DictReader(file)
            if row["year"] == YEAR and row["oked_section"] != "TOTAL"
        ]

    def tenths(column: str) -> IntArray:
        return np.array([round(float(row[column]) * TENTHS) for row in rows], dtype=np.int64)

    sections = [row["oked_section"] for row in rows]
    return sections, tenths("output"), tenths("intermediate_consumption"), tenths("gva")


def read_structure(path: Path) -> tuple[list[str], FloatArray]:
    """Return the sections and the inputs by supplying × buying section."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    if [row[0] for row in rows] != header[1:]:
        raise SystemExit(f"{path.name}: rows and columns name different sections")
    return header[1:], np.array([[float(cell) for cell in row[1:]] for row in rows])


def membership(groups: list[str], sections: list[str]) -> FloatArray:
    """Return groups × sections: 1 where the section belongs to the group (``I-T``: I to T)."""

    def within(group: str, section: str) -> bool:
        first, _, last = group.partition("-")
        return first <= section <= (last or first)

    member = np.array([[float(within(g, s)) for s in sections] for g in groups])
    if not (member.sum(axis=0) == 1).all():
        raise SystemExit("a section is in no group or in several")
    return member


def share_out(total: int, weights: FloatArray) -> IntArray:
    """Split a whole number by weights into whole numbers that add up to it.

    Largest remainders get the units left over; of equal ones the first.
    """
    exact = total * weights / weights.sum()
    whole: IntArray = np.floor(exact).astype(np.int64)
    left = total - int(whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:left]] += 1
    return whole


def estimate(consumption: IntArray, structure: FloatArray) -> IntArray:
    """Return the flows: each buyer's intermediate consumption split by the structure's column."""
    columns = [
        share_out(int(total), column)
        for total, column in zip(consumption, structure.T, strict=True)
    ]
    return np.column_stack(columns)


def table_text(sections: list[str], flows: IntArray, output: IntArray, added: IntArray) -> str:
    """Write flows, final use (FD), value added (VALU) and output (OUTPUT) as CSV."""
    final = output - flows.sum(axis=1)

    def line(name: str, amounts: list[int]) -> str:
        return ",".join([name, *(f"{amount / TENTHS:.1f}" for amount in amounts)])

    lines = [",".join(["code", *sections, "FD"])]
    for k, section in enumerate(sections):
        lines.append(line(section, [*flows[k].tolist(), int(final[k])]))
    lines.append(line("VALU", added.tolist()) + ",")
    lines.append(line("OUTPUT", output.tolist()) + ",")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Estimate the table, write it, and list the sections whose final use is negative."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    sections, output, consumption, added = read_margins(MARGINS)
    detail, structure = read_structure(STRUCTURE)
    member = membership(sections, detail)
    flows = estimate(consumption, member @ structure @ member.T)
    arguments.out.write_text(
        table_text(sections, flows, output, added), encoding="utf-8", newline="\n"
    )
    for section, left in zip(sections, (output - flows.sum(axis=1)).tolist(), strict=True):
        if left < 0:
            print(f"{section}: final use net of imports {left / TENTHS:.1f} million KZT")


if __name__ == "__main__":
    main()
