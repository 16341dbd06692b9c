"""A synthetic campus with ground truth."""
