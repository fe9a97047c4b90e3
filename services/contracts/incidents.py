"""What is said of incidents, in requests as in commands."""

from __future__ import annotations

from typing import Final

LONGEST_REASON: Final = 500
"""Characters of why an incident is judged so."""
