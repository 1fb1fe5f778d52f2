"""Chain: an ordered rack of processors, native or ours; parallel mix; latency."""
