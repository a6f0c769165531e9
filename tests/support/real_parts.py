"""Finds or installs tests' real parts: Java, Maven, jars; bubblewrap, Node.js; PostgreSQL.

Runs as a script before any of the project's packages is needed, so the standard library is all it
uses. On Debian and Ubuntu root gets the packages installed; elsewhere it says what to install.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

KAFKA_VERSION = "4.3.1"
MIN_JAVA = 17
MIN_POSTGRES = 14
SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
SANDBOX_PARTS = {
    "bwrap": "bubblewrap",
    "node": "nodejs",
    "python3": "python3",
    "setpriv": "util-linux",
}
ATTEMPTS = 3
PAUSE_S = 10.0
APT_PATIENCE = ("-o", "Acquire::Retries=5", "-o", "DPkg::Lock::Timeout=300")
POM = Path(__file__).with_name("pom.xml")
INSTRUCTIONS = f"""\
The tests talk to a real Apache Kafka {KAFKA_VERSION}, made from Maven Central's jars. It needs:
  - a Java runtime, version {MIN_JAVA} or later   (Debian/Ubuntu: openjdk-17-jre-headless,
    Fedora: java-21-openjdk-headless, macOS: brew install openjdk@21); JAVA_HOME is looked at first
  - Maven                              (Debian/Ubuntu/Fedora: maven, macOS: brew install maven)
The sandbox that code from results runs in needs:
  - bubblewrap                         (Debian/Ubuntu/Fedora: bubblewrap), which needs Linux
  - Node.js                            (Debian/Ubuntu/Fedora: nodejs)
  - a Python that every user may read  (Debian/Ubuntu/Fedora: python3)
The stores for several machines run on a real server:
  - PostgreSQL {MIN_POSTGRES} or later, with its server  (Debian/Ubuntu: postgresql,
    Fedora: postgresql-server, macOS: brew install postgresql@17); its programs in PATH
Then run `make test` again. Tests that do not stop the broker can use one of yours instead:
PLIMSOLL_TEST_KAFKA=host:port make test"""


class PartMissingError(RuntimeError):
    """A part is not there and cannot be had; the message says what to do."""


def say(text: str) -> None:
    """Progress, for people."""
    print(f"real parts: {text}", flush=True)


def told(*parts: Callable[[], Path]) -> int:
    """Gets parts and says where they are, for a command; its exit code: 1 where one is missing."""
    try:
        for part in parts:
            say(str(part()))
    except PartMissingError as missing:
        print(missing, file=sys.stderr)
        return 1
    return 0


def java_version(java: str) -> int:
    """The feature version of a Java binary, 0 where it does not run."""
    try:
        answer = subprocess.run([java, "-version"], capture_output=True, text=True, check=False)
    except OSError:
        return 0
    found = re.search(r'version "(\d+)', answer.stderr + answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else 0


def java_candidates() -> Iterable[str]:
    """Where a Java binary may be, the most deliberate choice first."""
    home = os.environ.get("JAVA_HOME")
    if home:
        yield str(Path(home, "bin", "java"))
    yield "java"
    for folder in ("/usr/lib/jvm", "/opt/homebrew/opt", "/usr/local/opt"):
        yield from sorted(str(path) for path in Path(folder).glob("*/bin/java"))


def find_java() -> str | None:
    """A Java that can run the broker, or None."""
    return next((java for java in java_candidates() if java_version(java) >= MIN_JAVA), None)


def cache_dir() -> Path:
    """Where the jars are kept: outside the tree, for every clone."""
    root = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(root, "plimsoll", f"kafka-{KAFKA_VERSION}")


def fetched(
    *command: str, again: Sequence[str] = (), **options: Any
) -> subprocess.CompletedProcess[str]:
    """Runs what fetches from a network, up to three times; gives how it ended at last.

    `again` is added from the second time on. A registry may be slow or away for a moment, and
    another process may hold the lock of a package manager.
    """
    for attempt in range(1, ATTEMPTS + 1):
        whole = [*command, *(again if attempt > 1 else ())]
        answer = subprocess.run(whole, capture_output=True, text=True, check=False, **options)
        if answer.returncode == 0 or attempt == ATTEMPTS:
            break
        say(f"{Path(command[0]).name} failed; it is tried again in {PAUSE_S * attempt:g} s")
        time.sleep(PAUSE_S * attempt)
    return answer


def apt_get(*arguments: str) -> None:
    """Runs apt-get, where this is root on Debian or Ubuntu; PartMissingError elsewhere."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PartMissingError(INSTRUCTIONS)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", *APT_PATIENCE, *arguments]
    answer = fetched(*command, env=environment)
    if answer.returncode != 0:
        raise PartMissingError(f"{' '.join(command)} failed:\n{answer.stderr}\n{INSTRUCTIONS}")


def install_package(choose: Callable[[], str]) -> None:
    """Installs the package that is chosen once the lists are fresh."""
    apt_get("update", "-qq")
    package = choose()
    say(f"installing {package} by apt-get (about a minute)")
    apt_get("install", "-y", "-qq", "--no-install-recommends", package)


def require_java() -> str:
    """A Java that can run the broker, installed where that is possible."""
    java = find_java()
    if java is None:
        install_package(oldest_runtime)
        java = find_java()
    if java is None:
        raise PartMissingError(INSTRUCTIONS)
    return java


def oldest_runtime() -> str:
    """The package of the oldest Java runtime that will do and that apt offers."""
    for version in (17, 21, 25):
        package = f"openjdk-{version}-jre-headless"
        shown = subprocess.run(
            ["apt-cache", "show", package], capture_output=True, text=True, check=False
        )
        if shown.returncode == 0 and shown.stdout.strip():
            return package
    return "default-jre-headless"


def require_maven() -> str:
    """Maven's command, installed where that is possible."""
    if shutil.which("mvn") is None:
        install_package(lambda: "maven")
    maven = shutil.which("mvn")
    if maven is None:
        raise PartMissingError(INSTRUCTIONS)
    return maven


def require_sandbox() -> None:
    """bubblewrap, Node.js and a Python of the system, installed where that is possible."""
    for program, package in SANDBOX_PARTS.items():
        if shutil.which(program, path=SYSTEM_PATH) is None:
            install_package(lambda package=package: package)  # type: ignore[misc]  # bound at once
        if shutil.which(program, path=SYSTEM_PATH) is None:
            raise PartMissingError(INSTRUCTIONS)


def postgres_version(programs: Path) -> int:
    """The major version of the server in that folder, 0 where it does not run."""
    try:
        answer = subprocess.run(
            [programs / "postgres", "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    found = re.search(r"(\d+)", answer.stdout)
    return int(found.group(1)) if answer.returncode == 0 and found else 0


def postgres_candidates() -> Iterable[Path]:
    """Where PostgreSQL's programs may be, the most deliberate choice first."""
    named = shutil.which("initdb")
    if named:
        yield Path(named).resolve().parent
    for pattern in (
        "/usr/lib/postgresql/*/bin",
        "/usr/pgsql-*/bin",
        "/opt/homebrew/opt/postgresql*/bin",
    ):
        yield from sorted(Path("/").glob(pattern.lstrip("/")), reverse=True)


def find_postgres() -> Path | None:
    """The folder of a server that will do, or None."""
    folders = (one for one in postgres_candidates() if (one / "initdb").exists())
    return next((one for one in folders if postgres_version(one) >= MIN_POSTGRES), None)


def require_postgres() -> Path:
    """The folder with PostgreSQL's programs, installed where that is possible."""
    found = find_postgres()
    if found is None:
        # Without the server that the package would start: tests start their own.
        settings = Path("/etc/postgresql-common/createcluster.conf")
        if os.geteuid() == 0 and not settings.exists():
            settings.parent.mkdir(parents=True, exist_ok=True)
            settings.write_text("create_main_cluster = false\n", encoding="utf-8")
        install_package(lambda: "postgresql")
        found = find_postgres()
    if found is None:
        raise PartMissingError(INSTRUCTIONS)
    return found


def require_jars() -> Path:
    """The folder with the broker's jars, fetched once for all clones and processes."""
    jars = cache_dir()
    if jars.is_dir():
        return jars
    jars.parent.mkdir(parents=True, exist_ok=True)
    with Path(f"{jars}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.is_dir():
            fetch_jars(jars)
    return jars


def fetch_jars(jars: Path) -> None:
    """Has Maven resolve the jars into a folder that gets its name only when it is whole."""
    maven = require_maven()
    say(f"fetching Apache Kafka {KAFKA_VERSION} (92 jars, 54 MB) into {jars}")
    partial = jars.with_name(f"{jars.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    command = [maven, "-q", "-B", "-f", str(POM), "dependency:copy-dependencies"]
    options = [f"-DoutputDirectory={partial}", "-DincludeScope=runtime"]
    # Maven remembers what it could not find, and does not look again unless told to.
    answer = fetched(*command, *options, again=["-U"])
    if answer.returncode != 0:
        shutil.rmtree(partial, ignore_errors=True)
        raise PartMissingError(
            f"Maven could not fetch Kafka's jars; is Maven Central, or the mirror that "
            f"~/.m2/settings.xml names, within reach?\n{answer.stdout[-2000:]}{answer.stderr}"
        )
    partial.rename(jars)


def main() -> int:
    """Makes everything ready, or says what is missing; the exit code is the answer."""
    try:
        require_sandbox()
        postgres = require_postgres()
        java = require_java()
        jars = require_jars()
    except PartMissingError as missing:
        print(missing, file=sys.stderr)
        if os.environ.get("PLIMSOLL_TEST_KAFKA"):
            say("going on with PLIMSOLL_TEST_KAFKA; tests that kill a broker will fail")
            return 0
        return 1
    say(f"PostgreSQL {postgres_version(postgres)} ({postgres})")
    say(f"Java {java_version(java)} ({java}), Apache Kafka {KAFKA_VERSION} ({jars})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
