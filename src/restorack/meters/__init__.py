"""Numbers of a signal: noise floors, edges, hum, rotation, loudness."""
