"""The database edge: assessments by lane, and the log of what was served."""
