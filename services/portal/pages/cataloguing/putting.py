"""Handing on to documents a file that staff put on a page."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from services.contracts.api.documents import FILENAME_HEADER, encode_filename
from services.contracts.api.endpoint import Endpoint
from services.contracts.api.problem import Problem
from services.portal.api import Api, ApiUnavailable, content_of
from services.portal.pages.applying.file_form import FileForm, Misnamed, TooLarge, TooLargeTogether, Unreadable
from services.portal.rendering import language_of

BROKEN: Final = (Unreadable, Misnamed, TooLarge, TooLargeTogether)
"""What ends the reading of a form with a file."""


async def put_file(
    api: Api,
    request: web.Request,
    endpoint: Endpoint[None, Any],
    parameters: Mapping[str, str],
    form: FileForm,
    *,
    largest: int,
    answer: type[BaseModel],
) -> Any:
    """The first file of the form, of at most so many bytes, as documents keeps it; raises what reading the form does."""
    broken: list[Exception] = []
    async for file in form.files():
        headers = {"Content-Type": file.media_type, FILENAME_HEADER: encode_filename(file.filename)}
        content = _noting(file.content(largest), broken)
        asking = api.transfer(request, language_of(request), endpoint, content, headers=headers, parameters=parameters)
        try:
            async with asking as found:
                if isinstance(found, Problem):
                    return found
                return answer.model_validate_json(await content_of(found))
        except ApiUnavailable:
            if broken:
                raise broken[0] from None
            raise
    raise Unreadable


async def _noting(content: AsyncIterator[bytes], broken: list[Exception]) -> AsyncIterator[bytes]:
    """The same bytes; what ends them is kept, for aiohttp says only that it could not send them."""
    try:
        async for chunk in content:
            yield chunk
    except BROKEN as error:
        broken.append(error)
        raise
