"""A file towards the sound of others, and what was changed, in figures."""
