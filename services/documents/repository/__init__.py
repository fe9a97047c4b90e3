"""Where documents keeps what it knows."""
