"""LV2 plugins as their Turtle files describe them: which there are, and what their ports mean."""
