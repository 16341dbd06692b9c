"""The HTTP kit: one way to make an app, one mapping of errors, one client."""
