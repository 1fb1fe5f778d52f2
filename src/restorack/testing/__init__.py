"""Contract checks for any package's stages; :mod:`restorack.testing.pytest_plugin` runs them."""
