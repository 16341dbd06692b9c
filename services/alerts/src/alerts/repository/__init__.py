"""Queries of this service, the same on SQLite and PostgreSQL."""
