"""Trained weights with their manifests, and how they are loaded."""
