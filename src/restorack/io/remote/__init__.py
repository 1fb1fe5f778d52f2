"""Files elsewhere (``s3://``, ``sftp://``, ...): found, fetched, stored and verified."""
