"""The analysis of a case as its reader meets it: tables, words, pages, networks, files."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from klaster.graph.content import counted, short_repr
from klaster.graph.errors import UnknownNameError
from klaster.graph.findings import Cluster
from klaster.graph.settings import Progress
from klaster.graph.stores.contract import WriteReport
from klaster.graph.stores.embedded import EmbeddedStore
from klaster.results import result_tables as tables
from klaster.results.explanation import explanation
from klaster.results.exports import clusters_of, export, with_findings
from klaster.results.folder import STORE_FILE, OutputError, page_file
from klaster.results.result_files import drawn_network, write_results
from klaster.results.run import Run, notes_of, used_in
from klaster.results.saved_run import read_run
from klaster.servers import connect, is_address, write_run
from klaster.viz.network.pyvis_network import pyvis_network
from klaster.viz.texts.store import title_in

if TYPE_CHECKING:
    import networkx as nx
    from pyvis.network import Network


class Analysis(Run):
    """A case and what was found in it (:class:`Run` says what it holds).

    Examples
    --------
    >>> import networkx as nx
    >>> from klaster import find_clusters
    >>> found = find_clusters(nx.barbell_graph(6, 0))
    >>> found
    Analysis('ties', 12 nodes, 31 ties; joint: 2 communities, p = 0.00498)
    >>> found.to_networkx().nodes["0"]["cluster"]
    'joint-1'
    """

    def __repr__(self) -> str:
        graph = self.case.graph
        counts = [counted(len(graph), "node"), counted(len(graph.ties), "tie") + self._result()]
        unused = "; amounts not used" if used_in(self).with_amount else ""
        return short_repr(self, repr(self.case.name), *counts[:1], counts[1] + unused)

    def _result(self) -> str:
        """Return in half a line what was found in the first layer."""
        for finding in self.findings.layers[:1]:
            found = "no significant communities"
            if finding.significant:
                communities = counted(finding.cluster_count, "community", "communities")
                found = f"{communities}, p = {finding.p_value:.3g}"
            return f"; {finding.layer}: {found}"
        return "; nothing to find clusters in"

    def _repr_html_(self) -> str:
        shown = ["cluster_id", "name", "layer", "members", "stability", "p_value", "cores"]
        notes = "".join(f"<p>{escape(note)}</p>" for note in self.notes)
        return f"<p>{escape(repr(self))}</p>{notes}{self.clusters[shown].to_html(index=False)}"

    @property
    def notes(self) -> tuple[str, ...]:
        """How inputs were read, and what takes no part or is not used; in ``attrs`` of tables."""
        return notes_of(self)

    def _noted(self, table: pd.DataFrame) -> pd.DataFrame:
        table.attrs["notes"] = list(self.notes)
        return table

    @property
    def clusters(self) -> pd.DataFrame:
        """One row a cluster: size, stability, significance, cores."""
        return self._noted(tables.cluster_table(self))

    @property
    def members(self) -> pd.DataFrame:
        """One row a member of a cluster: stability, rank with interval, role, indicators."""
        return self._noted(tables.member_table(self))

    @property
    def cores(self) -> pd.DataFrame:
        """One row a core or candidate: rank, why, and the ties and sources behind it."""
        return self._noted(tables.core_table(self))

    @property
    def centralities(self) -> pd.DataFrame:
        """One row an actor: strength, PageRank, betweenness, core number, hub and authority."""
        return self._noted(tables.centrality_table(self))

    def cluster(self, cluster_id: str) -> Cluster:
        """Return one cluster by its id, as ``declared-karaganda`` or ``joint-1``."""
        for cluster in self.findings.clusters:
            if cluster.id == cluster_id:
                return cluster
        raise UnknownNameError("cluster", cluster_id, (c.id for c in self.findings.clusters))

    def explain(self, name: str, lang: str = "en") -> str:
        """Say in words why an actor is core, or is not, with numbers, ties and their sources.

        Parameters
        ----------
        name
            An actor or industry by key, name or alias, in any spelling; or the id of a cluster.
        lang
            ``en``, ``ru`` or ``kk``.

        Raises
        ------
        UnknownNameError
            Where nothing is called so; with the nearest name.
        """
        return explanation(self, name, lang)

    def draw(self, path: Path | str = "network.html") -> Path:
        """Write the network as a page that opens in any browser, and return its path.

        Raises
        ------
        OutputError
            For a folder, a name that does not end in ``.html`` or ``.htm``, or where the page
            cannot be written.
        """
        path = Path(path)
        if path.is_dir():
            raise OutputError(f"{path} is a folder: give the name of a file, as network.html.")
        path = page_file(path)
        page = drawn_network(self)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page, encoding="utf-8")
        except OSError as error:
            raise OutputError(f"cannot write {path}: {error.strerror}.") from error
        return path

    def to_pyvis(self, layer: str | None = None) -> Network:
        """Return the actors and their ties as a network of pyvis, to be changed and shown.

        Parameters
        ----------
        layer
            Whose clusters colour the nodes; by default as for :meth:`to_networkx`.
        """
        clusters: dict[str, str] = {}
        cores: set[str] = set()
        for cluster in clusters_of(self, layer):
            clusters |= dict.fromkeys(cluster.member_ids, cluster.id)
            cores |= {member.node_id for member in cluster.cores}
        graph = self.case.graph.select(kinds=["Actor"])
        graph = graph if len(graph) else self.case.graph
        title = title_in(self.case.titles, "en")
        return pyvis_network(graph, clusters=clusters, cores=cores, title=title)

    def to_networkx(self, layer: str | None = None) -> nx.MultiDiGraph[str]:
        """Return the graph for NetworkX, with what was found as attributes of its nodes.

        ``cluster``, ``stability``, ``kept_share``, ``core_rank`` with ``core_rank_low`` and
        ``core_rank_high``, ``core_share``, ``is_core``, ``is_candidate``, ``role``,
        ``chain_role``; a node in no cluster has none of them, and what was not computed is left
        out.

        Parameters
        ----------
        layer
            Whose clusters, as ``supply`` or ``declared``; by default all layers together.
        """
        return with_findings(self, layer)

    def export(self, path: Path | str, *, layer: str | None = None) -> Path:
        """Write for another program, by suffix, and return the path.

        ``x.gexf`` (Gephi) and ``x.graphml``: the network of :meth:`to_networkx`; ``x.xlsx``: the
        sheets clusters, members, cores, ties, notes; ``x.parquet``: a folder with nodes and ties, the
        run among them; a folder: files for ``neo4j-admin database import``.

        Raises
        ------
        OutputError
            For another suffix, or where the file cannot be written.
        """
        sheets = {
            "clusters": self.clusters,
            "members": self.members,
            "cores": self.cores,
            "ties": tables.tie_table(self),
            "notes": pd.DataFrame({"note": self.notes}),
        }
        return export(Path(path), self.graph, with_findings(self, layer), sheets, self.notes)

    def save(self, target: Path | str, *, progress: Progress | None = None) -> WriteReport:
        """Write the graph with the run into a store: ``x.kgl``, or a server's address.

        A store file is replaced. On a server, other runs on the same state of the case stay; the
        password comes from ``NEO4J_PASSWORD`` or a prompt.

        Raises
        ------
        OutputError
            For a file with another suffix.
        StoreError
            Where the store cannot be written.
        """
        if is_address(str(target)):
            with connect(str(target)) as server:
                return write_run(server, self.graph, progress=progress)
        if Path(target).suffix.lower() != ".kgl":
            raise OutputError(
                f"cannot save into {str(target)!r}: give a store file, as {STORE_FILE}, or the "
                "address of a server, as neo4j://localhost:7687. Other forms: export()."
            )
        with EmbeddedStore() as store:
            report = store.write(self.graph, progress=progress)
            store.save(Path(target))
        return report

    def write(self, out: Path | str, *, progress: Progress | None = None) -> dict[str, Path]:
        """Write all result files into a folder, whole or not at all; return them by name."""
        return write_results(self, Path(out), progress=progress)


def load_results(folder: Path | str) -> Analysis:
    """Read an analysis back from the folder that :meth:`Analysis.write` wrote.

    Returns
    -------
    Analysis
        Equal to the one that was written but for the folder of its case and the digests of its
        files' bytes, which are not kept.

    Raises
    ------
    InputError
        Where the folder holds no results, or they cannot be read.

    Examples
    --------
    >>> load_results("nowhere")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    klaster.graph.errors.InputError: the results has 1 fault:
      the results: it holds no readable results of a run (...) (given: 'nowhere'). Name ...
    """
    run = read_run(Path(folder))
    parts: dict[str, Any] = vars(run)
    return Analysis(**parts)
