"""Pseudonyms and sealed fields: the two cryptographic tools that more than one member needs."""
