"""Bundles that were asked for, each in a document of its own."""

from __future__ import annotations

from typing import ClassVar, Final

from services.chassis.ports import Collection
from services.chassis.work.repository import WorkRepository, work_in
from services.contracts.work import WorkState
from services.documents.domain.bundles import MAX_ALL, MAX_EACH, Bundle

BUNDLES: Final = work_in("bundles")


class BundleRepository(WorkRepository[Bundle]):
    """The bundles, by id; whose each is stands in `account`."""

    service: ClassVar[str] = "documents"
    collection: ClassVar[Collection] = BUNDLES
    kind = Bundle
    max_each: ClassVar[int] = MAX_EACH
    max_all: ClassVar[int] = MAX_ALL

    def is_emptied(self, state: Bundle) -> bool:
        """Of one that there is not nothing stays of whose files it would have held."""
        return state.state is WorkState.FAILED
