"""A real Neo4j for every test here."""

from neo4j_fixtures import *
