"""Audio files: formats, chunks, tags, blocks in and out, atomic files, the spool."""
