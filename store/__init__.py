"""What survives a restart: records, files, event streams and where they lie."""
