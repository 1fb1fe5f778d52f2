"""Tags of audio files: under one set of names, read and written by mutagen."""
