"""The stores of the directory on one connection; queries only, no decision and no commit."""
