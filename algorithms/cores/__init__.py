"""Cores: lenses, ranks with an interval, and the reasons behind them."""

from klaster.algorithms.cores.assess import assess_cluster
from klaster.algorithms.cores.lenses import LENSES, ClusterView, Lens, read_lenses, voting_lenses
from klaster.algorithms.cores.ranking import borda, core_flags, core_places, percentiles
from klaster.algorithms.cores.reasons import REASON_CODES
from klaster.algorithms.cores.ties import TieTable

__all__ = [
    "LENSES",
    "REASON_CODES",
    "ClusterView",
    "Lens",
    "TieTable",
    "assess_cluster",
    "borda",
    "core_flags",
    "core_places",
    "percentiles",
    "read_lenses",
    "voting_lenses",
]
