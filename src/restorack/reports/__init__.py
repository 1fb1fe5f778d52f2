"""What a render did, for programs (JSON), for people (tables) and for the eye (pictures)."""
