"""The indicator catalogue: pure and vectorised; serving and training call the same functions."""
