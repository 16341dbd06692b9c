"""What more than one member needs; it knows no service."""
