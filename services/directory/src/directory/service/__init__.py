"""Use cases: load, ask the domain, save, and say what is to be published."""
