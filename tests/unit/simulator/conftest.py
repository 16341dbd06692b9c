"""A small campus, made once."""

from datetime import UTC, datetime

import pytest

from simulator import CampusConfig, Simulation, simulate

SMALL = CampusConfig(
    seed=5,
    students=120,
    teams=8,
    colleges=4,
    days=21,
    end=datetime(2026, 11, 20, 9, 30, tzinfo=UTC),
    outage_rate=0.9,
    late_share=0.05,
    duplicate_share=0.01,
    flows=True,
)


@pytest.fixture(scope="session")
def simulation() -> Simulation:
    """Return a campus of 120 students with many disturbances."""
    return simulate(SMALL)


@pytest.fixture(scope="session")
def events(simulation: Simulation) -> list[bytes]:
    """All of its events, in order of delivery."""
    return [event for day in simulation.days() for event in simulation.to_cloudevents(day)]
