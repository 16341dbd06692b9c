"""Who may: tokens, API keys and the one permission function."""
