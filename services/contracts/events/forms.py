"""What becomes of forms after they were filled in."""

from __future__ import annotations

from typing import Literal

from services.contracts.events.applications import ApplicationEvent


class FormChanged(ApplicationEvent, type="applications.application.form_changed.v1", key="application"):
    """A form was filled in anew after the submission, which keeps what it was made of; or its server has what was filled in
    no more. With what, no public event says.
    """

    form: str
    what: Literal["answers", "deleted"]
