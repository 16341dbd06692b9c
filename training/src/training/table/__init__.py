"""Flat tables: a CSV file read twice in pieces, numbers and coded text in memory or on disk."""
