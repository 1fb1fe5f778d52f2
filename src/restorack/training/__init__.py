"""Training of the networks: degradation on the fly, losses, checkpoints, export."""
