"""Batches whose files are elsewhere: staged to the local disk, and stored whole."""
