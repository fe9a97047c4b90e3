"""An upload that can go on, for what calls of it lead to."""

from __future__ import annotations

from typing import Any, Final

from services.contracts.api.endpoints.all import APIS
from tests.candidate import Candidate, pdf

UPLOADING: Final = {"X-Filename": "cv.pdf", "Upload-Offset": "0", "Upload-Complete": "?0"}
"""What goes with every request: a piece that is not where it should be is a conflict, as any other state is."""
OVER: Final = "DELETE /api/documents/uploads/partial/{upload}"
"""What would leave nothing for other calls, and is therefore asked for by others: tests/service/documents."""


READ: Final = "GET /api/documents/models/{requirement}"
"""What only the address of a file that is there leads to: tests/service/documents/test_models.py."""
BUNDLED: Final = tuple(
    str(each)
    for each in APIS["documents"]
    if each.path.startswith(("/bundles", "/signatures", "/meetings")) or each.path.endswith("/sample")
)
"""What is of staff: bundles that they have asked for, pictures, minutes; their tests stand in tests/service/documents."""

UPLOAD_FOR: Final = "PUT /api/documents/applications/{application}/uploads"
"""What staff ask for."""


async def open_upload(candidate: Candidate) -> dict[str, Any]:
    """One of which nothing has come, and all of it in one piece."""
    size = 60_000
    begun = await candidate.must("POST", "/api/documents/uploads/partial", 201, json={"length": size})
    return {
        "path.upload": [begun["id"]],
        "application/partial-upload": [pdf(size).decode()],
        "NewPartial.length": [size],
    }
