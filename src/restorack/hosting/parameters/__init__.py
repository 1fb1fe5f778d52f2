"""Parameters, programs and states of plugins, by name and in their own units."""
