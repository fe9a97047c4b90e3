"""What events say of a file whose person is erased: that there was one, and nothing that anybody typed."""

from typing import Any

from services.applications.publications import without_person
from services.contracts.events.applications import FileChanged

TYPED = "something of Zoé’s own"
TEXT = {"fr": "Libellé", "en": "Label"}
UNIT: dict[str, Any] = {"code": "SEE", "label": "SEE"}
FILE = FileChanged.model_validate(
    {
        "application": "a",
        "account": "zoe",
        "programme": "M1-MER",
        "campaign": "2027",
        "file_number": TYPED,
        "title": TEXT,
        "centre": UNIT,
        "diploma": UNIT,
        "state": "submitted",
        "opened_at": "2027-02-01T11:00:00.000Z",
        "submission_deadline": "2027-04-15",
        "pieces": [{"code": "cv", "label": TEXT, "state": "deposited", "comment": TYPED}],
        "questions": [{"code": "why", "label": TEXT, "kind": "text", "answer": TYPED}],
        "forms": [
            {
                "code": "plans",
                "label": TEXT,
                "received_at": "2027-02-01T11:00:00.000Z",
                "answers": [{"question": "?", "answer": TYPED}],
            }
        ],
    }
)
KEPT = {
    *("application", "account", "programme", "campaign", "title", "centre", "diploma"),
    *("state", "opened_at", "submission_deadline"),
}
"""What names nobody: of a member that is added it is to be said here, or it is emptied."""


def test_nothing_that_somebody_typed_is_left() -> None:
    assert TYPED in FILE.model_dump_json()
    left = without_person(FILE)
    assert TYPED not in left.model_dump_json()
    assert {name for name, value in left.model_dump().items() if value} <= KEPT
