"""Handlers of the streams: urgent signals, assessments, and facts, each a group of its own."""

from alerts.worker.assessments import AssessmentHandler
from alerts.worker.facts import FactsHandler
from alerts.worker.pending import WhenPending
from alerts.worker.urgent import UrgentHandler

__all__ = ["AssessmentHandler", "FactsHandler", "UrgentHandler", "WhenPending"]
