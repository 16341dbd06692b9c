"""Daily aggregates and feature vectors of every student."""
