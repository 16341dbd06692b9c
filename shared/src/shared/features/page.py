"""The catalogue as a page for people: `docs/indicators.md` is generated from it."""

from shared.features.catalogue import CATALOGUE, catalogue_hash
from shared.features.coverage import FULL, OBSERVED
from shared.features.evaluate import BASELINE_FLOOR
from shared.features.frame import past_windows
from shared.features.indicator import Indicator
from shared.features.slots import CLOCKLESS_GATE, CLOCKLESS_MEAL, DAY_MINUTES

_RULES = {
    "all": "a day counts when {least} of what its streams owe was delivered",
    "usual": "a day counts when {least} of what the feeds that usually see this student owe came",
    "record": "from the life record; known once the feed was alive or the record holds anything",
}
_DIRECTIONS = {"up": "a higher value raises concern", "down": "a lower value raises concern"}


def page() -> str:
    """Render the catalogue as the page `docs/indicators.md`."""
    head = _PAGE_HEAD.format(n=len(CATALOGUE), hash=catalogue_hash(), floor=BASELINE_FLOOR)
    rows = "\n".join(f"| [{i.id}](#{_anchor(i)}) | {i.zh} | {i.en} | {i.unit} |" for i in CATALOGUE)
    table = f"| id | 中文 | English | unit |\n|---|---|---|---|\n{rows}\n"
    return "\n".join([head, table, *map(_entry, CATALOGUE)])


def _anchor(one: Indicator) -> str:
    return f"{one.id}--{one.zh}"


def _entry(one: Indicator) -> str:
    direction = _DIRECTIONS.get(one.direction, "either way raises concern")
    return (
        f"## {one.id} · {one.zh}\n\n{one.en}, in {one.unit}.\n\n"
        f"- **Formula**: {one.formula}\n"
        f"- **Window**: {one.window_days} days; **direction**: {direction}\n"
        f"- **Streams**: {', '.join(one.streams)}\n"
        f"- **Coverage**: {_coverage(one)}\n"
        f"- **Own baseline**: {_baseline(one)}\n"
        f"- **Calendar**: {_calendar(one)}\n"
        f"- **Evidence**: {one.grade} ({', '.join(one.sources)})\n"
    )


def _coverage(one: Indicator) -> str:
    parts = [_RULES[one.rule].format(least=f"{OBSERVED / FULL:.0%}")]
    if one.rule != "record" and one.has_floor:
        parts.append("missing with less than half of the window's days")
    if one.clockless & (CLOCKLESS_MEAL | CLOCKLESS_GATE):
        parts.append("a day with an event of unknown hour does not count")
    if one.closes_at < DAY_MINUTES:
        hours, minutes = divmod(one.closes_at + 240, 60)
        parts.append(f"today counts from {hours:02}:{minutes:02}")
    return "; ".join(parts)


def _baseline(one: Indicator) -> str:
    past = past_windows(one.window_days) if one.own_past else 0
    if past:
        return f"median and P5-P95 of {past} windows that end within the eight weeks before"
    return "none: the formula looks at the past itself, or the value needs no comparison"


def _calendar(one: Indicator) -> str:
    if one.rule == "record":
        return "not masked: what is on record stays on record"
    nights = ", nor the night before them" if one.spans_night else ""
    return f"masked days (holiday, leave, internship, exemption) do not count{nights}"


_PAGE_HEAD = """# Indicators

Generated from `shared/features/entries`: {n} indicators, catalogue hash
`{hash}`.
A model states the hash that it was trained on and refuses any other. Evidence grades: G1 campus
data against a depression measure, G2 phone, wearable or survey against depression, G3 campus data
against grades or another outcome, G4 practice or expert rule, G5 our own extension.

What holds for all of them:

- **Zero is a value.** Nothing seen while the feeds were alive is 0, or missing where a share or a
  moment of nothing is undefined; nothing seen while they were dead is missing at coverage 0.
- **Coverage** is the delivered share of what was due in the window, over days that are not masked.
- **Own baseline**: the same formula over the student's own past, with the same mix of weekdays.
- **Cohort fallback**: with fewer than {floor} observed days of past there is no usual value; the
  model then compares with the median of the cohort that it was trained on, and the sentence tells
  what is usual among the student's peers that day, and that it is theirs: the median of college and
  intake year, else of the college, else of everybody, of 20 students at least. Exam weeks are no
  mask but context of a vector, since they move everybody.
- **Test**: each has examples counted by hand in `tests/unit/shared/features/test_indicators*.py`
  or `test_life.py`; a test fails for an entry without one.
"""
