"""Pages of staff who help people with their accounts."""
