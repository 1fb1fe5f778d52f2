"""Contract checks for any package's stages."""
