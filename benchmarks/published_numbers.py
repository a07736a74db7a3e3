"""Published numbers beside what klaster computes: ``python benchmarks/published_numbers.py``.

Every number here stands in a paper, a textbook or the tests of another program, which is named.
Where a published number is wrong the table shows both and says so. The fixtures are used by the
tests as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.identification.drivers import discriminant
from klaster.algorithms.identification.principal import loading_members, varimax
from klaster.algorithms.identification.quotients import (
    ellison_glaeser,
    gini_specialisation,
    krugman_specialisation,
    location_quotients,
)
from klaster.algorithms.identification.regionalisation import (
    QuotientRule,
    regional_coefficients,
    regional_imports,
)
from klaster.algorithms.io.coefficients import (
    allocation_coefficients,
    coefficients_per_output,
    input_coefficients,
)
from klaster.algorithms.io.extraction import hypothetical_extraction
from klaster.algorithms.io.leontief import ghosh_inverse, leontief_inverse, output_for
from klaster.algorithms.io.linkages import linkages
from klaster.algorithms.io.models import decompose_output_change, domar_weights, price_response
from klaster.algorithms.io.multipliers import Multipliers, final_demand_closure, multipliers
from klaster.graph.model import FloatArray


def _rows(text: str) -> FloatArray:
    return np.asarray([[float(cell) for cell in row.split()] for row in text.split("|")])


def _row(text: str) -> FloatArray:
    return np.asarray(_rows(text)[0])


MILLER_BLAIR = "Miller & Blair 2009, Input–Output Analysis, Table 2.3 and section 2.3"
MILLER_BLAIR_Z = _rows("150 500 | 200 100")
MILLER_BLAIR_F = _row("350 1700")
MILLER_BLAIR_X = _row("1000 2000")
MILLER_BLAIR_COMPENSATION = _row("300 1000")

NETHERLANDS = "Netherlands 2000, Spicosa/Eurostat example, as in the R package iotables"
NETHERLANDS_Z = _rows(
    "2731 3 8260 36 59 615 | 4 282 2013 3979 188 60 | 3322 291 40218 480 8004 16999 |"
    "983 53 2400 4395 85 3458 | 121 70 565 135 14103 9509 | 2884 1078 28400 1404 9339 106994"
)
NETHERLANDS_X = _row("21863 12292 210900 18249 60244 435953")
NETHERLANDS_COMPENSATION = _row("2336 520 35083 1629 14339 151784")

GERMANY = "Germany 1995, Eurostat Manual of Supply, Use and Input-Output Tables 2008 (Beutel)"
GERMANY_SECTORS = (
    "agriculture",
    "industry",
    "construction",
    "trade",
    "business services",
    "other services",
)
GERMANY_Z = _rows(
    "1131 25480 1 607 710 762 | 7930 304584 64167 41082 11981 30360 |"
    "426 7334 3875 5296 23457 9155 | 3559 72717 14190 74399 10835 21008 |"
    "3637 96115 31027 65755 193176 34223 | 1552 14986 1747 11225 15058 22070"
)
GERMANY_X = _row("43910 1079446 245606 540063 692487 508918")
GERMANY_TOTAL_USE = _row("43910 1079400 245606 540063 692487 508918")
GERMANY_VALUE_ADDED = _row("21664 395022 115624 311407 415426 365017")
GERMANY_EMPLOYMENT = _row("1096 8381 3236 9251 4258 10206")

TOROJ = "Torój 2024, Central European Journal of Economic Modelling and Econometrics 16:285–322"
TOROJ_Z = _rows("40 5 5 | 5 15 10 | 5 5 25")
TOROJ_X = _row("100 50 80")
TOROJ_REGIONS = _rows("70 20 10 | 30 30 70")

KOZLOVA_DENISOVA = "Kozlova & Denisova 2014, Table 2 (East Kazakhstan)"
KOZLOVA_DENISOVA_LOADINGS = _rows(
    "-0.083 -0.105 0.933 -0.112 -0.016 0.159 0.107 |"
    "-0.288 -0.344 0.136 -0.186 -0.223 -0.661 0.203 |"
    "-0.012 0.698 0.546 -0.114 -0.119 -0.245 0.010 |"
    "0.893 0.006 -0.223 0.322 0.052 0.026 0.076 |"
    "-0.132 0.939 0.001 0.070 -0.078 -0.002 -0.133 |"
    "0.474 0.047 0.135 -0.129 0.753 0.026 0.037 |"
    "-0.257 -0.222 0.844 -0.027 -0.116 -0.052 0.098 |"
    "-0.248 -0.265 0.362 -0.177 -0.244 0.637 0.201 |"
    "-0.227 0.147 -0.467 -0.367 -0.292 0.351 0.311 |"
    "-0.146 0.097 -0.152 -0.174 -0.106 0.019 -0.924 |"
    "-0.055 -0.087 -0.185 -0.089 0.919 -0.021 0.076 |"
    "0.877 0.063 0.158 0.224 0.010 0.080 0.055 |"
    "0.157 0.184 0.014 0.885 -0.063 0.055 0.085 |"
    "0.201 -0.105 -0.144 0.875 -0.139 -0.034 0.084 |"
    "0.780 -0.131 -0.333 -0.080 0.369 0.095 -0.266 |"
    "-0.032 0.966 -0.072 0.089 -0.004 0.051 -0.096 |"
    "0.184 0.803 -0.157 -0.074 0.049 0.044 0.153 |"
    "-0.093 0.921 -0.259 0.046 -0.003 0.089 -0.046 |"
    "0.837 -0.076 0.023 -0.126 0.005 -0.395 0.145 |"
    "0.864 -0.026 -0.307 0.330 0.097 0.102 0.067"
)
KOZLOVA_DENISOVA_INDUSTRIES = (
    "Agriculture, hunting and forestry",
    "Fishing, fish farming",
    "Coal and lignite mining, peat extraction",
    "Crude oil and natural gas extraction",
    "Metal ore mining",
    "Other mining industries",
    "Processing of agricultural products",
    "Textile manufacture",
    "Leather, leather goods and footwear",
    "Wood and wood products",
    "Paper and board, printing",
    "Coke, oil refining, production and processing of nuclear materials",
    "Chemical industry",
    "Rubber and plastic products",
    "Other non-metallic mineral products",
    "Metallurgy and metal working",
    "Manufacture and repair of machinery, equipment and spare parts",
    "Other manufacturing industries",
    "Electricity, gas and water production and distribution",
    "Construction",
)

MACRO_JL = "documentation of MacroEconometricModels.jl, on the table of Miller & Blair"
REAT = "Farhauer & Kröll, as in the R package REAT"


@dataclass(frozen=True, eq=False)
class PublishedNumber:
    """A published number (or several) and how to compute it.

    Attributes
    ----------
    key
        Short name.
    what
        What is computed, of what.
    source
        Where the number is published.
    published
        As printed.
    compute
        Computes the same.
    tolerance
        Half a unit of the last digit printed, or what ``note`` says.
    note
        Empty, or why published and computed may differ.
    misprint
        Whether the published number is known to be wrong, for the reason in ``note``: then the
        computed one is expected to differ.
    """

    key: str
    what: str
    source: str
    published: FloatArray
    compute: Callable[[], FloatArray]
    tolerance: float
    note: str = ""
    misprint: bool = False

    def difference(self) -> float:
        """Return the largest absolute difference between published and computed."""
        computed = self.compute()
        if computed.shape != self.published.shape:
            return float("inf")
        return float(np.abs(computed - self.published).max())

    def holds(self) -> bool:
        """Return whether the published number is reproduced, or is the misprint it is taken for."""
        return (self.difference() <= self.tolerance) is not self.misprint


def published_numbers() -> tuple[PublishedNumber, ...]:
    """Return every published number klaster is held to, in the order of the methods."""
    return (*_algebra(), *_multipliers(), *_models(), *_identification(), *_regional())


def _number(
    key: str,
    what: str,
    source: str,
    published: npt.ArrayLike,
    compute: Callable[[], npt.ArrayLike],
    tolerance: float,
    note: str = "",
    *,
    misprint: bool = False,
) -> PublishedNumber:
    return PublishedNumber(
        key,
        what,
        source,
        np.asarray(published, dtype=np.float64),
        lambda: np.asarray(compute(), dtype=np.float64),
        # Printed digits are rounded: a hair above half a unit, for binary fractions.
        tolerance * (1 + 1e-9),
        note,
        misprint,
    )


def _miller_blair_a() -> FloatArray:
    return input_coefficients(MILLER_BLAIR_Z, MILLER_BLAIR_X)


def _algebra() -> Iterator[PublishedNumber]:
    source = f"{MILLER_BLAIR}; tests of pymrio (test_math.py)"
    yield _number(
        "F1.A", "input coefficients A", source, [[0.15, 0.25], [0.20, 0.05]], _miller_blair_a, 5e-13
    )
    yield _number(
        "F1.L",
        "Leontief inverse L",
        source,
        [[1.25412541, 0.330033], [0.2640264, 1.12211221]],
        lambda: leontief_inverse(_miller_blair_a()).matrix,
        5e-8,
    )
    yield _number(
        "F1.xnew",
        "output for final demand 600 and 1,500",
        MILLER_BLAIR,
        [1247.5, 1841.6],
        lambda: output_for(_miller_blair_a(), [600, 1500]),
        0.05,
    )
    yield _number(
        "F1.G12",
        "Ghosh inverse, agriculture to manufacturing",
        MACRO_JL,
        0.660,
        lambda: ghosh_inverse(allocation_coefficients(MILLER_BLAIR_Z, MILLER_BLAIR_X)).matrix[0, 1],
        5e-4,
    )
    yield _number(
        "F3.ghosh",
        "Ghosh inverse, column agriculture (B = Z / total use as recorded)",
        f"{GERMANY}; tests of iotables",
        [1.0339, 0.0118, 0.0037, 0.0103, 0.0117, 0.0043],
        lambda: _germany_ghosh()[:, 0],
        5e-5,
    )
    others = [0, 2, 3, 4, 5]
    yield _number(
        "F3.forward",
        "forward linkages (Ghosh row sums), without industry",
        f"{GERMANY}; tests of iotables",
        [2.1126, 1.3558, 1.5849, 2.1037, 1.2106],
        lambda: _germany_ghosh().sum(axis=1)[others],
        5e-5,
    )
    yield _number(
        "F3.forward.industry",
        "forward linkage of industry",
        f"{GERMANY}; tests of iotables",
        1.6691,
        lambda: _germany_ghosh().sum(axis=1)[1],
        5e-5,
        "digits exchanged in print: the printed table itself gives 1.6910; the test there allows "
        "too much to notice",
        misprint=True,
    )


def _germany_ghosh() -> FloatArray:
    return ghosh_inverse(allocation_coefficients(GERMANY_Z, GERMANY_TOTAL_USE)).matrix


def _germany(quantity: FloatArray | None) -> FloatArray:
    A = input_coefficients(GERMANY_Z, GERMANY_X)
    direct = None if quantity is None else coefficients_per_output(quantity, GERMANY_X)
    return multipliers(A, direct).simple


def _multipliers() -> Iterator[PublishedNumber]:
    def income() -> tuple[FloatArray, FloatArray]:
        direct = coefficients_per_output(NETHERLANDS_COMPENSATION, NETHERLANDS_X)
        found = multipliers(input_coefficients(NETHERLANDS_Z, NETHERLANDS_X), direct)
        return found.simple, found.ratio

    yield _number(
        "F2.effect",
        "compensation per unit of final demand c'L",
        f"{NETHERLANDS}; its tests",
        [0.263, 0.099, 0.306, 0.212, 0.465, 0.493],
        lambda: income()[0],
        5e-4,
    )
    yield _number(
        "F2.multiplier",
        "income multipliers c'L ÷ c",
        f"{NETHERLANDS}; its tests",
        [2.466, 2.333, 1.840, 2.372, 1.953, 1.417],
        lambda: income()[1],
        5e-4,
    )
    for key, what, quantity, printed in (
        ("F3.output", "output multipliers", None, "1.7048 1.8413 1.8136 1.6035 1.5951 1.3782"),
        (
            "F3.value_added",
            "value-added multipliers",
            GERMANY_VALUE_ADDED,
            ".8450 .7647 .8615 .9019 .9393 .9199",
        ),
        (
            "F3.employment",
            "employment multipliers",
            GERMANY_EMPLOYMENT,
            ".0326 .0162 .0207 .0237 .0112 .0242",
        ),
    ):

        def compute(amounts: FloatArray | None = quantity) -> FloatArray:
            return _germany(amounts)

        yield _number(key, what, f"{GERMANY}; tests of iotables", _row(printed), compute, 5e-5)
    yield _number(
        "F1.type_two",
        "type II output multipliers, households buying like final demand",
        f"{MACRO_JL} with compensation of 300 and 1,000",
        [3.55, 4.09],
        lambda: _closed_miller_blair().total,
        5e-3,
    )
    yield _number(
        "F1.type_two_income",
        "household income per unit of final demand, households in the system",
        f"{MACRO_JL} with compensation of 300 and 1,000",
        [1.389, 1.804],
        lambda: _closed_miller_blair(income=True).total,
        5e-4,
    )


def _closed_miller_blair(*, income: bool = False) -> Multipliers:
    row = coefficients_per_output(MILLER_BLAIR_COMPENSATION, MILLER_BLAIR_X)
    closure = final_demand_closure(row, MILLER_BLAIR_F)
    return multipliers(_miller_blair_a(), row if income else None, closure=closure)


def _models() -> Iterator[PublishedNumber]:
    yield _number(
        "F1.linkages",
        "backward and (Ghosh) forward index of agriculture",
        MACRO_JL,
        [1.022, 1.208],
        lambda: [
            linkages(MILLER_BLAIR_Z, MILLER_BLAIR_X).backward_index[0],
            linkages(MILLER_BLAIR_Z, MILLER_BLAIR_X).forward_index[0],
        ],
        5e-4,
    )
    yield _number(
        "F1.extraction",
        "output lost by complete extraction of each industry",
        MACRO_JL,
        [1210.5, 2588.2],
        lambda: hypothetical_extraction(_miller_blair_a(), MILLER_BLAIR_F).loss,
        0.05,
    )
    yield _number(
        "F1.price",
        "price response to 0.1 on the primary cost of agriculture",
        MACRO_JL,
        [0.125413, 0.033003],
        lambda: price_response(_miller_blair_a(), [0.1, 0.0]),
        5e-7,
    )

    def decomposition() -> FloatArray:
        after = input_coefficients(_rows("150 420 | 200 100"), _row("990 2340"))
        found = decompose_output_change(_miller_blair_a(), MILLER_BLAIR_F, after, [420, 2040])
        return np.stack([found.technology, found.final_demand, found.total])

    yield _number(
        "F1.decomposition",
        "change of output: technology, final demand, sum",
        MACRO_JL,
        [[-192.5, -55.0], [182.5, 395.0], [-10.0, 340.0]],
        decomposition,
        5e-8,
    )
    yield _number(
        "F1.domar",
        "Domar weights and their sum of squares",
        MACRO_JL,
        [0.487805, 0.975610, 1.189768],
        lambda: [
            *domar_weights(MILLER_BLAIR_X, 2050).weights,
            domar_weights(MILLER_BLAIR_X, 2050).sum_of_squares,
        ],
        5e-7,
    )


def _identification() -> Iterator[PublishedNumber]:
    table = KOZLOVA_DENISOVA_LOADINGS
    yield _number(
        "F8.variance",
        "share of variance the seven components explain",
        KOZLOVA_DENISOVA,
        0.88,
        lambda: (table**2).sum() / len(table),
        5e-3,
    )
    yield _number(
        "F8.fixed_point",
        "Table 2 rotated by Kaiser varimax again: the same table",
        KOZLOVA_DENISOVA,
        table,
        lambda: varimax(table)[0],
        9e-4,
        "the loadings are printed with three digits; raw varimax would move them by 0.036",
    )
    yield _number(
        "F8.cluster",
        "industries of the mining and metals cluster (highest loading on component 2)",
        f"{KOZLOVA_DENISOVA} and text",
        [3, 5, 16, 17, 18],
        lambda: np.flatnonzero(loading_members(table).component == 2) + 1,
        0,
    )
    yield _number(
        "iris.discriminant",
        "flowers that linear discriminant analysis puts into their own species",
        "Fisher 1936, doi:10.1111/j.1469-1809.1936.tb02137.x, and many textbooks",
        147,
        _iris,
        0,
    )


def _iris() -> float:
    from sklearn.datasets import load_iris

    flowers = load_iris()
    predicted, _ = discriminant(flowers.data, flowers.target)
    return float((predicted == flowers.target).sum())


def _regional() -> Iterator[PublishedNumber]:
    yield _number(
        "F4.quotients",
        "location quotients",
        f"{TOROJ}, Table 4",
        [[1.610, 0.920, 0.2875], [0.530769, 1.061538, 1.548077]],
        lambda: location_quotients(TOROJ_REGIONS),
        5e-7,
    )
    yield _number(
        "REAT.quotient",
        "location quotient of one industry",
        REAT,
        0.3847623,
        lambda: location_quotients([[1714, 79006 - 1714]], [879213, 15593224 - 879213])[0, 0],
        5e-8,
    )
    plants = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
    yield _number(
        "REAT.ellison_glaeser",
        "Ellison–Glaeser γ",
        REAT,
        0.05990628,
        lambda: ellison_glaeser(plants, [0] * 5 + [1] * 4 + [2], [500000, 400000, 100000]),
        5e-9,
    )
    yield _number(
        "REAT.krugman",
        "Krugman specialisation of two regions with nothing in common",
        REAT,
        2.0,
        lambda: krugman_specialisation([20, 10, 70, 0, 0], [0, 0, 0, 60, 40]),
        5e-13,
    )
    yield _number(
        "REAT.gini",
        "Gini coefficient of specialisation",
        REAT,
        0.6222222,
        lambda: gini_specialisation(
            [700, 600, 500, 10000, 40000], [30000, 15000, 10000, 60000, 50000]
        ),
        5e-8,
    )
    rules: tuple[tuple[QuotientRule, str], ...] = (
        ("slq", "0 .860 6.145 | 9.091 0 0"),
        ("cilq", "0 1.980 6.477 | 10.006 2.750 0"),
        ("rlq", "0 1.653 6.389 | 9.759 1.867 0"),
    )
    for number, (rule, printed) in enumerate(rules, start=5):

        def compute(name: QuotientRule = rule) -> FloatArray:
            return toroj_imports(name)

        yield _number(
            f"F4.{rule}",
            f"regional imports implied by {rule.upper()}, two regions",
            f"{TOROJ}, Table {number}",
            _rows(printed),
            compute,
            5e-4,
        )


def toroj_imports(rule: QuotientRule) -> FloatArray:
    """Return the imports of Torój's two regions that a rule of regionalisation implies."""
    A = input_coefficients(TOROJ_Z, TOROJ_X)
    quotients = location_quotients(TOROJ_REGIONS)
    return np.stack(
        [
            regional_imports(A, regional_coefficients(A, slq, rule=rule), output)
            for slq, output in zip(quotients, TOROJ_REGIONS, strict=True)
        ]
    )


def _shown(values: FloatArray) -> str:
    cells = values.ravel()
    text = " ".join(f"{cell:.7g}" for cell in cells[:7])
    return text + (f" … ({cells.size} numbers)" if cells.size > 7 else "")


def report(found: Sequence[PublishedNumber]) -> str:
    """Return published beside computed as text, one block a number."""
    lines = []
    for number in found:
        difference = number.difference()
        verdict = ("differs" if number.misprint else "ok") if number.holds() else "WRONG"
        lines += [
            f"{verdict:<7} {number.key}: {number.what}",
            f"        published  {_shown(number.published)}",
            f"        computed   {_shown(number.compute())}",
            f"        difference {difference:.3g} (allowed {number.tolerance:.3g})",
            f"        source     {number.source}",
            *([f"        note       {number.note}"] if number.note else []),
            "",
        ]
    misprints = sum(number.misprint for number in found)
    good = sum(number.holds() for number in found if not number.misprint)
    lines.append(f"{good} of {len(found) - misprints} published numbers reproduced")
    if misprints:
        lines.append(f"{misprints} known misprint shown with the number we compute")
    return "\n".join(lines)


def main() -> int:
    """Print the report; return 0 where every number holds, else 1."""
    found = published_numbers()
    sys.stdout.write(report(found) + "\n")
    return int(not all(number.holds() for number in found))


if __name__ == "__main__":
    raise SystemExit(main())
