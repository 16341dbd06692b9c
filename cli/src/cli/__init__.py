"""The `lantern` command."""
