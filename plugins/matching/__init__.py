"""Towards the sound of other recordings: the laws, and the stage. One idea a file."""
