"""Stages for transfers of discs: the playback side of recording curves."""
