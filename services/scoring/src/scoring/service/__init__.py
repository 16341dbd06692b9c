"""Use cases of scoring: assess vectors, and decide which bundles serve."""
