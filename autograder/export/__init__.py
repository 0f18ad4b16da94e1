"""Tables of grades for learning platforms."""
