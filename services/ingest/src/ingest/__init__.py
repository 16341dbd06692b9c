"""Takes campus events in, validates, pseudonymises and publishes them."""
