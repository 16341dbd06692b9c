"""What scoring knows of students beside their vectors."""
