"""Parameters of a chain, searched without gradients. One idea a file."""
