"""The published methods on one table, side by side, with their agreement and their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from klaster.algorithms.identification.drivers import DriverGroups, driver_industries
from klaster.algorithms.identification.industry_clusters import IndustryClusters
from klaster.algorithms.identification.links import czamanski_ablas, direct_link_clusters
from klaster.algorithms.identification.method_agreement import (
    Agreement,
    ClusterScores,
    agreement,
    cluster_scores,
)
from klaster.algorithms.identification.minimal_flow import FilterScan, scan_filters
from klaster.algorithms.identification.principal import (
    PRIMARY_LOADING,
    SECONDARY_LOADING,
    Components,
    LoadingMembers,
    correlation_of_columns,
    loading_members,
    principal_components,
)
from klaster.algorithms.identification.profiles import ProfileSimilarity, feser_bergman
from klaster.algorithms.io.coefficients import input_coefficients
from klaster.algorithms.io.system import IOSystem
from klaster.graph.errors import Fault, InputError, KlasterError
from klaster.graph.model import FloatArray, IntArray


@dataclass(frozen=True)
class IdentificationSettings:
    """What the methods depend on; every value is shown with the results.

    Attributes
    ----------
    direct_threshold
        Smallest input coefficient a_ij that links two industries.
    link_threshold
        Smallest Czamanski–Ablas share that links two industries.
    component_count
        Components to keep; by eigenvalue above 1 where not given.
    primary, secondary
        Loadings from which an industry is a primary, a secondary member.
    own_flows
        Whether own use is part of shares and profiles.
    filter_steps
        Filters tried by the minimal flow analysis.
    driver_groups
        Groups of the Ward and discriminant analysis.
    """

    direct_threshold: float = 0.05
    link_threshold: float = 0.2
    component_count: int | None = None
    primary: float = PRIMARY_LOADING
    secondary: float = SECONDARY_LOADING
    own_flows: bool = False
    filter_steps: int = 50
    driver_groups: int = 3


@dataclass(frozen=True, eq=False)
class Identification:
    """Clusters of one table by every method that could be applied to it.

    Attributes
    ----------
    names
        The industries, in table order.
    clusters
        Partition by method; 0 is no cluster.
    skipped
        Methods that could not be applied, and why.
    members
        Loadings and membership (primary, secondary, weak), for the methods on components.
    similarity
        Feser–Bergman similarity: the relatedness behind the scores of every method.
    components
        Rotated components of the intermediate-use columns and of the similarity.
    scan
        Minimal flow analysis over filters.
    drivers
        Driver industries, where indicators were given.
    agreement
        Agreement between the methods.
    scores
        Within- and between-cluster relatedness of each partition.
    """

    names: tuple[str, ...]
    clusters: Mapping[str, IndustryClusters]
    skipped: Mapping[str, str]
    members: Mapping[str, LoadingMembers]
    similarity: ProfileSimilarity
    components: Mapping[str, Components]
    scan: FilterScan | None
    drivers: DriverGroups | None
    agreement: Agreement
    scores: Mapping[str, ClusterScores]

    def table(self) -> pd.DataFrame:
        """Return one row an industry, one column a method: the number of its cluster."""
        return pd.DataFrame(
            {name: found.labels for name, found in self.clusters.items()}, index=list(self.names)
        )

    def summary(self) -> pd.DataFrame:
        """Return one row a method: clusters, industries in one, WCR, BCR, share that passes."""
        rows = {}
        for name, found in self.clusters.items():
            scores = self.scores[name]
            rows[name] = {
                "clusters": found.count,
                "industries": int((found.labels > 0).sum()),
                "wcr": float(scores.clusters["wcr"].astype(float).mean()),
                "bcr": float(scores.clusters["bcr"].astype(float).mean()),
                "clusters_passing": scores.cluster_share,
                "settings": found.description,
            }
        return pd.DataFrame.from_dict(rows, orient="index")


def identify_clusters(
    system: IOSystem,
    *,
    technology: npt.ArrayLike | None = None,
    indicators: npt.ArrayLike | None = None,
    others: Sequence[IndustryClusters] = (),
    settings: IdentificationSettings | None = None,
) -> Identification:
    """Apply every table-based method and compare the results.

    Direct links (input coefficients), Czamanski–Ablas, Feser–Bergman components, components of
    the intermediate-use columns (Kaiser varimax), minimal flow analysis and, with indicators,
    Ward with discriminant analysis. Industries without trade are left out of the component
    methods and get no cluster there.

    Parameters
    ----------
    system
        The table, domestic flows.
    technology
        Z of domestic and imported flows, for the similarities; the table's flows by default.
    indicators
        Industries × indicators of competitiveness.
    others
        Partitions of other origin to compare with: Porter's walk, communities, a published one.
    settings
        Thresholds and numbers.

    Raises
    ------
    InputError
        For bad cells, technology of other industries, and more components than industries trade.
        A method that cannot be applied to a sound table is skipped, with its reason.

    References
    ----------
    Kozlova & Denisova (2014) set the three approaches side by side for East Kazakhstan.

    Examples
    --------
    >>> Z = [[10, 60, 5, 1], [50, 10, 2, 2], [3, 1, 5, 70], [1, 4, 60, 5]]
    >>> found = identify_clusters(IOSystem.from_flows(Z, [100, 100, 110, 110], list("abcd")))
    >>> found.table()["Czamanski–Ablas"].tolist()
    [1, 1, 2, 2]
    >>> found.skipped
    {'Ward and discriminant': 'no indicators of competitiveness were given'}
    """
    settings = settings or IdentificationSettings()
    Z = system.flows if technology is None else np.asarray(technology, dtype=np.float64)
    if Z.shape != system.flows.shape:
        n = len(system.labels)
        raise _refused(
            "technology",
            "bad-shape",
            " × ".join(map(str, Z.shape)),
            f"the flows of technology must be {n} × {n}, as the table is",
            "Give one row and one column for each industry of the table, in its order.",
        )
    skipped: dict[str, str] = {}
    similarity = feser_bergman(Z, own_flows=settings.own_flows)
    links = czamanski_ablas(Z, own_flows=settings.own_flows)
    coefficients = input_coefficients(system.flows, system.output)
    found = [
        direct_link_clusters(coefficients, settings.direct_threshold),
        direct_link_clusters(links.strength, settings.link_threshold, method="Czamanski–Ablas"),
    ]
    members: dict[str, LoadingMembers] = {}
    components: dict[str, Components] = {}
    trading = (Z.std(axis=0) > 0) & (Z.sum(axis=1) > 0)
    count, most = settings.component_count, int(trading.sum())
    if count is not None and most >= 3 and not 1 <= count <= most:
        raise _refused(
            "settings",
            "out-of-range",
            str(count),
            f"{count} components were asked for, but {most} industries trade",
            f"Ask for 1 to {most} components, or leave their number to the eigenvalues.",
        )
    names = [label for label, trades in zip(system.labels, trading.tolist(), strict=True) if trades]
    for name in ("Feser–Bergman", "principal components"):
        if trading.sum() < 3:
            skipped[name] = "fewer than three industries trade"
            continue
        part = np.ix_(trading, trading)
        try:
            matrix = (
                similarity.matrix[part]
                if name == "Feser–Bergman"
                else correlation_of_columns(Z[:, trading], names=names)
            )
            components[name] = principal_components(matrix, count=count)
        except (KlasterError, ValueError) as error:
            skipped[name] = _reason(error)
            continue
        members[name] = _members(name, components[name].loadings, trading, system, settings)
        found.append(members[name].clusters)
    scan, reason = _scan(system, settings)
    if scan is None:
        skipped["minimal flow analysis"] = reason
    else:
        found.append(scan.best.clusters())
    drivers = None
    if indicators is None:
        skipped["Ward and discriminant"] = "no indicators of competitiveness were given"
    else:
        drivers = driver_industries(indicators, settings.driver_groups)
        description = f"z-scores, Ward, {settings.driver_groups} groups, 1 = drivers"
        found.append(IndustryClusters("Ward and discriminant", drivers.group, description))
    found += others
    return Identification(
        system.labels,
        {one.method: one for one in found},
        skipped,
        members,
        similarity,
        components,
        scan,
        drivers,
        agreement(found),
        {one.method: cluster_scores(similarity.maximum, one.labels) for one in found},
    )


def _refused(what: str, code: str, value: str, problem: str, remedy: str) -> InputError:
    return InputError(
        [Fault(file=what, code=code, value=value, problem=problem, remedy=remedy)], what
    )


def _reason(error: Exception) -> str:
    """Return why a method could not be applied, in one line."""
    if isinstance(error, InputError):
        return "; ".join(fault.problem for fault in error.faults)
    return str(error)


def _members(
    name: str,
    loadings: FloatArray,
    trading: npt.NDArray[np.bool_],
    system: IOSystem,
    settings: IdentificationSettings,
) -> LoadingMembers:
    """Read members off the loadings of the trading industries, the others in no cluster."""
    names = [label for label, trades in zip(system.labels, trading.tolist(), strict=True) if trades]
    read = loading_members(
        loadings,
        primary=settings.primary,
        secondary=settings.secondary,
        names=names,
        method=name,
    )
    component, labels = (
        _placed(values, trading) for values in (read.component, read.clusters.labels)
    )
    clusters = IndustryClusters(name, labels, read.clusters.description)
    return LoadingMembers(component, read.table, clusters)


def _placed(values: IntArray, where: npt.NDArray[np.bool_]) -> IntArray:
    full = np.zeros(len(where), dtype=np.int64)
    full[where] = values
    return full


def _scan(system: IOSystem, settings: IdentificationSettings) -> tuple[FilterScan | None, str]:
    demand = system.final_demand
    # Rounding of balanced tables leaves specks below zero; real negatives are not hidden.
    speck = 1e-9 * float(system.output.max())
    if (demand < -speck).any():
        worst = int(np.argmin(demand))
        return None, (
            f"final demand implied by the rows is negative ({demand[worst]:g} for "
            f"{system.labels[worst]}): layers of production need it at 0 or more"
        )
    A = input_coefficients(system.flows, system.output)
    return scan_filters(A, np.maximum(demand, 0.0), steps=settings.filter_steps), ""
