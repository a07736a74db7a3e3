"""The analysis of a case as its reader meets it: tables, one cluster, files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster
from klaster.graph.settings import Progress
from klaster.results import result_tables as tables
from klaster.results.result_files import write_results
from klaster.results.run import Run


class Analysis(Run):
    """A case and what was found in it (:class:`Run` says what it holds)."""

    @property
    def clusters(self) -> pd.DataFrame:
        """One row a cluster: size, stability, significance, cores."""
        return tables.cluster_table(self)

    @property
    def members(self) -> pd.DataFrame:
        """One row a member of a cluster: stability, rank with interval, role, lenses."""
        return tables.member_table(self)

    @property
    def cores(self) -> pd.DataFrame:
        """One row a core or candidate: rank, why, and the ties and sources behind it."""
        return tables.core_table(self)

    @property
    def centralities(self) -> pd.DataFrame:
        """One row an actor: strength, PageRank, betweenness, core number, hub and authority."""
        return tables.centrality_table(self)

    def cluster(self, cluster_id: str) -> Cluster:
        """Return one cluster by its id, as ``declared-karaganda`` or ``joint-1``."""
        for cluster in self.findings.clusters:
            if cluster.id == cluster_id:
                return cluster
        raise UnknownNameError("cluster", cluster_id, (c.id for c in self.findings.clusters))

    def write(self, out: Path | str, *, progress: Progress | None = None) -> dict[str, Path]:
        """Write all result files into a folder, whole or not at all; return them by name."""
        return write_results(self, Path(out), progress=progress)
