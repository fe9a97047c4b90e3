"""Looking into uploaded files: in processes of their own, bounded, one fork per file."""
