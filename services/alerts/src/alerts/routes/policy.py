"""The policy in force, and what it would do."""

from datetime import timedelta
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Depends, Query

from alerts.domain.messages import REQUESTS
from alerts.domain.policy import UPWARD, LevelPolicy, Policy
from alerts.domain.ports import Recipients
from alerts.models import (
    AlertLevel,
    BandOut,
    Bilingual,
    DryRunOut,
    DryRunRecipient,
    DryRunStep,
    EscalationOut,
    Id,
    LevelPolicyOut,
    PolicyOut,
    TierPolicyOut,
)
from alerts.routes.answers import answers
from shared.auth.actor import Actor
from shared.auth.http import Authenticate
from shared.auth.permission import require
from shared.contracts.alert import Level, Tier
from shared.kernel.errors import DeliveryError, ServiceAwayError


def policy_routes(policy: Policy, recipients: Recipients, authenticate: Authenticate) -> APIRouter:
    """Return the policy and its dry run."""
    router = APIRouter(tags=["policy"])
    caller = Depends(authenticate)

    @router.get("/v1/policy", responses=answers())
    async def show_policy(actor: Annotated[Actor, caller]) -> PolicyOut:
        """Return the policy under which decisions are made."""
        require(actor, "policy.read")
        return policy_out(policy)

    @router.get("/v1/policy/dry-run", responses=answers())
    async def dry_run(
        actor: Annotated[Actor, caller],
        student: Annotated[Id, Query()],
        level: Annotated[AlertLevel, Query()],
    ) -> DryRunOut:
        """Say who would be told of an alert of this level now, and by when; nothing is sent."""
        require(actor, "policy.read")
        require(actor, "recipients.read")
        try:
            steps = await _steps(policy, recipients, student, level)
        except DeliveryError as error:
            raise ServiceAwayError(f"directory: {error.code}") from None
        return DryRunOut(
            student=student,
            level=level,
            policy=policy.version,
            steps=steps,
            escalation=_escalation(policy.levels[level]),
        )

    return router


async def _steps(
    policy: Policy, recipients: Recipients, student: str, level: Level
) -> list[DryRunStep]:
    """Follow the same route as a live alert, passing an empty tier up."""
    rules = policy.levels[level]
    steps: list[DryRunStep] = []
    waiting: list[tuple[Tier, Literal["told_at_level", "passed_up", "in_digest"]]] = [
        (tier, "told_at_level" if rules.delivery == "at_once" else "in_digest")
        for tier in rules.tiers
    ]
    done: set[Tier] = set()
    while waiting:
        tier, reason = waiting.pop(0)
        if tier in done:
            continue
        done.add(tier)
        found = await recipients.of(student, tier)
        above = UPWARD[tier]
        if not found and above is not None:
            waiting.append((above, "passed_up"))
        steps.append(
            DryRunStep(
                tier=tier,
                reason=reason,
                acknowledge_within_s=_seconds(rules.acknowledge_within),
                recipients=[
                    DryRunRecipient(person=each.person, channel=cast("Any", each.channel))
                    for each in found
                ],
                message=REQUESTS[tier]["zh"],
            )
        )
    return steps


def _seconds(span: timedelta) -> float:
    return span.total_seconds()


def _escalation(rules: LevelPolicy) -> list[EscalationOut]:
    return [
        EscalationOut(after_s=_seconds(step.after), to=step.to, by_phone=step.by_phone)
        for step in rules.escalation
    ]


def policy_out(policy: Policy) -> PolicyOut:
    """Render a policy."""
    return PolicyOut(
        version=policy.version,
        approved_by=policy.approved_by,
        digest=policy.digest,
        bands=[
            BandOut(
                level=level,
                rise_at=band.rise_at,
                fall_below=band.fall_below,
                sustained_s=_seconds(band.sustained),
            )
            for level, band in policy.bands.items()
        ],
        levels=[_level_out(level, rules) for level, rules in policy.levels.items()],
        tiers=[
            TierPolicyOut(
                tier=tier,
                roles=list(rules.roles),
                sees=list(rules.sees),
                bypass_in_conflict=rules.bypass_in_conflict,
            )
            for tier, rules in policy.tiers.items()
        ],
        silent_colleges=sorted(policy.silent),
        second_verdict_colleges=sorted(policy.second_verdicts),
        silence_indicators=sorted(policy.silence.indicators),
        silent_days={str(level): days for level, days in policy.silence.levels.items()},
        clean_reviews_to_fall=policy.clean_reviews_to_fall,
        red_clock_s=_seconds(policy.red_clock),
    )


def _level_out(level: Level, rules: LevelPolicy) -> LevelPolicyOut:
    return LevelPolicyOut(
        level=level,
        name=Bilingual(**rules.names),
        tiers=list(rules.tiers),
        delivery=rules.delivery,
        quiet_hours=rules.quiet_hours,
        acknowledge_within_s=_seconds(rules.acknowledge_within),
        contact_within_s=_seconds(rules.contact_within),
        review_every_s=_seconds(rules.review_every),
        expires_after_s=_seconds(rules.expires_after) if rules.expires_after else None,
        escalation=_escalation(rules),
    )
