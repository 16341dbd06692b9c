"""Model bundles: what is in the folder, who signed it, and why it is refused."""
