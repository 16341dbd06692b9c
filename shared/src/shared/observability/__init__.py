"""Logs with a redaction step; metrics are named once a service in its `metrics.py`."""
