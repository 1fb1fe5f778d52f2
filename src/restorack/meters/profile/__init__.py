"""How a recording sounds, in figures that can be matched. One idea a file."""
