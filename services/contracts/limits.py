"""Limits that a body's form has and the domain keeps to as well: said once, for both."""

from __future__ import annotations

from typing import Final

HIGHEST_RANK: Final = 100_000
"""At which somebody can wait."""
MAX_MEETING_FILES: Final = 200
"""Files of one meeting, inclusive."""
MOST_MEMBERS: Final = 200
"""Members of one board that are known, and of those who are convened the most that can be there."""
CODE_LENGTH: Final = 60
"""Characters of the code of a programme, of a part of the catalogue, or of what is asked for."""
