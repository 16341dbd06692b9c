"""Stored states: the text in the tables outlives every version of the code."""

import pytest
from msgspec.structs import replace
from tests.helpers.alerts import after, assessed, day, urgent

from alerts.domain.alert import ModelTrack, StudentState
from alerts.repository.codec import decode_state, encode_state

NEW = (
    '{"student":"s1","model":{"position":-1,"revision":0,"as_of":null,"level":"none",'
    '"band":"none","held_since":{},"clean_reviews":0,"reviewed_at":null,"clean_since":null,'
    '"answered":"none","answered_at":null,"noted_at":null,"is_withheld":false,'
    '"has_abstained":false,"coverage":null,"assessment":null},"rule":{"level":"none",'
    '"red_clock_until":null,"seen":[]},"person":"none","alert":null}'
)
FULL = (
    '{"student":"s1","model":{"position":7,"revision":2,"as_of":"2026-09-14T01:00:00Z",'
    '"level":"orange","band":"orange","held_since":{"blue":"2026-09-08T01:00:00Z",'
    '"orange":"2026-09-14T01:00:00Z","yellow":"2026-09-08T01:00:00Z"},"clean_reviews":0,'
    '"reviewed_at":"2026-09-14T01:00:00Z","clean_since":null,"answered":"none",'
    '"answered_at":null,"noted_at":"2026-09-14T01:00:00Z","is_withheld":false,'
    '"has_abstained":false,"coverage":0.86,"assessment":"assessment_s1_7_2"},'
    '"rule":{"level":"orange","red_clock_until":"2026-09-12T01:15:00Z",'
    '"seen":["signal_s1_1"]},"person":"none",'
    '"alert":{"id":"alert_afe350c3f2db78f10a87f04b4f5979b8","opened_by":"assessment_s1_1",'
    '"opened_at":"2026-09-08T01:00:00Z","level":"orange","updated_at":"2026-09-14T01:00:00Z",'
    '"status":"open","sequence":5,"reason":"phq9_item9","told":["college","team","school"],'
    '"reasons":["threshold_crossed","phq9_item9","abstained"],"acknowledged_by":[],'
    '"verdict":null,"is_silent":false}}'
)


@pytest.mark.parametrize("stored", [NEW, FULL])
def test_a_stored_state_is_read_and_written_the_same_to_the_byte(stored: str) -> None:
    """What an earlier version wrote keeps its order of fields and its written-out defaults."""
    assert encode_state(decode_state(stored)) == stored


def test_decisions_store_the_text_that_they_always_stored() -> None:
    """A course of a rise, a signal, an abstention and a new model gives the known text."""
    state, _ = after(
        assessed(0.3, 1),
        assessed(0.3, 5),
        urgent(red_clock=True, at=day(5)),
        assessed(None, 6),
        assessed(0.6, 7, revision=2),
    )
    assert encode_state(state) == FULL
    assert encode_state(StudentState("s1")) == NEW


def test_what_an_older_state_lacks_has_its_default() -> None:
    """Fields that came later may be absent, and no two states share what they hold by default."""
    read = decode_state('{"student":"s1","model":{"position":3}}')
    assert read == StudentState("s1", model=ModelTrack(position=3))
    assert replace(read, person="red").level == "red"
    assert ModelTrack().held_since is not ModelTrack().held_since
