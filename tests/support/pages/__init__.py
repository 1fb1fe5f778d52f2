"""The listening page as a browser and a reader see it."""
