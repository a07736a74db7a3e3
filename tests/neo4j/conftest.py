"""A real Neo4j for every test here."""

from gds_library import *
from neo4j_fixtures import *
