"""Scanners of malware: none, or clamd."""
