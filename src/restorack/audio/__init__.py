"""Audio arrays and audio files: the input gate, sample queues, framing, reading and writing."""
