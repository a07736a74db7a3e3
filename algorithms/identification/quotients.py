"""Regions against the nation: quotients with intervals, specialisation, concentration, change.

Tables here are region × industry: ``e[r, i]`` is employment (or output, value added) of industry
i in region r. A ratio whose denominator is zero is NaN, never zero: absence is not a quotient.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from klaster.algorithms.io.checks import as_floats, checked_matrix, checked_vector
from klaster.graph.model import FloatArray


def _quotient(numerator: FloatArray, denominator: FloatArray) -> FloatArray:
    shape = np.broadcast_shapes(numerator.shape, denominator.shape)
    filled: FloatArray = np.full(shape, np.nan)
    np.divide(numerator, denominator, out=filled, where=denominator != 0)
    return filled


def location_quotients(
    regional: npt.ArrayLike, national: npt.ArrayLike | None = None
) -> FloatArray:
    """Return LQ: share of an industry in a region over its share in the nation.

    ``LQ_ri = (e_ri / e_r) / (e_i / e)``; above 1 the region is specialised. With the nation as
    the sum of the regions, ``Σ_r (e_r / e) LQ_ri = 1``.

    Parameters
    ----------
    regional
        e, regions × industries, non-negative.
    national
        e_i of the nation; the sum of the regions by default. Give it where regions are missing.

    Returns
    -------
    numpy.ndarray
        Regions × industries; NaN where the nation has none of the industry or the region is
        empty.

    Raises
    ------
    InputError
        For missing or negative cells.

    References
    ----------
    Torój, A. (2024). Central European Journal of Economic Modelling and Econometrics 16,
    285–322 (the example).

    Examples
    --------
    >>> location_quotients([[70, 20, 10], [30, 30, 70]]).round(4).tolist()
    [[1.61, 0.92, 0.2875], [0.5308, 1.0615, 1.5481]]
    """
    e = checked_matrix("regional amounts", regional, square=False)
    nation = e.sum(axis=0) if national is None else checked_vector("national", national, e.shape[1])
    share = _quotient(e, e.sum(axis=1, keepdims=True))
    return _quotient(share, _quotient(nation, nation.sum(keepdims=True)))


@dataclass(frozen=True)
class QuotientInterval:
    """A location quotient with what chance alone could make of it.

    Attributes
    ----------
    quotient
        LQ.
    low, high
        Exact (Clopper–Pearson) interval of the regional share over the national share.
    p_value
        Exact binomial test against LQ ≤ 1: the probability of as many or more by chance in a
        region that is not specialised.
    """

    quotient: float
    low: float
    high: float
    p_value: float


def quotient_interval(
    in_industry: int, in_region: int, national_share: float, *, level: float = 0.95
) -> QuotientInterval:
    """Return the location quotient of counts with its exact interval.

    Treats the region's workers (firms) as draws that fall into the industry with the national
    share; the national share is taken as known. For counts, not for money.

    Parameters
    ----------
    in_industry, in_region
        Counts of the region: of the industry and in all.
    national_share
        Share of the industry in the nation, above 0, at most 1.
    level
        Level of the interval.

    Raises
    ------
    ValueError
        For counts or shares out of range.

    Examples
    --------
    >>> found = quotient_interval(70, 100, 100 / 230)
    >>> round(found.quotient, 2), round(found.low, 5), round(found.high, 5)
    (1.61, 1.38043, 1.81147)
    """
    from scipy.stats import binomtest

    if not (0 <= in_industry <= in_region and in_region > 0):
        raise ValueError(
            f"{in_industry} of {in_region}: give counts, the industry's not above the region's"
        )
    if not 0 < national_share <= 1:
        raise ValueError(f"the national share is {national_share!r}: give more than 0, at most 1")
    test = binomtest(in_industry, in_region, national_share, alternative="greater")
    interval = binomtest(in_industry, in_region).proportion_ci(level, method="exact")
    return QuotientInterval(
        in_industry / in_region / national_share,
        float(interval.low) / national_share,
        float(interval.high) / national_share,
        float(test.pvalue),
    )


def ellison_glaeser(
    plants: npt.ArrayLike, plant_regions: npt.ArrayLike, region_sizes: npt.ArrayLike
) -> float:
    """Return Ellison & Glaeser's γ: concentration of an industry beyond that of its plants.

    ``γ = (G − (1 − Σ s_r²) H) / ((1 − Σ s_r²)(1 − H))`` with ``G = Σ (share of the industry in r −
    s_r)²``, s the shares of all regions in total employment, H the Herfindahl index of plants.
    0 means as if plants had chosen their places at random.

    Parameters
    ----------
    plants
        Employment of each plant of the industry.
    plant_regions
        Region of each plant, 0 … R − 1.
    region_sizes
        Total employment of each region, R.

    Raises
    ------
    ValueError
        For a single plant (H = 1) or a single region, where γ is not defined.

    References
    ----------
    Ellison, G., Glaeser, E. L. (1997). Geographic concentration in U.S. manufacturing
    industries: a dartboard approach. Journal of Political Economy 105(5), 889–927.
    doi:10.1086/262098

    Examples
    --------
    >>> plants = [200, 650, 12000, 100, 50, 16000, 13000, 1500, 1500, 25000]
    >>> round(ellison_glaeser(plants, [0] * 5 + [1] * 4 + [2], [500000, 400000, 100000]), 6)
    0.059906
    """
    sizes = as_floats(region_sizes)
    employment = checked_vector("plants", plants, len(as_floats(plants)))
    at = np.asarray(plant_regions, dtype=np.int64)
    share = np.bincount(at, weights=employment, minlength=len(sizes)) / employment.sum()
    s = sizes / sizes.sum()
    spread = 1.0 - float((s**2).sum())
    herfindahl = float(((employment / employment.sum()) ** 2).sum())
    if spread <= 0 or herfindahl >= 1:
        raise ValueError("γ needs at least two plants and two regions with employment")
    G = float(((share - s) ** 2).sum())
    return (G - spread * herfindahl) / (spread * (1.0 - herfindahl))


def cluster_index(
    industry_in_region: float,
    industry: float,
    area_in_region: float,
    area: float,
    people_in_region: float,
    people: float,
    plants_in_region: float,
    plants: float,
) -> float:
    """Return the cluster index of Litzenberger & Sternberg.

    ``(e_ij/a_j ÷ e_i/a) · (e_ij/p_j ÷ e_i/p) ÷ (e_ij/b_ij ÷ e_i/b_i)``: density of the industry
    in area, times its density among people, over relative plant size, so that one big plant is
    no cluster. 1 is the national average.

    Parameters
    ----------
    industry_in_region, industry
        Employment of the industry, region and nation.
    area_in_region, area
        Areas.
    people_in_region, people
        Populations.
    plants_in_region, plants
        Plants of the industry.

    Raises
    ------
    ValueError
        For a number that is zero or less, or missing; an industry without employment in the region
        may have 0 plants there, and the index 0.

    Examples
    --------
    >>> round(cluster_index(1743, 5740, 50, 576, 488, 4621, 35, 53), 6)
    21.874911
    """
    if industry_in_region == 0 and plants_in_region == 0:
        plants_in_region = 1.0
    positive = {
        "industry": industry,
        "area_in_region": area_in_region,
        "area": area,
        "people_in_region": people_in_region,
        "people": people,
        "plants_in_region": plants_in_region,
        "plants": plants,
    }
    for name, value in positive.items():
        if not value > 0:
            raise ValueError(f"{name} is {value!r}: give a number above zero")
    if not industry_in_region >= 0:
        raise ValueError(f"industry_in_region is {industry_in_region!r}: give zero or more")
    if industry_in_region == 0:
        return 0.0
    in_area = (industry_in_region / area_in_region) / (industry / area)
    among_people = (industry_in_region / people_in_region) / (industry / people)
    plant_size = (industry_in_region / plants_in_region) / (industry / plants)
    return in_area * among_people / plant_size


def krugman_specialisation(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Return Σ |s_i − t_i|: 0 for the same mix of industries, 2 for none in common.

    Parameters
    ----------
    first, second
        Employment by industry of two regions (or of a region and the nation).

    References
    ----------
    Krugman, P. (1991). Geography and Trade. MIT Press.

    Examples
    --------
    >>> krugman_specialisation([20, 10, 70, 0, 0], [0, 0, 0, 60, 40])
    2.0
    """
    a, b = as_floats(first), as_floats(second)
    return float(np.abs(a / a.sum() - b / b.sum()).sum())


def gini_specialisation(region: npt.ArrayLike, nation: npt.ArrayLike) -> float:
    """Return the Gini coefficient of a region's location quotients.

    ``G = 2 / (n² R̄) Σ_i rank_i (R_i − R̄)`` with ``R_i`` the quotients in rising order: 0 where the
    region is the nation in small.

    Parameters
    ----------
    region, nation
        Employment by industry.

    Examples
    --------
    >>> nation = [30000, 15000, 10000, 60000, 50000]
    >>> round(gini_specialisation([700, 600, 500, 10000, 40000], nation), 7)
    0.6222222
    """
    quotients = np.sort(location_quotients([as_floats(region)], nation)[0])
    n, mean = len(quotients), quotients.mean()
    return float(2.0 / (n**2 * mean) * (np.arange(1, n + 1) @ (quotients - mean)))


@dataclass(frozen=True, eq=False)
class ShiftShare:
    """Change of employment of each region × industry in three parts that add up.

    Attributes
    ----------
    national
        ``e g``: as if everything grew like the nation.
    mix
        ``e (g_i − g)``: because the region has industries that grow faster or slower.
    competitive
        ``e (g_ri − g_i)``: because its industries grow faster or slower than elsewhere.
    """

    national: FloatArray
    mix: FloatArray
    competitive: FloatArray


def shift_share(
    before: npt.ArrayLike,
    after: npt.ArrayLike,
    national_before: npt.ArrayLike | None = None,
    national_after: npt.ArrayLike | None = None,
) -> ShiftShare:
    """Split the change of each region × industry by Dunn's shift-share.

    Parameters
    ----------
    before, after
        Regions × industries, non-negative.
    national_before, national_after
        Nation by industry; the sum of the regions by default.

    Raises
    ------
    InputError
        For missing or negative cells.
    ValueError
        Where the two tables differ in shape.

    References
    ----------
    Dunn, E. S. (1960). A statistical and analytical technique for regional analysis. Papers in
    Regional Science 6(1), 97–112. doi:10.1111/j.1435-5597.1960.tb01705.x

    Examples
    --------
    >>> nation = [400, 150, 150, 400], [440, 210, 135, 480]
    >>> found = shift_share([[90, 20, 10, 60]], [[100, 40, 10, 55]], *nation)
    >>> [round(float(part.sum()), 6) for part in (found.national, found.mix, found.competitive)]
    [27.0, 1.0, -3.0]
    """
    e0 = checked_matrix("amounts before", before, square=False)
    e1 = checked_matrix("amounts after", after, square=False)
    if e0.shape != e1.shape:
        raise ValueError(f"the two tables have shapes {e0.shape} and {e1.shape}: give the same")
    n0 = e0.sum(axis=0) if national_before is None else as_floats(national_before)
    n1 = e1.sum(axis=0) if national_after is None else as_floats(national_after)
    growth = n1.sum() / n0.sum() - 1.0
    # An industry the nation did not have grew by no rate: its change is all competitive.
    industry_growth = np.divide(n1 - n0, n0, out=np.full_like(n0, growth), where=n0 != 0)
    national, mix = e0 * growth, e0 * (industry_growth - growth)
    return ShiftShare(national, mix, e1 - e0 - national - mix)


def coagglomeration(shares: npt.ArrayLike, region_shares: npt.ArrayLike) -> FloatArray:
    """Return how much pairs of industries sit in the same regions, beyond the size of regions.

    ``COI_ij = Σ_r (s_ir − x_r)(s_jr − x_r) / (1 − Σ_r x_r²)``; the diagonal is each industry with
    itself. Above 0: together; below: apart.

    Parameters
    ----------
    shares
        s, industries × regions: the shares of each industry over regions (rows add up to 1).
    region_shares
        x, shares of the regions in the whole.

    References
    ----------
    Ellison, G., Glaeser, E. L., Kerr, W. R. (2010). What causes industry agglomeration?
    American Economic Review 100(3), 1195–1213. doi:10.1257/aer.100.3.1195

    Examples
    --------
    >>> s = [[.6, .3, .1], [.5, .4, .1], [.1, .2, .7]]
    >>> coagglomeration(s, [.4, .3, .3]).round(4)[0].tolist()
    [0.1212, 0.0909, -0.2121]
    """
    s = checked_matrix("shares", shares, square=False)
    x = checked_vector("region shares", region_shares, s.shape[1])
    excess = s - x
    return np.asarray(excess @ excess.T / (1.0 - (x**2).sum()))


def location_correlation(regional: npt.ArrayLike) -> FloatArray:
    """Return LC: correlation over regions of the employment of pairs of industries.

    Parameters
    ----------
    regional
        Regions × industries; NaN in the result for an industry that is the same everywhere.

    References
    ----------
    Delgado, M., Porter, M. E., Stern, S. (2016). Defining clusters of related industries.
    Journal of Economic Geography 16(1), 1–38. doi:10.1093/jeg/lbv017

    Examples
    --------
    >>> location_correlation([[1, 2, 9], [2, 4, 5], [3, 6, 1]]).round(6).tolist()
    [[1.0, 1.0, -1.0], [1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]]
    """
    e = checked_matrix("regional amounts", regional, square=False)
    centred = e - e.mean(axis=0)
    length = np.sqrt((centred**2).sum(axis=0))
    scaled = _quotient(centred, np.where(length > 1e-12 * np.abs(e).max(), length, 0.0))
    return np.clip(scaled.T @ scaled, -1.0, 1.0)


def relatedness(presence: npt.ArrayLike) -> FloatArray:
    """Return φ: how often two industries are found in the same regions.

    ``φ_ij = co_ij / max(u_i, u_j)``, the smaller of the two conditional probabilities; diagonal 0;
    0 for industries found nowhere.

    Parameters
    ----------
    presence
        Regions × industries, 1 where the region is specialised in the industry (LQ ≥ 1), else 0.

    Raises
    ------
    ValueError
        For other numbers than 0 and 1.

    References
    ----------
    Hidalgo, C. A., Klinger, B., Barabási, A.-L., Hausmann, R. (2007). The product space
    conditions the development of nations. Science 317, 482–487. doi:10.1126/science.1144581

    Examples
    --------
    >>> relatedness([[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]).round(4).tolist()
    [[0.0, 0.6667, 0.3333], [0.6667, 0.0, 0.6667], [0.3333, 0.6667, 0.0]]
    """
    M = checked_matrix("presence", presence, square=False)
    if not np.isin(M, (0.0, 1.0)).all():
        raise ValueError("presence must be 0 or 1: compare the location quotients with 1 first")
    together = M.T @ M
    times = np.diagonal(together)
    most = np.maximum(times[:, None], times[None, :])
    phi = np.divide(together, most, out=np.zeros_like(together), where=most > 0)
    np.fill_diagonal(phi, 0.0)
    return phi


def relatedness_density(presence: npt.ArrayLike, phi: npt.ArrayLike) -> FloatArray:
    """Return the share of an industry's relatedness that a region already has, M φ / Σ φ.

    An industry's own presence plays no part (the diagonal of φ is 0). NaN for industries
    related to none.

    Parameters
    ----------
    presence
        Regions × industries, 0 or 1.
    phi
        Industries × industries (:func:`relatedness`).

    Examples
    --------
    >>> M = [[1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]
    >>> relatedness_density(M, relatedness(M)).round(4)[3].tolist()
    [0.3333, 0.5, 0.0]
    """
    M = checked_matrix("presence", presence, square=False)
    P = checked_matrix("relatedness", phi)
    return _quotient(M @ P, P.sum(axis=0))
