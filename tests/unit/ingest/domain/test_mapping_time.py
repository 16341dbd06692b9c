"""Date pieces: terms, clocks, epochs, written dates, missing clocks."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.mapping_description import EpochTime, PostedTime, Term, TermTime, TextTime
from ingest.domain.mapping_outcome import RowRefusedError
from ingest.domain.mapping_time import clock_of, day_in_term, time_reader
from shared.kernel.campus_time import campus_day, format_utc

ZONE = ZoneInfo("Asia/Shanghai")
AUTUMN = Term(start=date(2012, 9, 1), end=date(2013, 1, 31))
SPRING = Term(start=date(2013, 2, 24), end=date(2013, 7, 31))
TERMS = {"1": AUTUMN, "2": SPRING}
SWIPES = TermTime(kind="term", term="term", month_day="day", clock="clock", terms=TERMS)
DOORS = TextTime(kind="text", columns=("at",), format="%Y/%m/%d %H:%M", missing_clock="0:00")


def read_swipe(term: str, day: str, clock: str) -> str:
    moment = time_reader(SWIPES, ZONE, "second")({"term": term, "day": day, "clock": clock})
    assert moment.precision == "second"
    return format_utc(moment.at)


@given(st.sampled_from([AUTUMN, SPRING]), st.data())
def test_every_day_of_a_term_is_found_again(term: Term, data: st.DataObject) -> None:
    """MMDD of any day of a term leads back to that day, also with its leading zero lost."""
    days = st.integers(0, (term.end - term.start).days)
    day = term.start + timedelta(days=data.draw(days))
    written = day.strftime("%m%d")
    assert day_in_term(written, term) == day
    assert day_in_term(written.lstrip("0"), term) == day


@given(st.integers(0, 86_399))
def test_every_clock_is_read_back(second: int) -> None:
    """HHMMSS of any second leads back to it, also with its leading zeros lost."""
    clock = (datetime(2026, 1, 1) + timedelta(seconds=second)).time()
    written = clock.strftime("%H%M%S")
    assert clock_of(written) == clock
    assert clock_of(written.lstrip("0") or "0") == clock


@given(st.text(max_size=8))
def test_no_text_upsets_dates_and_clocks(text: str) -> None:
    """Any text is a day or a clock, or it is neither; nothing is raised."""
    day_in_term(text, AUTUMN)
    clock_of(text)


def test_a_term_crosses_new_year() -> None:
    """January of an autumn term lies in the next year."""
    assert read_swipe("1", "0901", "085756") == "2012-09-01T00:57:56Z"
    assert read_swipe("1", "0102", "000001") == "2013-01-01T16:00:01Z"
    assert read_swipe("2", "0715", "235959") == "2013-07-15T15:59:59Z"


@pytest.mark.parametrize(
    ("pieces", "reason", "column"),
    [
        (("3", "0901", "080000"), "unknown_term", "term"),
        (("1", "0230", "080000"), "bad_date", "day"),
        (("1", "1301", "080000"), "bad_date", "day"),
        (("1", "", "080000"), "bad_date", "day"),
        (("1", "０９０１", "080000"), "bad_date", "day"),
        (("1", "0601", "080000"), "date_outside_term", "day"),
        (("2", "0901", "080000"), "date_outside_term", "day"),
        (("1", "0901", "240000"), "bad_clock", "clock"),
        (("1", "0901", ""), "bad_clock", "clock"),
        (("1", "0901", "0800000"), "bad_clock", "clock"),
    ],
)
def test_bad_pieces_are_refused_with_their_column(
    pieces: tuple[str, str, str], reason: str, column: str
) -> None:
    """Each piece at fault is named."""
    with pytest.raises(RowRefusedError) as refusal:
        read_swipe(*pieces)
    assert (refusal.value.reason, refusal.value.column) == (reason, column)


@given(st.dates(date(2012, 9, 1), date(2013, 1, 31)))
def test_a_day_without_a_clock_lies_in_the_campus_day_of_its_date(day: date) -> None:
    """Day precision never moves an event to the evening before."""
    rule = TermTime(kind="term", term="term", month_day="day", terms=TERMS)
    moment = time_reader(rule, ZONE, "second")({"term": "1", "day": day.strftime("%m%d")})
    assert moment.precision == "day"
    assert campus_day(moment.at, ZONE) == day


def test_rows_of_a_term_are_posted_on_its_day() -> None:
    """Grades without a date are posted on the day that the description names."""
    rule = PostedTime(kind="posted", term="term", days={"1": date(2013, 1, 25)})
    moment = time_reader(rule, ZONE, "second")({"term": "1"})
    assert (format_utc(moment.at), moment.precision) == ("2013-01-25T04:00:00Z", "day")
    with pytest.raises(RowRefusedError, match="unknown_term"):
        time_reader(rule, ZONE, "second")({"term": "2"})


@given(st.integers(0, 4_000_000_000))
def test_epoch_seconds_are_read_with_and_without_a_decimal_point(seconds: int) -> None:
    """`1703132975` and `1703132975.0` are the same moment."""
    read = time_reader(EpochTime(kind="epoch", column="t"), ZONE, "second")
    assert read({"t": str(seconds)}) == read({"t": f"{seconds}.0"})
    assert int(read({"t": str(seconds)}).at.timestamp()) == seconds


@pytest.mark.parametrize("text", ["", "soon", "nan", "inf", "-1", "1e30"])
def test_an_epoch_that_is_none_is_refused(text: str) -> None:
    """Not a number, endless and absurd epochs are refused."""
    read = time_reader(EpochTime(kind="epoch", column="t"), ZONE, "second")
    with pytest.raises(RowRefusedError, match="bad_time"):
        read({"t": text})


def test_a_missing_clock_lowers_the_precision() -> None:
    """`0:00` of a reader without a clock is a day, `0:02` is a minute."""
    read = time_reader(DOORS, ZONE, "minute")
    missing, known = read({"at": "2019/4/1 0:00"}), read({"at": "2019/4/1 0:02"})
    assert (format_utc(missing.at), missing.precision) == ("2019-04-01T04:00:00Z", "day")
    assert (format_utc(known.at), known.precision) == ("2019-03-31T16:02:00Z", "minute")


def test_ten_oclock_is_not_a_missing_clock() -> None:
    """A clock that ends like the mark of a missing one is still a clock."""
    moment = time_reader(DOORS, ZONE, "minute")({"at": "2019/4/1 10:00"})
    assert moment.precision == "minute"


@given(st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1)))
def test_written_dates_are_read_back_without_leading_zeros(moment: datetime) -> None:
    """`2019/4/1 0:02` is read whatever zeros are left out."""
    written = f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment.minute:02}"
    read = time_reader(DOORS, ZONE, "minute")({"at": written})
    if read.precision == "minute":
        local = read.at.astimezone(ZONE).replace(tzinfo=None)
        assert local == moment.replace(second=0, microsecond=0)
    else:
        assert (moment.hour, moment.minute) == (0, 0)
