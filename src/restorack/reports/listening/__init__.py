"""The listening page: recordings before and after, stage by stage, on one playhead."""
