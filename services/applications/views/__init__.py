"""Read-only questions: what a candidate sees, what a receipt proves, what the states are."""
