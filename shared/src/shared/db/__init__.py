"""The database kit: engines with the right rules, one transaction at the edge, migrations."""
