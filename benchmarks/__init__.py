"""Figures of the architecture, measured on this machine: `python -m benchmarks`."""
