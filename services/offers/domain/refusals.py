"""The refusals that offers declares; their texts stand in `services/offers/refusals.toml`."""

from __future__ import annotations

from typing import Final

from services.contracts.refusals import Kind, Slug

NO_ACTIVE_CAMPAIGN: Final = Slug("no-active-campaign", Kind.NOT_FOUND)
CAMPAIGN_OVER: Final = Slug("campaign-is-closed", Kind.CONFLICT)
"""A campaign that was closed cannot be activated again."""
NOT_A_MON_MASTER_FILE: Final = Slug("not-a-mon-master-file", Kind.INVALID)
"""The file has not the columns of the ministry's open data; `missing` names the first column that is not there."""
DAMAGED_ARCHIVE: Final = Slug("damaged-archive", Kind.INVALID)
"""The gzip file ends too early or is not whole."""
IMPORT_TOO_LONG: Final = Slug("import-too-long", Kind.TOO_LARGE)
"""More lines than one import takes; `max` says how many that is."""
