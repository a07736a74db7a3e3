"""klaster finds the industrial clusters of an economy and their cores, and says why and how sure.

The names below are the public interface; each is imported when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from klaster.answers import Answer
    from klaster.cases import case_path
    from klaster.combining import combine
    from klaster.graph.case import Case
    from klaster.graph.errors import InputError, KlasterError, StoreError, UnknownNameError
    from klaster.graph.findings import Cluster, Findings, Member
    from klaster.graph.io_table import IOTable
    from klaster.graph.layers import Layer
    from klaster.graph.model import ClusterGraph
    from klaster.graph.settings import AnalysisSettings
    from klaster.graph.stores.embedded import EmbeddedStore
    from klaster.graph.stores.neo4j_store import Neo4jStore
    from klaster.loaders.case.case_folder import check_case, load_case
    from klaster.loaders.case.new_case import new_case
    from klaster.loaders.table_source import read_iotable
    from klaster.opened_store import OpenedStore, open_store
    from klaster.pipeline import analyze, find_clusters
    from klaster.queries.catalog import load_catalog, run_named
    from klaster.results.analysis_object import Analysis, load_results
    from klaster.studies import load_study
    from klaster.table_analysis import analyze_table, linkages, multipliers
    from klaster.tie_reading import read_ties

__version__ = "0.1.0"

_HOME = {
    "Analysis": "klaster.results.analysis_object",
    "AnalysisSettings": "klaster.graph.settings",
    "Answer": "klaster.answers",
    "Case": "klaster.graph.case",
    "Cluster": "klaster.graph.findings",
    "ClusterGraph": "klaster.graph.model",
    "EmbeddedStore": "klaster.graph.stores.embedded",
    "Findings": "klaster.graph.findings",
    "IOTable": "klaster.graph.io_table",
    "InputError": "klaster.graph.errors",
    "KlasterError": "klaster.graph.errors",
    "Layer": "klaster.graph.layers",
    "Member": "klaster.graph.findings",
    "Neo4jStore": "klaster.graph.stores.neo4j_store",
    "OpenedStore": "klaster.opened_store",
    "StoreError": "klaster.graph.errors",
    "UnknownNameError": "klaster.graph.errors",
    "analyze": "klaster.pipeline",
    "analyze_table": "klaster.table_analysis",
    "case_path": "klaster.cases",
    "check_case": "klaster.loaders.case.case_folder",
    "combine": "klaster.combining",
    "find_clusters": "klaster.pipeline",
    "linkages": "klaster.table_analysis",
    "load_case": "klaster.loaders.case.case_folder",
    "load_catalog": "klaster.queries.catalog",
    "load_results": "klaster.results.analysis_object",
    "load_study": "klaster.studies",
    "multipliers": "klaster.table_analysis",
    "new_case": "klaster.loaders.case.new_case",
    "open_store": "klaster.opened_store",
    "read_iotable": "klaster.loaders.table_source",
    "read_ties": "klaster.tie_reading",
    "run_named": "klaster.queries.catalog",
}

__all__ = [
    "Analysis",
    "AnalysisSettings",
    "Answer",
    "Case",
    "Cluster",
    "ClusterGraph",
    "EmbeddedStore",
    "Findings",
    "IOTable",
    "InputError",
    "KlasterError",
    "Layer",
    "Member",
    "Neo4jStore",
    "OpenedStore",
    "StoreError",
    "UnknownNameError",
    "analyze",
    "analyze_table",
    "case_path",
    "check_case",
    "combine",
    "find_clusters",
    "linkages",
    "load_case",
    "load_catalog",
    "load_results",
    "load_study",
    "multipliers",
    "new_case",
    "open_store",
    "read_iotable",
    "read_ties",
    "run_named",
]


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for: ``import klaster`` itself stays quick."""
    if name not in _HOME:
        raise AttributeError(f"module 'klaster' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
