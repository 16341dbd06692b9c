"""Organisation, people, facts, reveals and the audit chain: values and pure decisions."""
