"""The lantern command."""
