"""File feeds: reading files and feed descriptions, one file a concern."""
