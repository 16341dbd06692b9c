"""Decisions about alerts: pure, in event time, each with its reason."""
