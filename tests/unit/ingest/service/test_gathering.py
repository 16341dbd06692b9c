"""Small requests that come close together share a round; nobody else waits."""

import asyncio

from tests.helpers.ingest_kit import World, an_event, raws

BEAT_S = 0.05
NEVER_S = 3_600.0  # a test that waits for it does not end


async def world(gather_s: float) -> World:
    return await World(mode="wall", gather_s=gather_s).start()


async def test_the_first_request_of_a_quiet_time_does_not_wait() -> None:
    """Nothing else is there to be waited for."""
    w = await world(NEVER_S)
    await w.service.accept("card", raws(an_event("e1")))
    assert w.log.sizes == [1]


async def test_small_requests_share_the_next_round() -> None:
    """Three that follow closely are published and recorded together, each with its own result."""
    w = await world(BEAT_S)
    await w.service.accept("card", raws(an_event("e1")))
    answers = await asyncio.gather(
        *(w.service.accept("card", raws(an_event(f"e{n}"))) for n in (2, 3, 2))
    )
    assert w.log.sizes == [1, 2]
    assert [answer[0].status for answer in answers] == ["accepted", "accepted", "duplicate"]


async def test_a_request_that_is_worth_a_round_takes_the_small_ones_along() -> None:
    """It does not wait for the beat, nor does what waits already."""
    w = await world(NEVER_S)
    await w.service.accept("card", raws(an_event("e1")))
    small = asyncio.create_task(w.service.accept("card", raws(an_event("e2"))))
    await asyncio.sleep(0.01)
    assert w.log.sizes == [1]
    await w.service.accept("card", raws(*(an_event(f"l{n}") for n in range(500))))
    assert [result.status for result in await small] == ["accepted"]
    assert w.log.sizes == [1, 501]
