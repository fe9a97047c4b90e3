"""What a broker must have, and how it is given that."""
