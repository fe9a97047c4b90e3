"""Addresses of pages that are known beyond their own module."""

from __future__ import annotations

from typing import Final

APPLICATIONS: Final = "/candidatures"
ONE: Final = APPLICATIONS + "/{id}"
PIECE: Final = ONE + "/pieces/{code}"
"""Where a form brings the file of a piece, which is larger than any other form."""
CATALOGUE: Final = "/formations"
PROFILE: Final = "/profil"
REVIEW: Final = "/gestion"
"""Where staff find the files that they examine."""
