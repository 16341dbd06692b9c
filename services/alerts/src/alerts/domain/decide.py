"""`decide(state, evidence, policy) -> Decision`: pure, in event time, and says why.

Red appears nowhere here: a model or a rule can only reach orange, and starts red's clock for a
person to confirm (see `persons.py`).
"""

import math

from msgspec.structs import replace

from alerts.domain.alert import Effect, ModelTrack, StudentState, highest, lowest, rank
from alerts.domain.evidence import AssessmentEvidence, Evidence, UrgentSignal
from alerts.domain.policy import Policy
from alerts.domain.reasons import Reason
from alerts.domain.settle import Decision, Step, settle
from shared.contracts.alert import Level

_SEEN_LIMIT = 256
_EPSILON = 1e-9


def decide(state: StudentState, evidence: Evidence, policy: Policy) -> Decision:
    """Decide on one piece of evidence; a repeat changes nothing."""
    if isinstance(evidence, UrgentSignal):
        return _decide_signal(state, evidence, policy)
    if (evidence.position, evidence.revision) <= (state.model.position, state.model.revision):
        return Decision(state, Reason.STALE_POSITION)
    track = replace(
        state.model,
        position=evidence.position,
        revision=evidence.revision,
        as_of=evidence.as_of,
        coverage=evidence.coverage,
        assessment=evidence.id,
    )
    step = (
        _abstain(track, evidence, policy)
        if evidence.probability is None
        else _judge(track, evidence, policy)
    )
    return settle(state, step, evidence, policy)


def _decide_signal(state: StudentState, signal: UrgentSignal, policy: Policy) -> Decision:
    if signal.id in state.rule.seen:
        return Decision(state, Reason.REPEATED_SIGNAL)
    level = lowest(signal.level, "orange")
    rises = rank(level) > rank(state.rule.level)
    until = state.rule.red_clock_until
    if signal.red_clock:
        started = signal.as_of + policy.red_clock
        until = min(until, started) if until else started
    track = replace(
        state.rule,
        level=highest(state.rule.level, level),
        red_clock_until=until,
        seen=(*state.rule.seen, signal.id)[-_SEEN_LIMIT:],
    )
    step = Step(signal.reason, "rose" if rises else "signal", rule=track, track_level=level)
    return settle(state, step, signal, policy)


def _abstain(track: ModelTrack, evidence: AssessmentEvidence, policy: Policy) -> Step:
    """Neither opens nor closes; noted once where the model had a concern.

    While the model is suspended, the plain rule on silent days goes on: it needs no model.
    """
    is_supported = False
    if evidence.is_rules_only and not evidence.dead_feeds:
        by_silence = policy.silence.level_of(evidence.silent_days)
        is_supported = rank(by_silence) >= rank(track.level) > 0
        if rank(by_silence) > rank(highest(track.level, track.answered)):
            return _rise(track, evidence, by_silence, Reason.SILENT_DAYS)
    first = not track.has_abstained and track.level != "none"
    after = replace(track, has_abstained=True)
    effect: Effect | None = "signal" if first else None
    return Step(Reason.ABSTAINED, effect, model=after, is_supported=is_supported)


def _judge(track: ModelTrack, evidence: AssessmentEvidence, policy: Policy) -> Step:
    """Rise at once, fall slowly, and hold back what only a dead feed explains."""
    probability = evidence.probability or 0.0
    supported = policy.band_of(probability)
    by_silence = policy.silence.level_of(evidence.silent_days)
    claimed = highest(supported, by_silence)
    lasting = highest(policy.lasting_band_of(probability), by_silence)
    if evidence.dead_feeds:  # silent days say nothing, and absence adds nothing
        supported, by_silence = _without_absence(evidence, policy), "none"
    was_withheld = track.is_withheld
    track = _remember(track, evidence, policy, supported=supported, lasting=lasting)
    candidate = highest(_sustained(track, evidence, policy), by_silence)
    floor = highest(track.level, track.answered)
    if rank(candidate) > rank(floor):
        reason = (
            Reason.SILENT_DAYS
            if rank(by_silence) >= rank(candidate) and rank(by_silence) > rank(supported)
            else Reason.THRESHOLD_CROSSED
        )
        return _rise(track, evidence, candidate, reason)
    if rank(claimed) > rank(highest(supported, by_silence, floor)):
        after = replace(track, is_withheld=True)
        effect: Effect | None = None if was_withheld else "withheld"
        return Step(Reason.WITHHELD_DEAD_FEED, effect, model=after, track_level=claimed)
    if track.level == "none":
        return _below(track, candidate)
    is_clean = rank(lasting) < rank(track.level)
    if is_clean and not evidence.dead_feeds:
        return _clean(track, evidence, lasting, policy)
    carrying = highest(supported, by_silence) if evidence.dead_feeds else lasting
    is_supported = rank(carrying) >= rank(track.level)
    return _elevated(track, evidence, policy, is_clean=is_clean, is_supported=is_supported)


def _without_absence(evidence: AssessmentEvidence, policy: Policy) -> Level:
    """Return the level by probability once the share of absence is taken off the logit."""
    probability = evidence.probability or 0.0
    held = min(max(probability, _EPSILON), 1 - _EPSILON)
    logit = math.log(held / (1 - held)) - evidence.silence_share
    without = 1 / (1 + math.exp(-max(min(logit, 700.0), -700.0)))
    return policy.band_of(min(without, probability))


def _remember(
    track: ModelTrack,
    evidence: AssessmentEvidence,
    policy: Policy,
    *,
    supported: Level,
    lasting: Level,
) -> ModelTrack:
    """Carry forward since when each level is held and what a person has answered already."""
    last = rank(lasting)
    held = {level: at for level, at in track.held_since.items() if rank(level) <= last}
    for level in policy.levels_up_to(supported):
        held.setdefault(level, evidence.as_of)
    answered, answered_at = track.answered, track.answered_at
    if answered_at and evidence.as_of - answered_at > policy.answered_for:
        answered, answered_at = "none", None
    return replace(
        track,
        band=supported,
        held_since=held,
        answered=lowest(answered, lasting),
        answered_at=answered_at,
        has_abstained=False,
        is_withheld=False,
    )


def _sustained(track: ModelTrack, evidence: AssessmentEvidence, policy: Policy) -> Level:
    """Return the highest supported level that has been held for as long as it must be."""
    held = [
        level
        for level in policy.levels_up_to(track.band)
        if evidence.as_of - track.held_since[level] >= policy.sustained(level)
    ]
    return highest(*held)


def _rise(track: ModelTrack, evidence: AssessmentEvidence, to: Level, reason: Reason) -> Step:
    after = replace(
        track,
        level=to,
        clean_reviews=0,
        clean_since=None,
        reviewed_at=evidence.as_of,
        noted_at=evidence.as_of,
        is_withheld=False,
    )
    return Step(reason, "rose", model=after, is_supported=True)


def _below(track: ModelTrack, candidate: Level) -> Step:
    if candidate != "none":
        return Step(Reason.ALREADY_ANSWERED, None, model=track)
    waiting = track.band != "none"
    return Step(Reason.NOT_YET_SUSTAINED if waiting else Reason.NO_CONCERN, None, model=track)


def _elevated(
    track: ModelTrack,
    evidence: AssessmentEvidence,
    policy: Policy,
    *,
    is_clean: bool,
    is_supported: bool,
) -> Step:
    """Still a concern: no clean review counts, and one line a day joins the history."""
    if not is_clean:
        track = replace(track, clean_reviews=0, clean_since=None)
    due = track.noted_at is None or evidence.as_of - track.noted_at >= policy.note_every
    if due:
        track = replace(track, noted_at=evidence.as_of)
    effect: Effect | None = "signal" if due else None
    return Step(Reason.STILL_ELEVATED, effect, model=track, is_supported=is_supported)


def _clean(track: ModelTrack, evidence: AssessmentEvidence, lasting: Level, policy: Policy) -> Step:
    """Count a clean review when one is due; enough of them lower the level by themselves."""
    rules = policy.levels[track.level]
    track = replace(track, clean_since=track.clean_since or evidence.as_of)
    since = track.clean_since or evidence.as_of
    if track.level == "blue":
        if rules.expires_after is None or evidence.as_of - since < rules.expires_after:
            return Step(Reason.CLEAN_REVIEW, None, model=track)
        return _fall(track, evidence, "none", Reason.EXPIRED_AT_BASELINE)
    if track.reviewed_at and evidence.as_of - track.reviewed_at < rules.review_every:
        return Step(Reason.CLEAN_REVIEW, None, model=track)
    track = replace(track, clean_reviews=track.clean_reviews + 1, reviewed_at=evidence.as_of)
    if track.clean_reviews < policy.clean_reviews_to_fall:
        return Step(Reason.CLEAN_REVIEW, "signal", model=track)
    return _fall(track, evidence, highest("blue", lasting), Reason.TWO_CLEAN_REVIEWS)


def _fall(track: ModelTrack, evidence: AssessmentEvidence, to: Level, reason: Reason) -> Step:
    after = replace(
        track,
        level=to,
        clean_reviews=0,
        clean_since=evidence.as_of if to == "blue" else None,
        reviewed_at=evidence.as_of,
        noted_at=evidence.as_of,
    )
    return Step(reason, "fell", model=after)
