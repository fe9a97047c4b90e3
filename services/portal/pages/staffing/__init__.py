"""Pages by which an administrator gives and takes the rights of staff."""
