"""The refusals that offers declares; their texts stand in `services/locale`."""

from __future__ import annotations

from typing import Final

from services.contracts import refusals
from services.contracts.refusals import ErrorCode, ErrorKind

NO_ACTIVE_CAMPAIGN: Final = ErrorCode("no-active-campaign", ErrorKind.NOT_FOUND)
CAMPAIGN_OVER: Final = ErrorCode("campaign-is-closed", ErrorKind.CONFLICT)
"""A campaign that was closed cannot be activated again."""
CAMPAIGN_NOT_ACTIVE: Final = ErrorCode("campaign-is-not-active", ErrorKind.CONFLICT)
"""A campaign that has not begun cannot be closed."""
NOT_A_MON_MASTER_FILE: Final = ErrorCode("not-a-mon-master-file", ErrorKind.INVALID)
"""The file has not the columns of the ministry's open data; `missing` names the first column that is not there."""
NOT_A_CATALOGUE_FILE: Final = ErrorCode("not-a-catalogue-file", ErrorKind.INVALID)
"""The file is no table with the columns of a catalogue, and no list of JSON; `missing` says what lacks, `line` where."""
DAMAGED_ARCHIVE: Final = ErrorCode("damaged-archive", ErrorKind.INVALID)
"""The gzip file ends too early or is not whole."""
IMPORT_TOO_LONG: Final = ErrorCode("import-too-long", ErrorKind.TOO_LARGE)
"""More lines than one import takes; `max` says how many that is."""
CATALOGUE_TOO_LARGE: Final = ErrorCode("too-large", ErrorKind.TOO_LARGE)
"""More bytes than one import over HTTP takes; `max_bytes` says how many that is."""
PREMISES_CHANGED: Final = refusals.PREMISES_CHANGED
"""Something else would come of it than the preview said; nothing was done."""
