"""One file a group of indicators, one function an indicator; `catalogue` puts them in order."""
