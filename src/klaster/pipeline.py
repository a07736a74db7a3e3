"""The main job: from a graph, a table, a case or its folder to an analysis."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import networkx as nx

from klaster.algorithms.analysis.agreement import FIRM_LAYERS, compare_ways
from klaster.algorithms.analysis.cluster_cores import SMALLEST_CLUSTER, judge_clusters
from klaster.algorithms.analysis.communities import (
    CommunityResult,
    find_communities,
    find_multiplex_communities,
)
from klaster.algorithms.analysis.expert_rules import idle_rules, rules_of, with_rules
from klaster.algorithms.analysis.numbering import carried_numbers
from klaster.algorithms.analysis.resolution import with_scales
from klaster.algorithms.analysis.robustness import with_kept_shares
from klaster.algorithms.community.constraints import Rule, check_rules
from klaster.algorithms.community.search import search_of
from klaster.algorithms.trust.significance import null_test_of
from klaster.graph.case import Case
from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import Fault, InputError, UnknownNameError, fault_lines
from klaster.graph.findings import ExpertFinding, Findings
from klaster.graph.io_table import IOTable
from klaster.graph.layers import FIRMS, HELIX
from klaster.graph.model import ClusterGraph, Layer
from klaster.graph.quality_report import QualityReport
from klaster.graph.settings import OBJECTIVES, AnalysisSettings, Progress, rule_obstacles
from klaster.loaders.case.case_folder import load_case
from klaster.loaders.table_source import TableSource
from klaster.results.analysis_object import Analysis
from klaster.results.earlier_run import read_earlier_run
from klaster.results.run_graph import with_results
from klaster.tie_reading import read_ties

METHODS: Mapping[str, str] = MappingProxyType(
    {
        "constant-potts": "leiden-cpm",
        "infomap": "map-equation",
        "louvain": "louvain-networkx",
        **dict(zip(OBJECTIVES, OBJECTIVES, strict=True)),
    }
)
"""The engine that each name of a method means: engines by their own names, and common names."""

_ACCEPTED = (
    "a klaster.ClusterGraph, Case or IOTable, or a networkx graph. Ties in a table or file are read "
    "with klaster.read_ties, a square DataFrame of flows with klaster.IOTable.from_frame, a folder "
    "with a case.toml with klaster.analyze"
)


def find_clusters(
    graph: ClusterGraph | Case | IOTable | TableSource | nx.Graph[str],
    *,
    method: str | None = None,
    resolution: float | None = None,
    seed: int | None = None,
    status: Sequence[str] | str | None = None,
    settings: AnalysisSettings | None = None,
    earlier: Path | str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Analysis:
    """Find clusters and their cores: how sure, and why.

    Every layer of ties is divided into communities, and all layers together (``joint``; where only
    one layer of actors has ties it is looked at once, as ``joint``); each division is
    compared with random networks of the same degrees, each membership with repeated runs and
    with draws of the evidence. Members are ranked by several indicators of their position.

    Parameters
    ----------
    graph
        What to look at: a graph, a case, a table or what :func:`klaster.read_iotable` gives. An
        undirected graph of NetworkX holds cooperation, a directed one supply.
        Amounts are read but not used: each tie counts 1. The flows of an input–output table count
        with their amounts; a square DataFrame of them becomes a table by
        :meth:`IOTable.from_frame <klaster.graph.io_table.IOTable.from_frame>`.
    method
        Engine of community detection (:data:`klaster.graph.settings.OBJECTIVES`), or a common
        name: ``louvain``, ``infomap``, ``constant-potts``. By default ``leiden``.
    resolution
        Below 1 fewer and larger communities are preferred, above 1 more and smaller ones.
    seed, status
        Seed of everything random, a whole number from 0 to 4,294,967,295, and the status of the
        ties that take part: one, or several as ``("current", "as_published", "planned")``.
    settings
        All settings, instead of those of the case. What is named above goes before them.
    earlier
        Folder of the results of an earlier run: clusters that continue one of its clusters keep
        the number it had.
    workers
        Number of processes; any number gives the same results. With more than one, a script
        needs ``if __name__ == "__main__":`` (processes are spawned).
    progress
        Called as ``progress(what, done, total)``.

    Returns
    -------
    Analysis
        The same for the same inputs, settings and seed, whatever the order of rows. "No
        significant clusters" is an answer.

    Raises
    ------
    InputError
        For settings outside their range (:class:`klaster.graph.settings.AnalysisSettings`), for
        rules of experts that contradict each other or do not go with the settings, and for an
        ``earlier`` folder without results of this case.
    UnknownNameError
        For a method or a status there is not.
    TypeError
        For anything else than the above as ``graph``.
    ValueError
        For fewer than one worker.

    Examples
    --------
    >>> import networkx as nx
    >>> found = find_clusters(nx.barbell_graph(6, 0), seed=1)
    >>> found.clusters[["cluster_id", "members"]].to_dict("list")
    {'cluster_id': ['joint-1', 'joint-2'], 'members': [6, 6]}
    >>> find_clusters(nx.barbell_graph(6, 0), method="louvian")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    klaster.graph.errors.UnknownNameError: no method 'louvian'; did you mean 'louvain'? There ...
    """
    case = as_case(graph)
    if workers < 1:
        raise ValueError(f"workers is {workers}: give 1 or more processes")
    settings = settings or case.settings
    if method is not None:
        if method not in METHODS:
            raise UnknownNameError("method", method, METHODS)
        settings = replace(settings, engine=METHODS[method])
    if resolution is not None:
        settings = replace(settings, resolution=resolution)
    if seed is not None:
        settings = replace(settings, seed=seed)
    if status is not None:
        settings = replace(settings, status=_known_status(status))
    return _run(case, settings, earlier, workers, progress or (lambda what, done, total: None))


def analyze(
    case: Path | str | Case | ClusterGraph | IOTable | TableSource | nx.Graph[str],
    *,
    strict: bool = False,
    set_aside: bool = False,
    method: str | None = None,
    resolution: float | None = None,
    seed: int | None = None,
    status: Sequence[str] | str | None = None,
    settings: AnalysisSettings | None = None,
    earlier: Path | str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Analysis:
    """Find the clusters of a case folder and their cores; see :func:`find_clusters`.

    Parameters
    ----------
    case
        Folder with a ``case.toml``; or anything that :func:`find_clusters` takes.
    strict, set_aside
        As for :func:`klaster.load_case`; used where a folder is given.
    method, resolution, seed, status, settings, earlier, workers, progress
        As for :func:`find_clusters`.

    Raises
    ------
    InputError
        With all faults of the inputs; else as :func:`find_clusters`.

    Examples
    --------
    >>> import klaster
    >>> analysis = klaster.analyze(klaster.case_path("kazakhstan"))  # doctest: +SKIP
    >>> analysis.cluster("declared-karaganda").cores[0].node_id  # doctest: +SKIP
    'qarmet'
    >>> klaster.analyze("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    klaster.graph.errors.InputError: the case in nowhere has 1 fault:
      case.toml: there is no case.toml in nowhere. Name the folder of a case, or make one ...
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "load"):
        if isinstance(case, (str, Path)):
            case = load_case(Path(case), strict=strict, set_aside=set_aside, progress=progress)
        case = as_case(case)
    analysis = find_clusters(
        case,
        method=method,
        resolution=resolution,
        seed=seed,
        status=status,
        settings=settings,
        earlier=earlier,
        workers=workers,
        progress=progress,
    )
    return replace(analysis, seconds={**seconds, **analysis.seconds})


def _known_status(given: Sequence[str] | str) -> tuple[str, ...]:
    terms = (given,) if isinstance(given, str) else tuple(given)
    known = load_dictionary().terms("status")
    for term in terms:
        if term not in known:
            raise UnknownNameError("status", str(term), known)
    return terms


def as_case(graph: object) -> Case:
    """Return what is to be analysed as a case; a graph or a table becomes one with defaults."""
    if isinstance(graph, Case):
        return graph
    if isinstance(graph, TableSource):
        notes = (*graph.notes, *fault_lines(graph.warnings))
        return replace(as_case(graph.table), titles=graph.titles, notes=notes)
    if isinstance(graph, nx.Graph):
        kinds = {data.get("kind") for _, data in graph.nodes(data=True)}
        of_klaster = kinds and kinds <= {*load_dictionary().node_kinds()}
        graph = ClusterGraph.from_networkx(graph) if of_klaster else read_ties(graph)
    if isinstance(graph, ClusterGraph):
        return Case(graph, notes=graph.notes, report=QualityReport(notes=graph.notes))
    if isinstance(graph, IOTable):
        return Case(
            graph.to_graph(), graph.name, year=graph.year, currency=graph.currency, table=graph
        )
    kind = type(graph).__name__
    raise TypeError(f"clusters cannot be looked for in a {kind} ({graph!r:.60}): give {_ACCEPTED}")


def _run(
    case: Case,
    settings: AnalysisSettings,
    earlier: Path | str | None,
    workers: int,
    told: Progress,
) -> Analysis:
    """Take the steps of the main job, one after the other."""
    seconds: dict[str, float] = {}
    before = None if earlier is None else read_earlier_run(Path(earlier), case.name)
    active = case.graph.select(status=settings.status)
    rules = rules_of(case.experts)
    if rules:
        _check_rules_fit(settings)
    check_rules(active.select(kinds=["Actor"]).node_ids, rules)
    with _timed(seconds, "communities"):
        layers = _layers(active, settings, free=bool(rules))
        found = _communities(layers, active, settings, workers, told)
        found, experts = _with_experts(found, layers, rules, settings)
    numbers, continuity = carried_numbers(found, before, SMALLEST_CLUSTER)
    with _timed(seconds, "cores"):
        judged = [result for result in found if result.finding.layer not in (FIRMS, HELIX)]
        clusters = judge_clusters(
            case.graph,
            active,
            judged,
            settings,
            numbers,
            networks=case.networks,
            statements=case.experts,
            workers=workers,
            progress=told,
        )
    with _timed(seconds, "robustness"):
        clusters = with_kept_shares(clusters, judged, active, settings, told)
    with _timed(seconds, "scales"):
        clusters, scales = with_scales(clusters, judged, layers, search_of(settings), told)
    findings = Findings(
        layers=tuple(result.finding for result in found),
        clusters=clusters,
        agreement=compare_ways(
            case.graph, found, numbers, table=case.table, indicators=case.indicators
        ),
        experts=experts,
        continuity=continuity,
        scales=scales,
    )
    with _timed(seconds, "graph"):
        graph = with_results(case, settings, findings, before)
    return Analysis(case, settings, findings, graph, seconds, before)


@contextmanager
def _timed(seconds: dict[str, float], name: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[name] = round(time.perf_counter() - start, 3)


def _layers(active: ClusterGraph, settings: AnalysisSettings, *, free: bool) -> list[Layer]:
    """Return all layers to partition: the joint one, each actor layer, firms, helix, flows.

    The only actor layer is the joint one, and is not partitioned twice, unless something else is
    sought for it: without rules of experts (``free``), or of the multiplex modularity.
    """
    dictionary = load_dictionary()
    weights = {name: settings.layers.get(name, 1.0) for name in dictionary.actor_layers()}
    present = [name for name in weights if name in active.layers]
    layers = []
    if present:
        layers.append(active.joint({name: weights[name] for name in present}))
        if len(present) > 1 or free or settings.joint == "multiplex" or not weights[present[0]]:
            layers += [active.layer(name) for name in present]
        firms = [name for name in present if name in FIRM_LAYERS]
        for name, part in ((FIRMS, firms), (HELIX, [n for n in present if n not in firms])):
            if len(part) > 1:
                layers.append(active.joint({n: weights[n] for n in part}, name=name))
    if "flows" in active.layers:
        layers.append(active.layer("flows", weight="value"))
    return layers


def _check_rules_fit(settings: AnalysisSettings) -> None:
    """Say where rules of experts do not go with the settings, as changed by the caller."""
    faults = [
        Fault(file="settings", column=key, code=code, value=value, problem=problem, remedy=remedy)
        for key, (code, value, problem, remedy) in rule_obstacles(settings).items()
    ]
    if faults:
        raise InputError(faults, "the settings of the run")


def _with_experts(
    found: list[CommunityResult],
    layers: Sequence[Layer],
    rules: Sequence[Rule],
    settings: AnalysisSettings,
) -> tuple[list[CommunityResult], ExpertFinding | None]:
    """Hold the clusters of all layers together to the rules of experts."""
    if not rules:
        return found, None
    if not found or found[0].finding.layer != "joint":
        return found, idle_rules(rules)
    joint, expert = with_rules(found[0], layers[0], rules, search_of(settings))
    return [joint, *found[1:]], expert


def _communities(
    layers: Sequence[Layer],
    active: ClusterGraph,
    settings: AnalysisSettings,
    workers: int,
    told: Progress,
) -> list[CommunityResult]:
    results = []
    for done, layer in enumerate(layers):
        told(f"communities: {layer.name}", done, len(layers))
        if layer.name == "joint" and settings.joint == "multiplex":
            results.append(_multiplex(active, settings, workers))
            continue
        results.append(
            find_communities(layer, search_of(settings, workers=workers), null_test_of(settings))
        )
    told("communities", len(layers), len(layers))
    return results


def _multiplex(active: ClusterGraph, settings: AnalysisSettings, workers: int) -> CommunityResult:
    """Find the communities that hold in all layers of actors, each with its own expectation."""
    weights = {name: weight for name, weight in settings.layers.items() if name in active.layers}
    return find_multiplex_communities(
        [active.layer(name) for name in weights],
        search_of(settings, workers=workers),
        null_test_of(settings),
        weights=weights,
    )
