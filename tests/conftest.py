"""Settings every test shares."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from neo4j_summary import pytest_runtest_call, pytest_terminal_summary

__all__ = ["pytest_runtest_call", "pytest_terminal_summary"]

# The machines are shared and slow by turns: an example is not wrong because it took long.
settings.register_profile(
    "klaster", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("klaster")
os.environ.setdefault("NO_COLOR", "1")
