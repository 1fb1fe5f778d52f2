"""Clean audio to train on, in splits with licences: rendered scores, recordings, a user's own."""
