"""What is kept of plugins from run to run, in the user's cache."""
