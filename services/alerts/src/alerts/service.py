"""Use cases: decide on a batch of evidence, and what people do with an alert.

Load, ask the domain, write: one transaction, opened by the caller's edge.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from alerts.domain.alert import Entry, Notice, OpenAlert, StudentState
from alerts.domain.decide import decide
from alerts.domain.evidence import AssessmentEvidence, Evidence
from alerts.domain.persons import Act, Action, retry_message
from alerts.domain.policy import Policy
from alerts.domain.ports import Changes, DecisionStore, Stores
from alerts.domain.review import review
from alerts.domain.settle import Decision
from shared.contracts.alert import AlertEventKind, Tier, Verdict
from shared.kernel.clock import Clock
from shared.kernel.errors import ConflictError, NotFoundError
from shared.kernel.ids import stable_id


@dataclass
class Tally:
    """What a batch came to, for metrics and the log: reasons, and alerts by kind."""

    reasons: Counter[str] = field(default_factory=Counter)
    entries: list[Entry] = field(default_factory=list)

    def add(self, decision: Decision) -> None:
        self.reasons[decision.reason.value] += 1
        self.entries.extend(decision.entries)

    def count(self, *kinds: AlertEventKind) -> Counter[tuple[str, str]]:
        """Return (level, reason) counts of the entries of these kinds."""
        return Counter((e.level, e.reason) for e in self.entries if e.kind in kinds)


def decide_all(
    states: Mapping[str, StudentState],
    evidence: Sequence[Evidence],
    policy: Policy,
    colleges: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Changes, Tally]:
    """Fold evidence over the students' states, in order; pure."""
    now = dict(states)
    changed: set[str] = set()
    alerts: dict[str, tuple[str, OpenAlert]] = {}
    notices: list[Notice] = []
    tally = Tally()
    for each in evidence:
        before = now.get(each.student) or StudentState(each.student)
        decision = decide(before, each, policy.of_college(_college(each, colleges)))
        tally.add(decision)
        if decision.state is before:
            continue
        now[each.student] = decision.state
        changed.add(each.student)
        notices.extend(decision.notices)
        if decision.alert is not None:
            alerts[decision.alert.id] = (each.student, decision.alert)
    states_after = [now[student] for student in sorted(changed)]
    return Changes(states_after, list(alerts.values()), tally.entries, notices), tally


async def apply_evidence(
    store: DecisionStore, evidence: Sequence[Evidence], policy: Policy
) -> Tally:
    """Decide on a batch inside the caller's transaction."""
    if not evidence:
        return Tally()
    states = await store.load(sorted({each.student for each in evidence}))
    colleges = await store.colleges(list(states)) if policy.silent else {}
    changes, tally = decide_all(states, evidence, policy, colleges)
    if changes.states:
        await store.write(changes)
    return tally


def _college(evidence: Evidence, colleges: Mapping[str, str]) -> str | None:
    """Return a student's college as directory says, else as the features did."""
    told = evidence.college if isinstance(evidence, AssessmentEvidence) else None
    return colleges.get(evidence.student, told)


class AlertService:
    """What people do, each in a transaction of its own."""

    def __init__(
        self, stores: Stores, policy: Policy, clock: Clock, wake: Callable[[], object]
    ) -> None:
        self._stores = stores
        self._policy = policy
        self._clock = clock
        self._wake = wake

    async def act(
        self, alert: str, act: Act, *, actor: str, tier: Tier, trace: str | None = None
    ) -> Decision:
        """Apply one act of a person to an open alert.

        Raises:
            NotFoundError: there is no such alert.
            ConflictError: it has been resolved.
        """
        async with self._stores.write() as store:
            decision = await self._act(store, alert, act, actor=actor, tier=tier, trace=trace)
        self._wake()
        return decision

    async def retry(
        self,
        number: int,
        alert: str,
        address: str | None,
        *,
        actor: str,
        tier: Tier,
        trace: str | None = None,
    ) -> Decision:
        """Send a dead row of the outbox again, to the address that holds now.

        Raises:
            NotFoundError: there is no such alert.
            ConflictError: the alert has been resolved, or the row is not dead.
        """
        async with self._stores.write() as store:
            decision = await self._act(
                store, alert, retry_message, actor=actor, tier=tier, trace=trace
            )
            if not await store.revive(number, address):
                raise ConflictError("not_dead", "only what was given up can be tried again")
        self._wake()
        return decision

    async def review(
        self,
        alert: str,
        verdict: Verdict | None,
        *,
        actor: str,
        tier: Tier,
        trace: str | None = None,
    ) -> Entry:
        """Add another person's own verdict to a resolved alert; nothing else moves.

        Raises:
            NotFoundError: there is no such alert.
            ConflictError: it is not this person's to review.
        """
        async with self._stores.write() as store:
            await store.load([await _student(store, alert)])  # two reviews come one by one
            found = await store.reviewable(alert)
            name = stable_id("action", alert, found.sequence + 1, actor)
            entry = review(found, Action(name, self._clock.now(), actor, tier, trace), verdict)
            await store.write(Changes([], [], [entry], []))
        self._wake()
        return entry

    async def _act(
        self,
        store: DecisionStore,
        alert: str,
        act: Act,
        *,
        actor: str,
        tier: Tier,
        trace: str | None,
    ) -> Decision:
        student = await _student(store, alert)
        states = await store.load([student])
        state = _with_alert(states[student], alert)
        number = state.alert.sequence + 1 if state.alert else 0
        name = stable_id("action", alert, number, actor)
        action = Action(name, self._clock.now(), actor, tier, trace)
        decision = act(state, action, self._policy)
        if decision.state is not state:
            alerts = [(student, decision.alert)] if decision.alert else []
            await store.write(Changes([decision.state], alerts, decision.entries, decision.notices))
        return decision


async def _student(store: DecisionStore, alert: str) -> str:
    student = await store.student_of(alert)
    if student is None:
        raise NotFoundError("alert_unknown", "there is no such alert")
    return student


def _with_alert(state: StudentState, alert: str) -> StudentState:
    """Return the state when this is the open alert; else one without, so that the act conflicts."""
    if state.alert is not None and state.alert.id == alert:
        return state
    return StudentState(state.student)
