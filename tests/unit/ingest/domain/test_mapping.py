"""Rows to events: subjects, ids, filters, checks, lookups."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.helpers.feed_descriptions import SHOP_ROW, a_description

from ingest.domain.mapping import RowMapper
from ingest.domain.mapping_outcome import Mapped, Refused
from ingest.domain.mapping_values import lookup_table
from shared.contracts.event import CardSwiped

KEY = b"k" * 32


def mapped(row: dict[str, str], **changes: Any) -> dict[str, Any]:
    outcome = RowMapper(a_description(**changes), {}, KEY).map(row)
    assert isinstance(outcome, Mapped), outcome
    return outcome.event


def refused(row: dict[str, str], **changes: Any) -> Refused:
    outcome = RowMapper(a_description(**changes), {}, KEY).map(row)
    assert isinstance(outcome, Refused), outcome
    return outcome


def test_a_row_becomes_an_event_of_the_contract() -> None:
    """A good row becomes an event that the contract's own decoder accepts."""
    event = msgspec.json.decode(msgspec.json.encode(mapped(SHOP_ROW)), type=CardSwiped)
    assert isinstance(event, CardSwiped)
    assert (event.time, event.timeprecision) == ("2026-03-02T04:05:00Z", "minute")
    assert (event.data.merchant, event.data.amount) == ("meal", 8.5)


def test_the_same_row_has_the_same_id_and_another_row_another() -> None:
    """An id depends on the columns of the id rule and on nothing else."""
    assert mapped(SHOP_ROW)["id"] == mapped(SHOP_ROW)["id"]
    assert mapped(SHOP_ROW | {"place": "超市"})["id"] == mapped(SHOP_ROW)["id"]
    assert mapped(SHOP_ROW | {"amount": "9"})["id"] != mapped(SHOP_ROW)["id"]


def test_an_id_cannot_be_computed_without_the_key() -> None:
    """Ids are keyed, so that nobody can try out student numbers against them."""
    other = RowMapper(a_description(), {}, b"o" * 32).map(SHOP_ROW)
    assert isinstance(other, Mapped)
    assert other.event["id"] != mapped(SHOP_ROW)["id"]
    assert "S1" not in str(mapped(SHOP_ROW)["id"])


@given(st.text("ab1", min_size=1), st.text("ab1", min_size=1))
def test_neighbouring_columns_do_not_run_together(one: str, two: str) -> None:
    """Moving a character from one id column to the next gives another id."""
    rule: dict[str, Any] = {"id": ["student", "place"], "data": {"merchant": "meal", "amount": 1}}
    first = mapped(SHOP_ROW | {"student": one, "place": two}, **rule)
    moved = mapped(SHOP_ROW | {"student": one + two[0], "place": two[1:]}, **rule)
    assert first["id"] != moved["id"]


def test_the_moment_can_stand_in_the_id_instead_of_its_spelling() -> None:
    """`1703132975` and `1703132975.0` are one moment and give one id."""
    rule = {"id": ["student", "@time"], "time": {"kind": "epoch", "column": "clock"}}
    first = mapped(SHOP_ROW | {"clock": "1703132975"}, **rule)
    assert first["id"] == mapped(SHOP_ROW | {"clock": "1703132975.0"}, **rule)["id"]
    assert first["time"] == "2023-12-21T04:29:35Z"


def test_a_prefix_keeps_two_ranges_of_numbers_apart() -> None:
    """Number 17 of one part is not number 17 of the other."""
    subject = {"column": "student", "prefix": "training-"}
    assert mapped(SHOP_ROW, subject=subject)["subject"] == "training-S1"


def test_an_empty_student_number_is_refused() -> None:
    """A row without a student has no event."""
    assert refused(SHOP_ROW | {"student": ""}) == Refused("no_subject", "student")


@pytest.mark.parametrize(
    ("change", "reason", "column"),
    [
        ({"amount": ""}, "empty_value", "amount"),
        ({"amount": "eight"}, "not_a_number", "amount"),
        ({"amount": "nan"}, "not_a_number", "amount"),
        ({"amount": "1e999"}, "not_a_number", "amount"),
        ({"amount": "1_000"}, "not_a_number", "amount"),
        ({"amount": "-3"}, "bad_value", "amount"),
        ({"amount": "200000"}, "bad_value", "amount"),
        ({"place": "操场"}, "unmapped_value", "place"),
        ({"day": "2026-02-30"}, "bad_time", "day"),
        ({"clock": "25:00"}, "bad_time", "day"),
    ],
)
def test_a_bad_cell_is_refused_with_its_column(
    change: dict[str, str], reason: str, column: str
) -> None:
    """The reason of a refusal names the column at fault."""
    assert refused(SHOP_ROW | change) == Refused(reason, column)


def test_a_filter_leaves_rows_out_with_its_name() -> None:
    """Filtered rows carry the filter's name, so that they can be counted apart."""
    filters = [{"name": "snacks", "column": "place", "drop": ["超市"]}]
    assert refused(SHOP_ROW | {"place": "超市"}, filters=filters).reason == "filtered:snacks"
    assert mapped(SHOP_ROW, filters=filters)
    keep = [{"name": "others", "column": "place", "keep": ["超市"]}]
    assert refused(SHOP_ROW, filters=keep).reason == "filtered:others"


def test_a_check_refuses_a_corrupted_value() -> None:
    """A value outside a column's list is refused even where no field reads the column."""
    checks = [{"column": "place", "values": ["超市"]}]
    assert refused(SHOP_ROW, checks=checks) == Refused("unexpected_value", "place")


def with_cards(pairs: list[tuple[str, str]], card: str) -> Mapped | Refused:
    lookups = {
        "cards": {"name": "card", "file": {"glob": "cards.csv"}, "key": "k", "value": "v"},
    }
    subject = {"column": "student", "lookup": "cards"}
    description = a_description(lookups=lookups, subject=subject)
    return RowMapper(description, {"cards": lookup_table("card", pairs)}, KEY).map(
        SHOP_ROW | {"student": card}
    )


def test_a_card_leads_to_its_student() -> None:
    """A lookup turns a card number into a student number; a repeated pair is no ambiguity."""
    found = with_cards([("c1", "S1"), ("c1", "S1"), ("c2", "S2")], "c1")
    assert isinstance(found, Mapped)
    assert found.event["subject"] == "S1"


def test_unknown_and_ambiguous_cards_are_refused() -> None:
    """A card of nobody and a card of two students are told apart, and neither is guessed."""
    pairs = [("c1", "S1"), ("c1", "S2")]
    assert with_cards(pairs, "c9") == Refused("unknown_card", "student")
    assert with_cards(pairs, "c1") == Refused("ambiguous_card", "student")


def test_the_place_of_an_events_fault_leads_back_to_its_column() -> None:
    """What the accept path says of an event is told in the words of the file."""
    mapper = RowMapper(a_description(), {}, KEY)
    places = ["$.data.amount", "$.data.merchant", "$.subject", "$.source", None]
    assert [mapper.column_of(p) for p in places] == ["amount", "place", "student", None, None]


def test_numbers_are_scaled_and_divided() -> None:
    """A rank among 40 becomes a percentile; zero and unreadable divisors are refused."""
    grade = {
        "type": "lantern.grade.posted.v1",
        "columns": {"student": 1, "day": 2, "clock": 3, "rank": 4, "size": 5},
        "id": ["student"],
        "file": {"glob": "x", "header": False},
    }

    def data(ratio: dict[str, Any]) -> dict[str, Any]:
        percentile = {"column": "rank", "as": "number", "divide_by": ratio}
        return {"term": "t1", "status": "ranked", "percentile": percentile}

    row = {"student": "S", "day": "2026-03-02", "clock": "08:00", "rank": "10", "size": "40"}
    assert mapped(row, **grade, data=data({"constant": 40}))["data"]["percentile"] == 0.25
    assert mapped(row, **grade, data=data({"column": "size"}))["data"]["percentile"] == 0.25
    nothing = refused(row | {"size": "0"}, **grade, data=data({"column": "size"}))
    assert nothing == Refused("division_by_zero", "size")
    beyond = refused(row | {"rank": "41"}, **grade, data=data({"constant": 40}))
    assert beyond == Refused("bad_value", "rank")


def test_whole_numbers_and_booleans_are_read_as_spreadsheets_write_them() -> None:
    """`3.0` is a whole number, `是` is true, anything else is refused."""
    loans = {
        "type": "lantern.library.loaned.v1",
        "data": {"action": "loan", "items": {"column": "amount", "as": "integer"}},
    }
    assert mapped(SHOP_ROW | {"amount": "3.0"}, **loans)["data"]["items"] == 3
    assert refused(SHOP_ROW | {"amount": "3.5"}, **loans) == Refused("not_an_integer", "amount")
    gate = {
        "type": "lantern.gate.passed.v1",
        "data": {
            "gate": "dorm",
            "place": {"column": "place"},
            "direction": "in",
            "granted": {"column": "amount", "as": "boolean"},
        },
    }
    assert mapped(SHOP_ROW | {"amount": "是"}, **gate)["data"]["granted"] is True
    assert refused(SHOP_ROW | {"amount": "2"}, **gate) == Refused("not_a_boolean", "amount")


def test_an_optional_empty_cell_leaves_its_field_out() -> None:
    """An optional field of an empty cell is absent, never zero."""
    data = {
        "merchant": "meal",
        "amount": {"column": "amount", "as": "number"},
        "device": {"column": "place", "optional": True},
    }
    assert "device" not in mapped(SHOP_ROW | {"place": ""}, data=data)["data"]
