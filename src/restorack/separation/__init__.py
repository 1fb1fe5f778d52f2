"""A recording into three parts, which together are it: harmonic, percussive, voice."""
