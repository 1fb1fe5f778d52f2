"""Small signals that tests make."""
