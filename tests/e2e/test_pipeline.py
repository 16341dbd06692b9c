"""The whole pipeline, undisturbed: a campus goes in over HTTP, alerts come out of Kafka."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.helpers.installation import a_campus, installation

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(480)]


async def a_run(kafka: str, home: Path) -> dict[str, Any]:
    async with installation(kafka, home) as lantern:
        campus = a_campus()
        await lantern.load(campus)
        await lantern.replay(campus, {})
        await lantern.caught_up()
        return {
            "sent": lantern.sent,
            "counts": await lantern.counts(),
            "digests": await lantern.digests(),
            "alerts": await lantern.published_alerts(),
        }


def test_two_runs_of_one_campus_are_equal_and_their_sums_add_up(kafka: str, tmp_path: Path) -> None:
    """Every event sent is accounted for at every stage, and another run ends in the same bits."""
    first = asyncio.run(a_run(kafka, tmp_path / "first"))
    sent, counts = first["sent"], first["counts"]
    assert sent.sent == sum(each["read"] for each in counts.values()) > 9_000
    for feed, each in counts.items():
        assert each["read"] == each["accepted"] + each["duplicate"] + each["rejected"], feed
        assert each["accepted"] == each["applied"] + each["late"] + each["dead"], feed
        assert each["log_duplicate"] == 0, feed
    assert sum(each["duplicate"] for each in counts.values()) > 0
    assert len(first["alerts"]) > 50
    assert (
        len({first["digests"][n] for n in ("aggregates", "vectors", "assessments", "alerts")}) == 4
    )

    second = asyncio.run(a_run(kafka, tmp_path / "second"))
    assert second == first
