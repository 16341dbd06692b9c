"""Open an identity, for a duty, with a reason; every attempt is written to the audit first.

The use cases return an outcome and raise nothing, so that the caller commits the audit entry of a
refusal before it answers.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from directory.domain.audit import AuditEntry
from directory.domain.ports import Stores
from directory.domain.reveal import (
    PENDING_FOR,
    Reveal,
    RevealDecision,
    RevealReason,
    RevealRequest,
    decide_approval,
    decide_opening,
    decide_request,
)
from directory.domain.vault import Identity, Vault
from directory.service.students import place_of_facts
from shared.auth.actor import Actor
from shared.auth.permission import Scope
from shared.crypto.pseudonym import Pseudonymiser
from shared.kernel.campus_time import format_utc

UNKNOWN = RevealDecision("refuse", RevealReason.UNKNOWN_STUDENT)


@dataclass(frozen=True)
class RevealOutcome:
    """How an attempt ended; `identity` only where the decision opened it."""

    decision: RevealDecision
    reveal: Reveal | None = None
    identity: Identity | None = None


class IdentityDesk:
    """Reveals, approvals, reviews and look-ups."""

    def __init__(
        self, vault: Vault, pseudonymiser: Pseudonymiser, new_id: Callable[[str], str]
    ) -> None:
        self._vault = vault
        self._pseudonymiser = pseudonymiser
        self._new_id = new_id

    async def request(
        self, stores: Stores, actor: Actor, request: RevealRequest, now: datetime
    ) -> RevealOutcome:
        """Open at once, or start the wait for a second person, or refuse."""
        scope = await self._scope(stores, request.student)
        has_left = await _has_left(stores, actor)
        decision = decide_request(actor, request, scope, has_left=has_left)
        reveal = None
        if decision.outcome != "refuse":
            is_open = decision.outcome == "open"
            reveal = Reveal(
                id=self._new_id("reveal"),
                request=request,
                requested_by=actor.id,
                status="opened" if is_open else "pending",
                expires_at=now + PENDING_FOR,
                needs_review=decision.reason is RevealReason.BREAK_GLASS,
            )
            await stores.reveals.save(reveal, format_utc(now))
        await self._audit(stores, actor, "identity.reveal", request, decision, reveal, now)
        return await self._outcome(stores, decision, reveal)

    async def approve(
        self, stores: Stores, actor: Actor, reveal_id: str, now: datetime
    ) -> RevealOutcome:
        """Approve somebody else's pending reveal; the identity is for its requester."""
        reveal = await stores.reveals.get(reveal_id)
        if reveal is None:
            return await self._unknown(stores, actor, "identity.approve", reveal_id, now=now)
        scope = await self._scope(stores, reveal.request.student)
        has_left = await _has_left(stores, actor)
        decision = decide_approval(actor, reveal, scope, now, has_left=has_left)
        if decision.outcome == "open":
            reveal = replace(
                reveal, status="approved", approved_by=actor.id, expires_at=now + PENDING_FOR
            )
            await stores.reveals.save(reveal, format_utc(now))
        await self._audit(stores, actor, "identity.approve", reveal.request, decision, reveal, now)
        return RevealOutcome(decision, reveal)

    async def open(
        self, stores: Stores, actor: Actor, reveal_id: str, now: datetime
    ) -> RevealOutcome:
        """Show the requester what a second person approved, once."""
        reveal = await stores.reveals.get(reveal_id)
        if reveal is None:
            return await self._unknown(stores, actor, "identity.open", reveal_id, now=now)
        scope = await self._scope(stores, reveal.request.student)
        has_left = await _has_left(stores, actor)
        decision = decide_opening(actor, reveal, scope, now, has_left=has_left)
        if decision.outcome == "open":
            reveal = replace(reveal, status="opened")
            await stores.reveals.save(reveal, format_utc(now))
        await self._audit(stores, actor, "identity.open", reveal.request, decision, reveal, now)
        return await self._outcome(stores, decision, reveal)

    async def lookup(
        self, stores: Stores, actor: Actor, number: str, now: datetime
    ) -> tuple[RevealDecision, str | None]:
        """Return the pseudonym of a student number, for those who could open it."""
        pseudonym = self._pseudonymiser.pseudonym(number)
        scope = await self._scope(stores, pseudonym)
        request = RevealRequest(
            student=pseudonym if scope else "unknown",
            duty="administration",
            reason="lookup",
            level="none",
        )
        has_left = await _has_left(stores, actor)
        decision = decide_request(actor, request, scope, has_left=has_left)
        await self._audit(stores, actor, "identity.lookup", request, decision, None, now)
        return decision, pseudonym if decision.outcome == "open" else None

    async def review(self, stores: Stores, actor: Actor, reveal_id: str, now: datetime) -> bool:
        """Mark a break-glass reveal as reviewed by another person; False when there is none."""
        reveal = await stores.reveals.get(reveal_id)
        if reveal is None or not reveal.needs_review or reveal.requested_by == actor.id:
            return False
        reveal = replace(reveal, needs_review=False, reviewed_by=actor.id)
        await stores.reveals.save(reveal, format_utc(now))
        entry = AuditEntry(
            format_utc(now),
            actor.id,
            "identity.review",
            reveal.request.student,
            "reviewed",
            {"reveal": reveal.id},
        )
        await stores.audit.append(entry)
        return True

    async def _unknown(
        self, stores: Stores, actor: Actor, action: str, reveal_id: str, *, now: datetime
    ) -> RevealOutcome:
        detail = {"reveal": reveal_id, "decision": "unknown_reveal"}
        entry = AuditEntry(format_utc(now), actor.id, action, "unknown", "refuse", detail)
        await stores.audit.append(entry)
        return RevealOutcome(UNKNOWN)

    async def _scope(self, stores: Stores, pseudonym: str) -> Scope | None:
        student = await stores.students.get(pseudonym)
        if student is None or student.published is None:
            return None
        return place_of_facts(student.published).scope(pseudonym)

    async def _outcome(
        self, stores: Stores, decision: RevealDecision, reveal: Reveal | None
    ) -> RevealOutcome:
        if decision.outcome != "open" or reveal is None:
            return RevealOutcome(decision, reveal)
        student = await stores.students.get(reveal.request.student)
        person = student.person if student else ""
        identity = self._vault.open(person, await stores.people.sealed(person))
        return RevealOutcome(decision, reveal, identity)

    async def _audit(  # noqa: PLR0917 - one private use, all named alike
        self,
        stores: Stores,
        actor: Actor,
        action: str,
        request: RevealRequest,
        decision: RevealDecision,
        reveal: Reveal | None,
        now: datetime,
    ) -> None:
        detail = {
            "duty": request.duty,
            "reason": request.reason,
            "level": request.level or "unknown",
            "decision": decision.reason.value,
            "reveal": reveal.id if reveal else "",
        }
        await stores.audit.append(
            AuditEntry(format_utc(now), actor.id, action, request.student, decision.outcome, detail)
        )


async def _has_left(stores: Stores, actor: Actor) -> bool:
    """Whether the roster knows the caller and says that they left: an old token opens nothing."""
    person = await stores.people.get(actor.id)
    return person is not None and not person.is_active
