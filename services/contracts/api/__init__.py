"""Bodies and answers of the public API, one module per service."""
