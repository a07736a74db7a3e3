"""How far to trust a partition: ensembles, consensus, null models, uncertain data.

Every function takes ties as a matrix or as columns and gives plain arrays; whatever is random
draws from a seed, and each piece of work from a seed of its own, so that neither the number of
processes nor the number of draws changes what a draw is.
"""
