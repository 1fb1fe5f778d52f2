"""Damage of the way that sound takes: horns, rooms, speed, distortion, microphones."""
