"""Training of the network: the only place with torch; nobody imports it, it runs by itself."""
