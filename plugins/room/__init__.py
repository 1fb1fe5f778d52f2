"""Rooms: what a microphone heard of one, taken away. One idea a file."""
