"""How far to trust a partition: ensembles, consensus, null models, uncertain data.

Every function takes ties as a matrix or as columns and gives plain arrays; whatever is random
draws from a seed, and each piece of work from a seed of its own, so that neither the number of
processes nor the number of draws changes what a draw is.
"""

from klaster.algorithms.partitions.comparison import (
    adjusted_mutual_information,
    adjusted_rand,
    normalized_mutual_information,
    pairwise_adjusted_rand,
    variation_of_information,
)
from klaster.algorithms.spread import SPREAD_BY_EVIDENCE
from klaster.algorithms.trust.ensembles import (
    DENSE_CONSENSUS_LIMIT,
    EnsembleSummary,
    co_association,
    consensus,
    ensemble,
    ensemble_summary,
    member_stability,
    pair_stability,
)
from klaster.algorithms.trust.homophily import Homophily, homophily
from klaster.algorithms.trust.nulls import (
    NullModel,
    chosen_null_model,
    degree_preserving_draw,
    draw_named,
    equal_strength_draw,
    weight_shuffle_draw,
)
from klaster.algorithms.trust.significance import (
    FEWEST_DRAWS,
    FEWEST_NODES,
    ReasonCode,
    Significance,
    no_communities,
    null_distribution,
    null_effort,
    p_value,
    significance,
)
from klaster.algorithms.trust.uncertainty import (
    UncertainPartition,
    UncertainTies,
    spreads,
    uncertain_partition,
)

__all__ = [
    "DENSE_CONSENSUS_LIMIT",
    "FEWEST_DRAWS",
    "FEWEST_NODES",
    "SPREAD_BY_EVIDENCE",
    "EnsembleSummary",
    "Homophily",
    "NullModel",
    "ReasonCode",
    "Significance",
    "UncertainPartition",
    "UncertainTies",
    "adjusted_mutual_information",
    "adjusted_rand",
    "chosen_null_model",
    "co_association",
    "consensus",
    "degree_preserving_draw",
    "draw_named",
    "ensemble",
    "ensemble_summary",
    "equal_strength_draw",
    "homophily",
    "member_stability",
    "no_communities",
    "normalized_mutual_information",
    "null_distribution",
    "null_effort",
    "p_value",
    "pair_stability",
    "pairwise_adjusted_rand",
    "significance",
    "spreads",
    "uncertain_partition",
    "variation_of_information",
    "weight_shuffle_draw",
]
