"""The main job: from a case folder to findings, and from findings to files."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from klaster.algorithms.analysis.agreement import FIRM_LAYERS, FIRMS, HELIX, compare_ways
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
from klaster.graph.errors import Fault, InputError
from klaster.graph.findings import ExpertFinding, Findings
from klaster.graph.model import ClusterGraph, Layer
from klaster.graph.settings import AnalysisSettings, Progress, rule_obstacles
from klaster.loaders.case.case_folder import load_case
from klaster.results.analysis import Analysis
from klaster.results.earlier_run import read_earlier_run
from klaster.results.run_graph import with_results


def analyze(
    case: Case | Path | str,
    *,
    seed: int | None = None,
    engine: str | None = None,
    status: tuple[str, ...] | None = None,
    strict: bool = False,
    set_aside: bool = False,
    earlier: Path | str | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> Analysis:
    """Find the clusters of a case and their cores.

    Parameters
    ----------
    case
        A loaded case, or its folder.
    seed, engine, status
        Instead of the case's own settings. ``status`` names the ties that take part, as
        ``("current", "as_published", "planned")``.
    strict, set_aside
        As for :func:`klaster.loaders.case.case_folder.load_case`; used where a folder is given.
    earlier
        Folder of the results of an earlier run: clusters that continue one of its clusters keep
        the number it had.
    workers
        Number of processes that look for communities and judge clusters; any number gives the same
        results. With more than one, a script needs ``if __name__ == "__main__":`` (processes are
        spawned).
    progress
        Called as ``progress(what, done, total)``.

    Returns
    -------
    Analysis
        The same for the same inputs, settings and seed, whatever the order of rows.

    Raises
    ------
    InputError
        With all faults of the inputs; also for rules of experts that contradict each other or do
        not go with the settings, and for an ``earlier`` folder without results of this case.
    ValueError
        For fewer than one worker.

    Examples
    --------
    >>> import klaster
    >>> analysis = klaster.analyze(klaster.case_path("kazakhstan"))  # doctest: +SKIP
    >>> analysis.cluster("declared-karaganda").cores[0].node_id  # doctest: +SKIP
    'qarmet'
    """
    seconds: dict[str, float] = {}
    told = progress or (lambda what, done, total: None)
    if workers < 1:
        raise ValueError(f"workers is {workers}: give 1 or more processes")
    if not isinstance(case, Case):
        with _timed(seconds, "load"):
            case = load_case(Path(case), strict=strict, set_aside=set_aside, progress=told)
    settings = case.settings
    settings = replace(
        settings,
        seed=settings.seed if seed is None else seed,
        engine=settings.engine if engine is None else engine,
        status=settings.status if status is None else status,
    )
    before = None if earlier is None else read_earlier_run(Path(earlier), case.name)
    active = case.graph.select(status=settings.status)
    rules = rules_of(case.experts)
    if rules:
        _check_rules_fit(settings)
    check_rules(active.select(kinds=["Actor"]).node_ids, rules)
    with _timed(seconds, "communities"):
        layers = _layers(active, settings)
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
    with _timed(seconds, "doubt"):
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


def _layers(active: ClusterGraph, settings: AnalysisSettings) -> list[Layer]:
    """Return all layers to partition: the joint one, each actor layer, firms, helix, flows."""
    dictionary = load_dictionary()
    weights = {name: settings.layers.get(name, 1.0) for name in dictionary.actor_layers()}
    present = [name for name in weights if name in active.layers]
    layers = []
    if present:
        layers.append(active.joint({name: weights[name] for name in present}))
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
        Fault("settings", 0, key, code, value, problem, remedy)
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
