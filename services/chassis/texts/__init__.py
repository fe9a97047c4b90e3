"""Texts for people: how they are set, and how figures, days and spans are written in each language."""
