"""What the report is made of, and what its sections have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from klaster.graph.canonical_tables import records
from klaster.graph.dictionary import load_dictionary
from klaster.graph.findings import Cluster, Findings, LayerFinding
from klaster.graph.layers import DECLARED, JOINT
from klaster.graph.model import ACTIVE_STATUS, ClusterGraph
from klaster.graph.ties_in_use import counted_ties, left_out_because
from klaster.viz.network.drawing import told_clusters
from klaster.viz.texts.page_texts import Texts
from klaster.viz.texts.store import LANGUAGES, Titles, name_of
from klaster.viz.texts.words import cluster_title, tie_in_words
from klaster.viz.theme.page import source_parts


@dataclass(frozen=True)
class ReportInput:
    """Everything the report is made of.

    Attributes
    ----------
    graph
        The whole graph, with the ties left out of the analysis.
    findings
        Clusters and cores.
    titles
        Title of the case, one text or one a language.
    networks
        Title by language of each declared network.
    settings
        Settings of the analysis by name; shown as they are.
    quality
        ``QualityReport.to_dict()`` of the loader.
    inputs
        SHA-256 digest of each input file.
    sources
        Full text of a short reference.
    boundaries
        GeoJSON feature collection of the regions, each with a property ``code``.
    year
        Reference year of the case.
    note
        Remark of the case's author.
    version
        Version of klaster.
    languages
        Languages of the page, the first one shown at the start.
    network_page, quality_page
        Addresses of the other pages, beside this one.
    """

    graph: ClusterGraph
    findings: Findings
    titles: Titles | str
    networks: Mapping[str, Titles] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    quality: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    sources: Mapping[str, Any] | None = None
    boundaries: Mapping[str, Any] | None = None
    year: int | None = None
    note: str = ""
    version: str = ""
    languages: Sequence[str] = LANGUAGES
    network_page: str = "network.html"
    quality_page: str = "quality.html"


class Contents:
    """Nodes, ties, names and texts of a report, read once for all its sections.

    Attributes
    ----------
    nodes, all_ties
        All nodes and ties by key, ties with their ``layer``.
    ties, active
        Ties between actors; those of them that take part in the analysis.
    counts
        How many ties between actors take part, and why the others do not.
    """

    def __init__(self, given: ReportInput, table: str = "report") -> None:
        self.given, self.findings = given, given.findings
        self.nodes = {str(node["id"]): node for node in records(given.graph.nodes)}
        self.t = Texts(given.languages, table, self.nodes)
        layers = given.graph.tie_layers.tolist()
        rows = zip(records(given.graph.ties), layers, strict=True)
        self.all_ties = {tie["tie_id"]: {**tie, "layer": layer} for tie, layer in rows}
        inner = load_dictionary().actor_layers()
        self.ties = {
            key: tie
            for key, tie in self.all_ties.items()
            if tie["layer"] in inner
            and self._kind(tie["source_id"]) == self._kind(tie["target_id"]) == "Actor"
        }
        status = given.settings.get("status", ACTIVE_STATUS)
        self.uses = (status, given.settings.get("self_ties", "drop"))
        self.active = {k: tie for k, tie in self.ties.items() if not self.left_out(tie)}
        self.counts = counted_ties(self.ties.values(), *self.uses)

    def left_out(self, tie: Mapping[str, Any]) -> str:
        """Return why a tie takes no part in the analysis; empty where it does."""
        return left_out_because(tie, *self.uses)

    def _kind(self, node_id: str) -> str:
        return str(self.nodes[node_id]["kind"])

    @property
    def joint(self) -> LayerFinding | None:
        """The finding of all layers together, or None."""
        return next((f for f in self.findings.layers if f.layer == JOINT), None)

    @property
    def only_layer(self) -> str:
        """The layer that was looked at as all layers together, for no other has ties; or empty."""
        return self.findings.only_layer({tie["layer"] for tie in self.active.values()})

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """The clusters that may be told of: declared first, then found in all layers."""
        return tuple(self.clusters_of(DECLARED) + self.clusters_of(JOINT))

    def clusters_of(self, layer: str) -> list[Cluster]:
        """Return the clusters of one layer that may be told of."""
        return [c for c in told_clusters(self.findings) if c.layer == layer]

    def title(self, cluster: Cluster) -> Markup:
        """Return what a cluster is called."""
        return self.t.each(partial(self.title_in, cluster))

    def title_in(self, cluster: Cluster, lang: str) -> str:
        """Return what a cluster is called in a language."""
        return cluster_title(cluster, self.nodes, lang, self.given.networks)

    def namer(self, node_id: str) -> Callable[[str], str]:
        """Return a node's name as a function of the language."""
        return lambda lang: name_of(self.nodes[node_id], lang)

    def link(self, node_id: str) -> str:
        """Return the address of a node on the network page."""
        return f"{self.given.network_page}#node={quote(node_id, safe='')}"

    def tie(self, tie: Mapping[str, Any]) -> dict[str, Any]:
        """Return a tie in words, with its sources."""
        return {
            "text": self.t.each(
                lambda lang: tie_in_words(tie, self.nodes, lang, with_source=False)
            ),
            "sources": source_parts(tie.get("source"), self.given.sources),
            "locator": tie.get("locator", ""),
            "active": not self.left_out(tie),
        }


class Section:
    """A part of the report; what it shows is computed from the contents when asked."""

    def __init__(self, contents: Contents) -> None:
        self.contents, self.given, self.findings = contents, contents.given, contents.findings
        self.t, self.nodes = contents.t, contents.nodes
