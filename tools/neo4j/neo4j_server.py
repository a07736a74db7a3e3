"""A Neo4j Community server for tests and for play, without Docker.

The jars come from Maven's configured repositories and stay in a cache outside the repository
(``$KLASTER_CACHE``, else ``~/.cache/klaster``). A server listens on loopback only, on a free port,
with a random password; it is ready when a query answers. Every server dies with this process.

Command line::

    python tools/neo4j/neo4j_server.py assemble [--version V] [--gds V]
    python tools/neo4j/neo4j_server.py run [--version V] [--gds V] [--data DIR] [--port N] [-- COMMAND]

``run`` keeps a server up until Ctrl-C, or as long as COMMAND runs; COMMAND finds the server in
``NEO4J_TEST_URI`` and ``NEO4J_TEST_PASSWORD``.
"""

from __future__ import annotations

import argparse
import atexit
import contextlib
import ctypes
import fcntl
import logging
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

VERSION = "5.26.29"
"""The version klaster is tested with; the image of docker-compose.yml is the same."""

NEWEST = "2026.09.0"
"""The calendar release that was tried as well (on Java 25)."""

GDS_VERSION = "2.13.9"
"""The OpenGDS that goes with :data:`VERSION`."""

HERE = Path(__file__).resolve().parent
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"

# Newer servers carry both classes; the first one found is the one their own launcher starts.
MAIN_CLASSES = ("org.neo4j.server.Neo4jCommunity", "org.neo4j.server.CommunityEntryPoint")

SHARED_JVM_FLAGS = ("-XX:+ExitOnOutOfMemoryError",)
"""Flags docker-compose.yml gives its server too: a server out of memory ends, it does not linger."""

JVM_FLAGS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-Dio.netty.tryReflectionSetAccessible=true",
    "-Dlog4j2.disable.jmx=true",
    "-Djava.awt.headless=true",
    "-Djol.skipHotspotSAAttach=true",
    "-Dfile.encoding=UTF-8",
    "-XX:+UseG1GC",
    *SHARED_JVM_FLAGS,
)

SHARED_SETTINGS: Mapping[str, str] = {
    "db.memory.transaction.max": "350m",
    "db.transaction.timeout": "300s",
    "dbms.memory.transaction.total.max": "700m",
    "dbms.security.allow_csv_import_from_file_urls": "false",
    "dbms.security.procedures.allowlist": "gds.*",
    "dbms.usage_report.enabled": "false",
    "server.memory.pagecache.size": "256m",
}
"""Settings docker-compose.yml gives its server too (a test compares them).

The allow-list is of procedures from plug-ins; built-in ones are not subject to it.
"""

HEAP = "1g"
"""Heap of the server; docker-compose.yml has the same."""


class ServerError(RuntimeError):
    """The server could not be assembled or started; the text says what was seen."""


# -- the jars ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Home:
    """An assembled server: ``lib`` with its jars, ``plugins`` with those of GDS."""

    path: Path
    version: str
    gds: str | None


def cache_folder() -> Path:
    """Return where jars are kept between runs."""
    given = os.environ.get("KLASTER_CACHE")
    return (Path(given) if given else Path.home() / ".cache" / "klaster") / "neo4j"


def _base_name(jar: Path) -> str:
    return re.sub(r"-\d[\w.+-]*\.jar$", "", jar.name)


def _copy_jars(profile: str, settings: Sequence[str], into: Path) -> None:
    into.mkdir(parents=True, exist_ok=True)
    command = [
        "mvn",
        "-B",
        "-q",
        "-f",
        str(HERE / "pom.xml"),
        f"-P{profile}",
        *settings,
        COPY_JARS,
        "-DincludeScope=runtime",
        "-DincludeTypes=jar",
        f"-DoutputDirectory={into}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1200, check=False)
    if done.returncode:
        raise ServerError(f"Maven could not resolve the jars ({profile}):\n{done.stdout[-3000:]}")


def assemble(version: str = VERSION, gds: str | None = None) -> Home:
    """Put the server's jars into the cache, once, and return where they are."""
    name = version if gds is None else f"{version}+gds-{gds}"
    folder = cache_folder() / name
    home = Home(folder, version, gds)
    if folder.is_dir():
        return home
    if shutil.which("mvn") is None:
        raise ServerError("Maven (mvn) is needed to fetch Neo4j's jars, and is not installed")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test workers may ask at the same time
        if folder.is_dir():
            return home
        building = Path(tempfile.mkdtemp(prefix=f".{name}-", dir=folder.parent))
        try:
            _copy_jars("server", [f"-Dneo4j.version={version}"], building / "lib")
            (building / "plugins").mkdir()
            if gds is not None:
                _copy_jars("gds", [f"-Dgds.version={gds}"], building / "plugins")
                # Plug-ins come first on the class path: a library the server has in another
                # version would take its place. GDS's own modules share names, not content.
                own = {_base_name(jar) for jar in (building / "lib").glob("*.jar")}
                for jar in (building / "plugins").glob("*.jar"):
                    if _base_name(jar) in own and not jar.stem.endswith(f"-{gds}"):
                        jar.unlink()
            building.chmod(0o755)
            building.rename(folder)
        except BaseException:
            shutil.rmtree(building, ignore_errors=True)
            raise
    return home


# -- Java ----------------------------------------------------------------------------------------


def java_majors(version: str) -> tuple[int, ...]:
    """Return the Java versions a Neo4j version runs on, the preferred first."""
    if version.startswith("5."):
        return (17, 21)
    year, month = (int(part) for part in version.split(".")[:2])
    return (25, 21) if (year, month) >= (2025, 10) else (21,)


def _java_candidates() -> Iterator[Path]:
    if given := os.environ.get("JAVA_HOME"):
        yield Path(given)
    if found := shutil.which("java"):
        yield Path(found).resolve().parents[1]
    for parent in (Path("/usr/lib/jvm"), Path("/opt"), Path.home() / ".sdkman/candidates/java"):
        if parent.is_dir():
            yield from sorted(child for child in parent.iterdir() if (child / "bin/java").exists())


def find_java(version: str) -> Path:
    """Return the ``java`` program of an installed JDK that runs this version of Neo4j."""
    seen: dict[int, Path] = {}
    for home in _java_candidates():
        release = home / "release"
        if release.exists():
            match = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(), re.MULTILINE)
            if match:
                seen.setdefault(int(match[1]), home / "bin" / "java")
    for major in java_majors(version):
        if major in seen:
            return seen[major]
    wanted = " or ".join(map(str, java_majors(version)))
    there = ", ".join(map(str, sorted(seen))) or "none"
    raise ServerError(f"Neo4j {version} needs Java {wanted}; installed: {there}")


# -- the server ----------------------------------------------------------------------------------


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _die_with_parent() -> None:
    """Ask Linux to kill the child when its parent dies, however that happens.

    Only where the main thread starts the child: the parent Linux watches is the thread.
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def main_class(lib: Path) -> str:
    """Return the class to start, by looking into the jars."""
    wanted = {name.replace(".", "/") + ".class": name for name in MAIN_CLASSES}
    found = set()
    for jar in lib.glob("neo4j*.jar"):
        with zipfile.ZipFile(jar) as archive:
            found |= {name for entry, name in wanted.items() if entry in archive.NameToInfo}
    for name in MAIN_CLASSES:
        if name in found:
            return name
    raise ServerError(f"no start class of Neo4j Community in {lib}")


@dataclass
class Server:
    """One Neo4j server on loopback.

    ``start`` after ``kill`` (SIGKILL) or ``stop`` (SIGTERM) goes on with the same data, port and
    password. A folder that was made for the server is removed by ``close``.
    """

    home: Home
    settings: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    port: int = 0
    password: str = field(default_factory=lambda: secrets.token_hex(18), repr=False)
    heap: str = HEAP
    ready_within_s: float = 180.0

    def __post_init__(self) -> None:
        self._own_folder = self.folder is None
        self.root = self.folder or Path(tempfile.mkdtemp(prefix="klaster-neo4j-"))
        self.port = self.port or free_port()
        self._java = find_java(self.home.version)
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.close)

    @property
    def uri(self) -> str:
        """Address of the server."""
        return f"bolt://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int | None:
        """Process id while the server runs."""
        return self._process.pid if self._process else None

    def _configuration(self) -> dict[str, str]:
        root = self.root
        listen = f"127.0.0.1:{self.port}"
        return {
            "server.directories.data": str(root / "data"),
            "server.directories.import": str(root / "import"),
            "server.directories.lib": str(self.home.path / "lib"),
            "server.directories.logs": str(root / "logs"),
            "server.directories.plugins": str(self.home.path / "plugins"),
            "server.directories.run": str(root / "run"),
            "server.directories.transaction.logs.root": str(root / "data" / "transactions"),
            "server.default_listen_address": "127.0.0.1",
            "server.bolt.enabled": "true",
            "server.bolt.listen_address": listen,
            "server.bolt.advertised_address": listen,
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "db.tx_log.preallocate": "false",
            "db.tx_log.rotation.size": "16m",
            **SHARED_SETTINGS,
            **({"dbms.security.procedures.unrestricted": "gds.*"} if self.home.gds else {}),
            **self.settings,
        }

    def _command(self, *arguments: str, heap: str) -> list[str]:
        class_path = os.pathsep.join(
            str(self.home.path / part / "*") for part in ("plugins", "lib")
        )
        return [str(self._java), f"-Xmx{heap}", *JVM_FLAGS, "-cp", class_path, *arguments]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "NEO4J_HOME": str(self.home.path),
            "NEO4J_CONF": str(self.root / "conf"),
        }

    def configure(self) -> None:
        """Write the folders and the configuration file."""
        for name in ("conf", "data", "import", "logs", "run"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        lines = (f"{key}={value}\n" for key, value in sorted(self._configuration().items()))
        (self.root / "conf" / "neo4j.conf").write_text("".join(lines), encoding="utf-8")

    def admin(self, *arguments: str, cwd: Path | None = None) -> str:
        """Run ``neo4j-admin`` with these arguments (the server must be down); return its output."""
        self.configure()
        done = subprocess.run(
            self._command("org.neo4j.cli.AdminTool", *arguments, heap=self.heap),
            env=self._environment(),
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=1800,
            check=False,
        )
        output = (done.stdout + done.stderr).replace(self.password, "***")
        if done.returncode:
            verb = " ".join(arguments[:3])
            raise ServerError(f"neo4j-admin {verb} ended with {done.returncode}:\n{output[-4000:]}")
        return output

    def start(self) -> Self:
        """Start the server and wait until a query answers."""
        self.configure()
        if not (self.root / "data" / "dbms").exists():
            self.admin("dbms", "set-initial-password", self.password)
        in_main = threading.current_thread() is threading.main_thread()
        with (self.root / "console.log").open("ab") as console:
            self._process = subprocess.Popen(
                self._command(
                    main_class(self.home.path / "lib"),
                    f"--home-dir={self.home.path}",
                    f"--config-dir={self.root / 'conf'}",
                    "--console-mode",
                    heap=self.heap,
                ),
                stdout=console,
                stderr=subprocess.STDOUT,
                env=self._environment(),
                start_new_session=True,
                preexec_fn=_die_with_parent if in_main else None,  # noqa: PLW1509
            )
        self._wait_until_ready()
        return self

    def _wait_until_ready(self) -> None:
        from neo4j import GraphDatabase
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        logging.getLogger("neo4j").setLevel(logging.CRITICAL)  # refused connections are expected
        assert self._process is not None
        end = time.monotonic() + self.ready_within_s
        last = ""
        while time.monotonic() < end:
            code = self._process.poll()
            if code is not None:
                raise ServerError(f"Neo4j ended with {code} at start\n{self.log_tail()}")
            try:
                # A Bolt port can answer before the database does: only a query tells.
                with GraphDatabase.driver(
                    self.uri,
                    auth=("neo4j", self.password),
                    connection_timeout=2,
                    max_transaction_retry_time=0,
                ) as driver:
                    driver.execute_query("RETURN 1", database_="neo4j")
                    return
            except AuthError as reason:
                self.kill()
                raise ServerError("the server does not know its own password") from reason
            except (DriverError, Neo4jError, OSError) as reason:
                last = str(reason)
                time.sleep(0.25)
        self.kill()
        raise ServerError(
            f"no answer within {self.ready_within_s:.0f} s: {last}\n{self.log_tail()}"
        )

    def log_tail(self, lines: int = 40) -> str:
        """Return the last lines of the server's logs, without the password."""
        parts = []
        for log in (self.root / "console.log", self.root / "logs" / "debug.log"):
            if log.exists():
                text = log.read_text(encoding="utf-8", errors="replace")
                parts += [f"--- {log.name}", *text.splitlines()[-lines:]]
        return "\n".join(parts).replace(self.password, "***")

    def stop(self) -> None:
        """Ask the server to end (SIGTERM); kill it where it takes longer than a minute."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
        self._process = None

    def kill(self) -> None:
        """Kill the server at once (SIGKILL), as a power cut would."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._process = None

    def close(self) -> None:
        """Kill the server and remove its folder where it was made for it."""
        self.kill()
        if self._own_folder:
            shutil.rmtree(self.root, ignore_errors=True)
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


# -- command line --------------------------------------------------------------------------------


def _run(arguments: argparse.Namespace) -> int:
    home = assemble(arguments.version, arguments.gds)
    folder = Path(arguments.data).resolve() if arguments.data else None
    password = os.environ.get("NEO4J_TEST_PASSWORD") or secrets.token_hex(18)
    with Server(home, folder=folder, port=arguments.port, password=password) as server:
        server.start()
        if arguments.command:
            environment = {
                **os.environ,
                "NEO4J_TEST_URI": server.uri,
                "NEO4J_TEST_PASSWORD": server.password,
                "NEO4J_PASSWORD": server.password,
            }
            code = subprocess.call(arguments.command, env=environment)
            if not arguments.keep:
                server.stop()
                return code
        note = server.root / "password.txt"
        note.touch(mode=0o600)
        note.write_text(server.password + "\n", encoding="utf-8")
        print(f"Neo4j {arguments.version} answers at {server.uri}, user neo4j", flush=True)
        print(f"password in {note}; Ctrl-C stops the server", flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.sigwait({signal.SIGINT, signal.SIGTERM})
        server.stop()
    return 0


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    commands = parser.add_subparsers(dest="action", required=True)
    for action in ("assemble", "run"):
        sub = commands.add_parser(action)
        sub.add_argument("--version", default=VERSION, help=f"Neo4j version ({VERSION})")
        sub.add_argument("--gds", help=f"OpenGDS version, as {GDS_VERSION}; none by default")
        if action == "run":
            sub.add_argument("--data", help="folder to keep the data in (default: a new one)")
            sub.add_argument("--port", type=int, default=0, help="Bolt port (default: a free one)")
            sub.add_argument("--keep", action="store_true", help="stay up after COMMAND")
            sub.add_argument("command", nargs="*", help="run this, with the server's address set")
    arguments = parser.parse_args()
    try:
        if arguments.action == "assemble":
            home = assemble(arguments.version, arguments.gds)
            print(f"{home.path}: {len(list((home.path / 'lib').glob('*.jar')))} jars")
            return 0
        return _run(arguments)
    except ServerError as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
