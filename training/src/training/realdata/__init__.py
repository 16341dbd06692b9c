"""Readers of the real tables: inputs before the cut only; no row is ever kept in the project."""
