"""When a message is tried again."""

from hypothesis import given
from hypothesis import strategies as st

from alerts.domain.ports import LaterError
from alerts.domain.retries import Retries
from shared.kernel.errors import DeliveryError

RETRIES = Retries(attempts=5, first_s=2.0, longest_s=60.0)


@given(st.integers(1, 4), st.floats(0, 1))
def test_pauses_grow_with_jitter_inside_their_bounds(attempts: int, dice: float) -> None:
    """Each pause lies in the upper half of a doubling bound."""
    pause = RETRIES.pause_after(attempts, DeliveryError("x", retry=True), dice)
    bound = min(2.0 * 2 ** (attempts - 1), 60.0)
    assert pause is not None
    assert bound / 2 <= pause <= bound


def test_it_gives_up_after_the_last_attempt_or_when_told() -> None:
    """The limit of attempts and a final refusal both end the chain."""
    assert RETRIES.pause_after(5, DeliveryError("x", retry=True), 0.5) is None
    assert RETRIES.pause_after(1, DeliveryError("x", retry=False), 0.5) is None


def test_without_a_limit_it_never_gives_up() -> None:
    """A chain without a limit goes on as long as the fault may pass."""
    endless = Retries(None, 2.0, 60.0)
    assert endless.pause_after(10_000, DeliveryError("x", retry=True), 1.0) == 60
    assert endless.pause_after(1, DeliveryError("x", retry=False), 1.0) is None


@given(st.floats(1, 200_000), st.floats(0.5, 10), st.floats(10, 900), st.floats(0, 1))
def test_a_chain_lasts_as_long_as_promised(
    seconds: float, first_s: float, longest_s: float, dice: float
) -> None:
    """However the dice fall, the pauses of a lasting chain add up to the time promised."""
    chain, total, attempts = Retries.lasting(seconds, first_s, longest_s), 0.0, 1
    while (pause := chain.pause_after(attempts, DeliveryError("x", retry=True), dice)) is not None:
        total += pause
        attempts += 1
    assert total >= seconds * 0.999


def test_the_providers_wish_is_a_bounded_lower_bound() -> None:
    """`Retry-After` is respected, but a wish for a week is cut to the longest pause."""
    assert RETRIES.pause_after(1, LaterError("http_429", after_s=30), 0.5) == 30
    assert RETRIES.pause_after(1, LaterError("http_429", after_s=1e6), 0.5) == 60
