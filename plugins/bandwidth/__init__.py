"""The band above a recording's edge: envelopes, replication, synthesis."""
