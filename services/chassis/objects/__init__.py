"""Object stores: bytes by key, in files or on an S3 server."""
