"""Clicks and crackle: candidates, features, classifier, interpolation, thumps, groove walls."""
