"""The REST API of scoring."""
