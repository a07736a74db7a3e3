"""Cores: lenses, ranks with an interval, the reasons behind them, and cards that hold it all."""

from klaster.algorithms.cores.assess import (
    Assessment,
    Scrutiny,
    assess_cluster,
    assess_clusters,
)
from klaster.algorithms.cores.blocks import block_core, block_finding, coreness
from klaster.algorithms.cores.chain import CHAIN_ROLES, chain_places
from klaster.algorithms.cores.evidence import EvidenceModel
from klaster.algorithms.cores.lenses import (
    LENSES,
    ClusterView,
    Lens,
    missing_lenses,
    read_lenses,
    voting_lenses,
)
from klaster.algorithms.cores.ranking import borda, core_flags, core_places, percentiles
from klaster.algorithms.cores.reasons import REASON_CODES
from klaster.algorithms.cores.removal import removal_loss
from klaster.algorithms.cores.ties import TieTable
from klaster.algorithms.cores.why_cards import DOUBT_CODES

__all__ = [
    "CHAIN_ROLES",
    "DOUBT_CODES",
    "LENSES",
    "REASON_CODES",
    "Assessment",
    "ClusterView",
    "EvidenceModel",
    "Lens",
    "Scrutiny",
    "TieTable",
    "assess_cluster",
    "assess_clusters",
    "block_core",
    "block_finding",
    "borda",
    "chain_places",
    "core_flags",
    "core_places",
    "coreness",
    "missing_lenses",
    "percentiles",
    "read_lenses",
    "removal_loss",
    "voting_lenses",
]
