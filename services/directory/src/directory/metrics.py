"""Every metric of directory, named once."""

from prometheus_client import CollectorRegistry, Counter, Gauge

from directory.domain.reveal import RevealDecision
from directory.domain.roster.report import Report


class DirectoryMetrics:
    """Counters without any label that could name a person."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._reveals = Counter(
            "directory_reveals",
            "Attempts to open an identity, by outcome and reason.",
            ["outcome", "reason"],
            registry=registry,
        )
        self._rows = Counter(
            "directory_roster_rows",
            "Roster lines, by file and result.",
            ["file", "result"],
            registry=registry,
        )
        self._published = Counter(
            "directory_facts_published",
            "Student facts acknowledged by the broker.",
            registry=registry,
        )
        self._waiting = Gauge(
            "directory_outbox_waiting", "Records that wait for the broker.", registry=registry
        )
        self._away = Counter(
            "directory_publish_failures", "Publishing tries that failed.", registry=registry
        )
        self._audit_day = Gauge(
            "directory_audit_heads_signed",
            "Signed audit heads of this process.",
            registry=registry,
        )

    def revealed(self, decision: RevealDecision) -> None:
        self._reveals.labels(decision.outcome, decision.reason.value).inc()

    def imported(self, report: Report) -> None:
        for name, file in report.files.items():
            for outcome, count in file.counts.items():
                self._rows.labels(name, outcome).inc(count)

    def published(self, records: int) -> None:
        self._published.inc(records)

    def waiting(self, records: int) -> None:
        self._waiting.set(records)

    def publish_failed(self) -> None:
        self._away.inc()

    def head_signed(self) -> None:
        self._audit_day.inc()
