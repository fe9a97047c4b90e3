"""The pages of a person's applications: opened, filled piece by piece, handed over, given up."""
