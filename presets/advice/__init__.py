"""Advice: what an analysis found, and the presets and stages that fit."""
