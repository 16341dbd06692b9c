"""The demonstration: a synthetic campus on the real services, nothing mocked."""
