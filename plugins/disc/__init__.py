"""Stages for transfers of discs: curves, groove walls, time between channels, speed."""
