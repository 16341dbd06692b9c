"""What runs beside the streams: the lanes of the outbox and its upkeep."""
