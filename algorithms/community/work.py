"""Many independent pieces of work, on one or several processes, with the same results."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

StepProgress = Callable[[int, int], None]
"""Called with the number of steps done and the number of all steps."""

Shared = TypeVar("Shared")
Result = TypeVar("Result")

_AHEAD = 3
_installed: list[Any] = []


def do_all(
    task: Callable[[Shared, int], Result],
    shared: Shared,
    count: int,
    *,
    workers: int = 1,
    seconds: float | None = None,
    least: int = 1,
    progress: StepProgress | None = None,
) -> list[Result]:
    """Return ``task(shared, k)`` for each ``k`` from 0 to ``count - 1``, in this order.

    Each piece depends on its number alone (it draws its random numbers from a seed of its own),
    so that one process and several give the same list. What is asked of the processes is spawned
    anew, as on Windows and macOS: ``task`` must be a function of a module, ``shared`` must be
    picklable, and a script that asks for several workers needs the usual
    ``if __name__ == "__main__":``.

    Parameters
    ----------
    task
        What to do; gets ``shared`` and the number of the piece.
    shared
        What all pieces need; sent to each process once.
    count
        Number of pieces.
    workers
        Number of processes; 1 works in this one.
    seconds
        Time box: no piece is begun after so many seconds. By default there is none. With one,
        the length of the list depends on the speed of the machine, never what is in it: a
        shorter list is the beginning of the longer one.
    least
        Pieces that are done whatever the time box says.
    progress
        Called with pieces done and pieces in all, after each.

    Returns
    -------
    list
        One result a piece: ``count`` of them, or fewer in a time box.

    Raises
    ------
    ValueError
        For fewer than one worker, or a time box that is not above zero.

    Examples
    --------
    >>> do_all(pow, 2, 4)
    [1, 2, 4, 8]
    """
    if workers < 1:
        raise ValueError(f"workers is {workers}; at least 1 is needed")
    if seconds is not None and not seconds > 0:
        raise ValueError(f"seconds is {seconds}; give more than 0, or None for no time box")
    end = math.inf if seconds is None else time.monotonic() + seconds
    told = progress or (lambda done, total: None)
    if workers == 1 or count < 2:
        return _one_by_one(task, shared, count, end, least, told)
    return _side_by_side(task, shared, count, min(workers, count), end, least, told)


def _one_by_one(
    task: Callable[[Shared, int], Result],
    shared: Shared,
    count: int,
    end: float,
    least: int,
    told: StepProgress,
) -> list[Result]:
    results: list[Result] = []
    for number in range(count):
        if number >= least and time.monotonic() >= end:
            break
        results.append(task(shared, number))
        told(number + 1, count)
    return results


def _side_by_side(
    task: Callable[[Shared, int], Result],
    shared: Shared,
    count: int,
    workers: int,
    end: float,
    least: int,
    told: StepProgress,
) -> list[Result]:
    import multiprocessing
    from concurrent.futures import Future, ProcessPoolExecutor

    results: list[Result] = []
    with ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_install, initargs=(task, shared)
    ) as pool:
        # Few pieces are handed out ahead, in order: so the time box cuts off a tail, no more.
        waiting: deque[Future[Any]] = deque()
        begun = 0
        try:
            while True:
                while (
                    begun < count
                    and len(waiting) < _AHEAD * workers
                    and (begun < least or time.monotonic() < end)
                ):
                    waiting.append(pool.submit(_do, begun))
                    begun += 1
                if not waiting:
                    return results
                results.append(waiting.popleft().result())
                told(len(results), count)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _install(task: Callable[[Any, int], Any], shared: Any) -> None:
    import threading

    _installed[:] = [task, shared]
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _leave_with_parent() -> None:
    """End this process where the one that asked for it was killed: nobody waits for it now."""
    import multiprocessing
    import os
    from multiprocessing.connection import wait

    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _do(number: int) -> Any:
    task, shared = _installed
    return task(shared, number)
