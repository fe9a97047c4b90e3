"""Models in the store."""

from __future__ import annotations

from typing import ClassVar, Final

from services.chassis.ports import Collection, Document
from services.contracts.instants import instant, instant_text
from services.documents.domain.models import Model
from services.documents.repository.added import Added

MODELS: Final = Collection("models")


class Models(Added[Model]):
    """One row for each file, by its name."""

    collection: ClassVar[Collection] = MODELS

    def written(self, thing: Model) -> Document:
        """What a row says of it, beside its name."""
        return {
            "requirement": thing.requirement,
            "filename": thing.filename,
            "sha256": thing.sha256,
            "size": thing.size,
            "at": instant_text(thing.at),
            "by": thing.by,
        }

    def of(self, row: Document) -> Model:
        """What a row says."""
        return Model(row["requirement"], row["filename"], row["sha256"], row["size"], instant(row["at"]), row["by"])
