"""The pages, one module per family of screens."""
