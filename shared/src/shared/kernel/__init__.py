"""Clock, identifiers, campus time and base errors: the standard library only."""
