"""Times that a file states: cue points, regions, loops, chapters, cue sheets."""
