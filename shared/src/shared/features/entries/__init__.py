"""One file a group of the catalogue's entries; `catalogue` puts the groups in order."""
