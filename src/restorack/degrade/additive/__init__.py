"""Damage that is laid over the signal: noises, clicks, hum, rumble."""
