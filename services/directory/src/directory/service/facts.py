"""Tell others what changed about students: recompute, compare, publish in the same transaction."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from directory.domain.facts import masks_of, next_facts, place_of
from directory.domain.ports import Stores
from shared.kernel.campus_time import campus_day, format_utc


class FactsPublisher:
    """Recomputes facts of some students, or of all, as of a moment."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def today(self, now: datetime) -> str:
        return campus_day(now, self._zone).isoformat()

    async def refresh(
        self, stores: Stores, now: datetime, pseudonyms: Sequence[str] | None = None
    ) -> int:
        """Publish the facts that differ from what was last told; return how many."""
        day, moment = self.today(now), format_utc(now)
        students = await stores.students.load(pseudonyms)  # locks first: what follows is fresh
        tree = await stores.org.tree()
        calendar = await stores.org.calendar()
        some = None if pseudonyms is None else students
        memberships = await stores.students.memberships(some)
        leaves = await stores.students.leaves(pseudonyms)
        changed = []
        for student in students:
            place = place_of(memberships.get(student.person, ()), tree, day)
            masks = masks_of(place, calendar, leaves.get(student.pseudonym, ()))
            facts = next_facts(student, place, masks, moment)
            if facts is not None:
                changed.append(facts)
        if changed:
            await stores.students.publish(changed)
        return len(changed)
