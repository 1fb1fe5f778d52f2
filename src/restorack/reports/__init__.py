"""What a render did, for people and programs."""
