"""One module a feed: each turns a day of everybody's life into event tables."""

from collections.abc import Callable

from simulator.life import Day
from simulator.streams import card, care, doors, learning, library, network, records, research
from simulator.table import Table

Stream = Callable[[Day], list[Table]]
STREAMS: tuple[Stream, ...] = (
    card.swipes,
    doors.passes,
    library.visits,
    network.sessions,
    learning.activities,
    research.attendance,
    research.contacts,
    records.grades_and_milestones,
    care.screenings_and_reports,
)
