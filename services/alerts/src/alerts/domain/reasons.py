"""The closed list of reasons: each decision gives one, to log, metric, row and page."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a decision fell as it did."""

    # model
    STALE_POSITION = "stale_position"
    ABSTAINED = "abstained"
    NO_CONCERN = "no_concern"
    NOT_YET_SUSTAINED = "not_yet_sustained"
    ALREADY_ANSWERED = "already_answered"
    THRESHOLD_CROSSED = "threshold_crossed"
    SILENT_DAYS = "silent_days"
    STILL_ELEVATED = "still_elevated"
    WITHHELD_DEAD_FEED = "withheld_dead_feed"
    CLEAN_REVIEW = "clean_review"
    TWO_CLEAN_REVIEWS = "clean_reviews"
    EXPIRED_AT_BASELINE = "expired_at_baseline"
    # urgent rules
    REPEATED_SIGNAL = "repeated_signal"
    BELOW_RULES = "below_rules"
    PHQ9_ITEM9 = "phq9_item9"
    PHQ9_ITEM9_HIGH = "phq9_item9_high"
    PHQ9_TOTAL = "phq9_total"
    UPI_ITEM25 = "upi_item25"
    SCL90_ITEM15 = "scl90_item15"
    SDS_ITEM19 = "sds_item19"
    GAD7_TOTAL = "gad7_total"
    REPORT_URGENT = "report_urgent"
    REPORT_SOON = "report_soon"
    REPORT_ROUTINE = "report_routine"
    # people
    ACKNOWLEDGED = "acknowledged"
    SPOKE_WITH_STUDENT = "spoke_with_student"
    PLAN_OR_MEANS = "plan_or_means"
    DIRECT_REPORT = "direct_report"
    MISSING = "missing"
    REASSESSED = "reassessed"
    NEW_FACTS = "new_facts"
    RESOLVED = "resolved"
    TALK_HELD = "talk_held"
    REFERRED = "referred"
    PLAN_AGREED = "plan_agreed"
    FAMILY_INFORMED = "family_informed"
    NO_ANSWER = "no_answer"
    WRONG_DATA = "wrong_data"
    OTHER = "other"
    MESSAGE_RETRIED = "message_retried"
    REVIEWED = "reviewed"
    REVIEW_DECLINED = "review_declined"


LEVEL_REASONS = (
    Reason.SPOKE_WITH_STUDENT,
    Reason.PLAN_OR_MEANS,
    Reason.DIRECT_REPORT,
    Reason.MISSING,
    Reason.REASSESSED,
    Reason.NEW_FACTS,
)
CATEGORY = {
    Reason.THRESHOLD_CROSSED: "pattern",
    Reason.STILL_ELEVATED: "pattern",
    Reason.SILENT_DAYS: "silence",
    Reason.PHQ9_ITEM9: "screening",
    Reason.PHQ9_ITEM9_HIGH: "screening",
    Reason.PHQ9_TOTAL: "screening",
    Reason.UPI_ITEM25: "screening",
    Reason.SCL90_ITEM15: "screening",
    Reason.SDS_ITEM19: "screening",
    Reason.GAD7_TOTAL: "screening",
    Reason.REPORT_URGENT: "report",
    Reason.REPORT_SOON: "report",
    Reason.REPORT_ROUTINE: "report",
}


def category(reason: str) -> str:
    """Return the plain kind of a reason that a college may see: never which scale or item."""
    try:
        return CATEGORY.get(Reason(reason), "review")
    except ValueError:
        return "review"
