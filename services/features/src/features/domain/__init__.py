"""State and decisions of the feature service: numpy and contracts, no I/O and no clock."""
