"""Faust programs: read as text and as evaluated boxes, so that none can act by itself."""
