"""Pieces of work for tests with several processes: a spawned process imports them by this name.

Not in the test module: its name begins with ``tests``, and an installed package may hold that name.
"""

from __future__ import annotations

import time


def slow_square(pause: float, number: int) -> int:
    time.sleep(pause)
    return number * number


def fails_at_three(_: None, number: int) -> int:
    if number == 3:
        raise RuntimeError("piece 3 failed")
    return number
