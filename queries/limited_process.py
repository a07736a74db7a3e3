"""Free Cypher in a child process that can be lost.

A query can make the engine abort its process, by memory or by depth, whatever limits the engine
is given. So a free query passes the gate, then runs in a child process: its own copy of the
store, read-only, with limits on memory and processor time, no new files, and a clock that the
parent watches. Whatever happens there, the parent gets rows or one clear error.

On Windows there are no such limits on memory and files; the gate and the clock hold there too.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any

from klaster.graph.errors import QueryRefusedError, StoreError
from klaster.graph.stores.contract import QueryResult
from klaster.queries.gate import pass_gate
from klaster.queries.values import packed, unpacked

MAX_ANSWER_BYTES = 64 * 2**20
"""The parent takes no more of an answer than this, however few its rows."""

START_SECONDS = 60.0
"""How long the child may take to read the store, before its query's time begins."""

MARGIN_SECONDS = 2.0
"""How much longer than its time a query may take until the child is killed."""

_KEPT_ENVIRONMENT = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONHASHSEED",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "VIRTUAL_ENV",
)
"""Passed on to the child; passwords in other variables are not."""


def run_free(
    store_path: Path | str,
    cypher: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    timeout_s: float = 30.0,
    memory_mb: int = 2048,
    row_limit: int = 1000,
) -> QueryResult:
    """Run a query of a user's own on a store file, read-only and limited.

    Parameters
    ----------
    store_path
        The store's file, as ``graph.kgl``.
    cypher
        One reading statement (see :func:`klaster.queries.gate.pass_gate`).
    parameters
        Values of its ``$names``, with their Python types.
    timeout_s
        Seconds the query may take, reading the store not counted.
    memory_mb
        Mebibytes the store and the query may take together (not on Windows).
    row_limit
        Rows that are taken at most; the result says whether there were more.

    Raises
    ------
    QueryRefusedError
        Where the gate refuses the query, or it takes more time, memory or steps than it may.
    StoreError
        Where the store cannot be read or the query is faulty.
    """
    if timeout_s <= 0 or memory_mb <= 0 or row_limit < 0:
        raise StoreError("limits on time, memory and rows must be above zero.")
    query = pass_gate(cypher).text
    request = {
        "store": str(Path(store_path).absolute()),
        "cypher": query,
        "parameters": packed(dict(parameters or {})),
        "timeout_s": timeout_s,
        "memory_mb": memory_mb,
        "row_limit": row_limit,
        "bytes": MAX_ANSWER_BYTES,
    }
    return _LimitedProcess(request, timeout_s, memory_mb).answer()


class _LimitedProcess:
    """A child process, from its start to its answer or its end."""

    def __init__(self, request: Mapping[str, Any], timeout_s: float, memory_mb: int) -> None:
        self.request = request
        self.timeout_s = timeout_s
        self.memory_mb = memory_mb
        self.late = False
        self.ready = False

    def answer(self) -> QueryResult:
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-m", "klaster.queries.limited_process"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={k: v for k, v in os.environ.items() if k in _KEPT_ENVIRONMENT},
                start_new_session=os.name == "posix",
            )
        except OSError as error:
            raise StoreError(f"no process could be started for the query: {error}.") from None
        assert process.stdin is not None
        assert process.stdout is not None
        clock = self._clock(process, START_SECONDS)
        try:
            self._send(process.stdin)
            lines = _Lines(process.stdout, MAX_ANSWER_BYTES + 2**20)
            if "ready" in (first := lines.next()):
                clock.cancel()
                self.ready = True
                clock = self._clock(process, self.timeout_s + MARGIN_SECONDS)
                first = lines.next()
            result = self._result(first, lines)
        finally:
            clock.cancel()
            process.kill()
            code = process.wait()
            process.stdout.close()
        if result is None:
            raise self._end(code)
        return result

    def _clock(self, process: subprocess.Popen[bytes], seconds: float) -> threading.Timer:
        def ring() -> None:
            self.late = True
            process.kill()

        clock = threading.Timer(seconds, ring)
        clock.daemon = True
        clock.start()
        return clock

    def _send(self, pipe: IO[bytes]) -> None:
        try:
            pipe.write(json.dumps(self.request).encode() + b"\n")
            pipe.close()
        except OSError:
            pass  # the child is gone: its silence says so

    def _result(self, head: dict[str, Any], lines: _Lines) -> QueryResult | None:
        """Return the rows, or None where the child fell silent before the end."""
        if "error" in head:
            kind = QueryRefusedError if head["refused"] else StoreError
            raise kind(head["error"])
        if "columns" not in head:
            return None
        rows = []
        while "row" in (line := lines.next()):
            rows.append(tuple(unpacked(line["row"])))
        if "end" not in line:
            return None
        return QueryResult(
            tuple(head["columns"]), tuple(rows), bool(line["end"]), tuple(line["notes"])
        )

    def _end(self, code: int) -> StoreError:
        """Say in words how the child ended."""
        if self.late and not self.ready:
            return StoreError(f"the store could not be read within {START_SECONDS:g} s.")
        if self.late or code == -getattr(signal, "SIGXCPU", 0):
            return QueryRefusedError(
                f"the query took longer than {self.timeout_s:g} s and was stopped. Narrow it, or "
                "allow more time."
            )
        if not self.ready and code == 1:
            return StoreError(
                "the process for the query did not start: klaster cannot be imported by "
                f"{sys.executable}."
            )
        return QueryRefusedError(
            f"the query ended its process: most likely it needs more than {self.memory_mb} MiB, "
            "or is nested too deep. Nothing else was harmed. Narrow the query, or allow more "
            "memory."
        )


class _Lines:
    """Lines of JSON from a pipe, up to a number of bytes; an empty one at the end."""

    def __init__(self, pipe: IO[bytes], most: int) -> None:
        self.pipe = pipe
        self.left = most

    def next(self) -> dict[str, Any]:
        line = self.pipe.readline(self.left)
        self.left -= len(line)
        if not line.endswith(b"\n"):
            return {}
        held: dict[str, Any] = json.loads(line)
        return held


# -- in the child ----------------------------------------------------------------------------


def main() -> None:
    """Read a request, run it within its limits and write the answer, as lines of JSON."""
    request = json.loads(sys.stdin.buffer.readline())
    out = sys.stdout.buffer

    def tell(line: dict[str, Any]) -> int:
        return out.write(json.dumps(line).encode() + b"\n")

    try:
        _answer(request, tell, out.flush)
    except MemoryError:
        tell(
            {
                "error": f"the query needs more than {request['memory_mb']} MiB. Narrow it, or "
                "allow more memory.",
                "refused": True,
            }
        )
    except StoreError as error:
        tell({"error": str(error), "refused": isinstance(error, QueryRefusedError)})
    out.flush()
    os._exit(0)  # no clean-up that the limits could break


def _answer(
    request: Mapping[str, Any], tell: Callable[[dict[str, Any]], int], flush: Callable[[], None]
) -> None:
    from klaster.graph.stores.embedded import EmbeddedStore

    _warm_up()
    _limit_memory(request["memory_mb"])
    store = EmbeddedStore.open(request["store"])
    tell({"ready": True})
    flush()
    _limit_files_and_time(request["timeout_s"] + MARGIN_SECONDS)
    result = store.run(
        request["cypher"],
        unpacked(request["parameters"]),
        timeout_s=request["timeout_s"],
        row_limit=request["row_limit"],
    )
    left = request["bytes"] - tell({"columns": list(result.columns)})
    truncated = result.truncated
    notes = list(result.notes)
    for row in result.rows:
        line = {"row": packed(row)}
        size = len(json.dumps(line)) + 1
        if size > left:
            truncated = True
            notes.append(f"the answer was cut at {request['bytes']:,} bytes")
            break
        left -= tell(line)
    tell({"end": truncated, "notes": notes})


def _warm_up() -> None:
    """Have the engine load all it needs before files are closed to it."""
    from klaster.graph.stores.embedded import EmbeddedStore

    with EmbeddedStore() as empty:
        empty.run("RETURN date('2014-03-19') AS day, toUpper('a') AS a")


def _limit_memory(memory_mb: int) -> None:
    if sys.platform == "win32":
        return
    import resource

    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        used = pages * resource.getpagesize()
    except OSError:
        used = 2 * 2**30  # no /proc: a generous guess of what the interpreter has mapped
    _lower(resource.RLIMIT_AS, used + memory_mb * 2**20)
    _lower(resource.RLIMIT_CORE, 0)


def _limit_files_and_time(seconds: float) -> None:
    if sys.platform == "win32":
        return
    import resource

    spent = resource.getrusage(resource.RUSAGE_SELF)
    cores = os.cpu_count() or 1
    _lower(resource.RLIMIT_CPU, int(spent.ru_utime + spent.ru_stime + seconds * cores) + 1)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, 3)  # standard input, output and error stay; no file is opened


def _lower(limit: int, value: int) -> None:
    """Set a limit, soft and hard, never above the one that holds already."""
    import resource

    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    try:
        resource.setrlimit(limit, (value, value))
    except (OSError, ValueError):
        return  # not every system has every limit; the clock of the parent always holds


if __name__ == "__main__":
    main()
