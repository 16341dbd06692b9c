"""The core of scoring: pure decisions over vectors and what a model said of them."""
