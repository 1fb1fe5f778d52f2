"""Third-party and Faust processors: the sandbox child, its hosts, the scanner."""
