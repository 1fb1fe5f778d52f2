"""The arithmetic of containers: where a file's sound lies, and whether all of it is there."""
