"""What a process says of itself: log lines, metrics, and how its tasks fare."""
