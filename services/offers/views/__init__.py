"""The questions that offers answers, from memory."""
