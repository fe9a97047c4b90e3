"""The files that candidates download, fill in and deposit: shipped with the suite, read once."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from services.contracts.refusals import NOT_FOUND

SHIPPED: Final = Path(__file__).parents[1] / "models"


class ModelDocuments:
    """The PDF files of a folder, held in memory; there are a few, of some kilobytes each."""

    def __init__(self, folder: Path = SHIPPED) -> None:
        self._files = {path.name: path.read_bytes() for path in sorted(folder.glob("*.pdf"))}

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files."""
        return tuple(self._files)

    def get(self, name: str) -> bytes:
        """The file of that name; raises NOT_FOUND."""
        try:
            return self._files[name]
        except KeyError:
            raise NOT_FOUND() from None
