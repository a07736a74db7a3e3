"""Cut the Russian columns out of the OECD's inter-country table of 2019, by section.

    python extract_russia.py --source icio_oecd2023_2019_isic_g20.npz [--out FILE]

The result has one row a supplying section and one column a buying section of the Russian
economy: inputs from all countries together (domestic and imported), million USD, basic prices.
Source: OECD (2023), OECD Inter-Country Input-Output Tables, http://oe.cd/icio.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

CASE = Path(__file__).resolve().parents[1]
OUT = CASE / "inputs" / "oecd_icio_2019_russia_sections.csv"
COUNTRY = "RUS"


def total_inputs(
    flows: npt.NDArray[np.float64], countries: list[str], sections: list[str], buyer: str
) -> npt.NDArray[np.float64]:
    """Return inputs by supplying × buying section of one country, suppliers' countries summed.

    ``flows`` has rows and columns country by country, each with the sections in order.
    """
    n = len(sections)
    at = countries.index(buyer) * n
    bought = flows[: len(countries) * n, at : at + n]
    total: npt.NDArray[np.float64] = bought.reshape(len(countries), n, n).sum(axis=0)
    return total


def table_text(inputs: npt.NDArray[np.float64], sections: list[str]) -> str:
    """Write the table as CSV; 0.0001 million USD is 100 dollars."""
    lines = [",".join(["section", *sections])]
    for section, row in zip(sections, inputs.tolist(), strict=True):
        lines.append(",".join([section, *(f"{value:.4f}" for value in row)]))
    return "\n".join(lines) + "\n"


def main() -> None:
    """Read the archive and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--source", type=Path, required=True, help="the OECD table as an .npz file")
    parser.add_argument("--out", type=Path, default=OUT)
    arguments = parser.parse_args()
    with np.load(arguments.source, allow_pickle=False) as archive:
        countries, sections = archive["country_codes"].tolist(), archive["sector_codes"].tolist()
        inputs = total_inputs(archive["data"], countries, sections, COUNTRY)
    arguments.out.write_text(table_text(inputs, sections), encoding="utf-8", newline="\n")
    print(f"{arguments.out.name}: {len(sections)} sections")


if __name__ == "__main__":
    main()
