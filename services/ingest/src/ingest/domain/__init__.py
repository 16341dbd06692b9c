"""What ingest decides: pure functions and frozen values, without a clock or a framework."""
