"""OneRoster 1.2 CSV: unpack, read with a report by line, and plan the difference."""
