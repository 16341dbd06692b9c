"""Other services' REST APIs."""
