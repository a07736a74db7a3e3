"""How a partition is searched for, in one bundle."""

from __future__ import annotations

from dataclasses import dataclass

from klaster.algorithms.square_matrix import SelfLoops
from klaster.graph.settings import AnalysisSettings


@dataclass(frozen=True, slots=True)
class Search:
    """How a partition is searched for: what every search takes, said once.

    Attributes
    ----------
    engine
        ``leiden`` or another name in :data:`~klaster.algorithms.community.engines.ENGINES`; see
        :func:`~klaster.algorithms.community.detect.plan_search` for what it means on a network.
    resolution
        Weight of the expectation in the modularity; above 1 for smaller communities.
    seed
        Of everything random, 0 or more. Each run or draw has a seed of its own, derived from this:
        run 7 is the same however many there are, and in whatever order they are made.
    runs
        Runs of the engine, at least 1; the best counts.
    self_loops
        ``drop`` or ``keep`` ties of a node to itself: on tables with a heavy diagonal they decide the
        answer.
    workers
        Number of processes; any number gives the same result. With more than one, a script needs
        ``if __name__ == "__main__":`` (processes are spawned).
    seconds
        Time box, none by default: nothing is begun after so many seconds. What there is then is the
        beginning of what there would be without it; the result says how much.

    Raises
    ------
    ValueError
        For fewer than one run.

    Examples
    --------
    >>> Search(engine="louvain-python", runs=5).resolution
    1.0
    """

    engine: str = "leiden"
    resolution: float = 1.0
    seed: int = 1
    runs: int = 20
    self_loops: SelfLoops = "drop"
    workers: int = 1
    seconds: float | None = None

    def __post_init__(self) -> None:
        if self.runs < 1:
            raise ValueError(f"runs is {self.runs}; at least 1 is needed")


USUAL = Search()
"""What is searched with where nothing else is said."""


def search_of(settings: AnalysisSettings, *, workers: int = 1) -> Search:
    """Return the search that the settings of an analysis ask for.

    Examples
    --------
    >>> search_of(AnalysisSettings(seed=7, ensemble=50)).runs
    50
    """
    return Search(
        engine=settings.engine,
        resolution=settings.resolution,
        seed=settings.seed,
        runs=settings.ensemble,
        self_loops=settings.self_ties,
        workers=workers,
    )
