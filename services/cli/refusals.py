"""What a command says of what was refused, in the words of who types commands."""

from __future__ import annotations

from typing import Final

from services.chassis.http.problems import Texts
from services.cli.control import Output
from services.contracts.refusals import NOT_FOUND, RefusedError

_NOT_FOUND: Final = "There is nothing of that name here. Check the codes that you gave."
"""Of what is missing the API speaks to who follows links and may not be let in."""


def tell_refusal(output: Output, service: str, refusal: RefusedError) -> None:
    """Say on standard error why nothing was changed, argument by argument where it is known."""
    texts = Texts(service)
    for fault in refusal.fields:
        output.line(f"{fault.field}: {texts.detail(fault.slug, 'en', fault.params)}", error=True)
    is_missing = refusal.slug == NOT_FOUND
    said = _NOT_FOUND if is_missing else texts.detail(refusal.slug.name, "en", refusal.members)
    output.line(f"Nothing was changed: {said}", error=True)
