"""Drift: is what a model reads now still what it learned from? Pure functions over histograms."""
