"""Changes of applications as they are told while a connection lasts."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from services.contracts.api.basics import View


class ApplicationChange(View):
    """That an application is another than it was; what it is now is to be asked for."""

    id: str
    version: Annotated[int, Field(description="The version that it has now.")]
