"""The time edge: watches the bundles, and runs a worker a lane."""
