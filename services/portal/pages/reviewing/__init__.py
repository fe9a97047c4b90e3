"""Pages of staff who examine files."""
