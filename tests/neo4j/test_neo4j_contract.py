"""The Neo4j store passes the contract every store passes."""

from __future__ import annotations

import pytest
from store_contract import StoreContract

from klaster.graph.stores.neo4j_store import Neo4jStore

pytestmark = [pytest.mark.neo4j, pytest.mark.xdist_group("neo4j")]


class TestContract(StoreContract):
    """Every test of the contract, on a real server."""

    round_trips = 8

    @pytest.fixture
    def store(self, neo4j_store: Neo4jStore) -> Neo4jStore:
        return neo4j_store
