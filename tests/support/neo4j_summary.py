"""What the log says at the end of a session: which Neo4j its tests ran on, and how many.

The hooks are for ``tests/conftest.py``. A fixture that gives a server tells what it is by
:func:`remember`; each test that uses the fixture takes that into its report, which xdist's workers
send to the process that prints.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import pytest

SERVERS = pytest.StashKey[dict[str, str]]()
PROPERTY = "neo4j"


def remember(config: pytest.Config, fixture: str, server: str) -> None:
    """Say what a fixture's server calls itself."""
    config.stash.setdefault(SERVERS, {})[fixture] = server


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    servers = item.config.stash.get(SERVERS, {})
    for fixture in getattr(item, "fixturenames", ()):
        if fixture in servers:
            item.user_properties.append((PROPERTY, servers[fixture]))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for outcome in ("passed", "failed", "skipped", "xfailed", "xpassed"):
        for report in terminalreporter.getreports(outcome):
            if getattr(report, "when", "") == "call":
                for name, value in report.user_properties:
                    if name == PROPERTY:
                        counts[value][outcome] += 1
    if not counts:
        return
    terminalreporter.section("Neo4j")
    for server, found in sorted(counts.items()):
        shown = ", ".join(f"{number} {outcome}" for outcome, number in found.items())
        terminalreporter.write_line(f"{server}: {found.total()} tests ran on it ({shown})")
