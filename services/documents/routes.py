"""HTTP of documents."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from aiohttp import ClientError, StreamReader
from aiohttp.http_exceptions import HttpProcessingError

from services.chassis.http.application import Answer, Call, Route, Upload
from services.chassis.refusals import MALFORMED_REQUEST, TOO_SLOW, UNSUPPORTED_ENCODING
from services.contracts.api import documents as api
from services.contracts.events.accounts import AccountErased
from services.documents.domain.document import Document
from services.documents.domain.refusals import DECLARED, FILENAME_INVALID
from services.documents.domain.uploads import EXTENSIONS, MAX_FILENAME, Offer, download_filename
from services.documents.usecases.app import App
from services.documents.usecases.uploads import counted, upload
from services.documents.views import describe, download

_ABOUT_NAME: Final = "The file's name, by which it is given back: `UTF-8''...` as in RFC 8187, or plain ASCII."
_ANY: Final = "application/octet-stream"
_UPLOAD_REFUSALS: Final = (*DECLARED, TOO_SLOW, UNSUPPORTED_ENCODING)


def routes(app: App) -> Sequence[Route]:
    """The routes of the service."""

    async def put_upload(call: Call) -> Answer:
        outcome = await counted(
            upload(app, call.actor, _offer(call), _Body(call.request.content), call.command, client=call.client)
        )
        view = api.Upload.model_validate(outcome.answer)
        location = {"Location": f"/api/documents/documents/{view.document}"}
        return Answer(view=view, events=outcome.events, headers=location)

    async def get_document(call: Call) -> Answer:
        if call.request.method == "HEAD":
            return Answer(headers=_headers(await describe(app.documents, call.actor, call.path["id"])))
        found = await download(app.documents, app.objects, call.actor, call.path["id"])
        return Answer(stream=found.content, headers=_headers(found.document))

    return [
        Route(
            "PUT",
            "/uploads",
            put_upload,
            summary="Takes in one file and answers with a signed receipt by which it can be attached.",
            answer=api.Upload,
            status=201,
            takes_key=True,
            refusals=_UPLOAD_REFUSALS,
            heeds=(),
            upload=Upload((*app.rules.media_types, _ANY), app.rules.max_bytes, {api.FILENAME_HEADER: _ABOUT_NAME}),
        ),
        Route(
            "GET",
            "/documents/{id}",
            get_document,
            summary="The bytes of one's own document, as an attachment under the name that it came with.",
            path_params=api.DocumentPath,
            download=tuple(EXTENSIONS),
            heeds=(AccountErased,),
        ),
    ]


class _Body:
    """The bytes of a request, whose failures are the client's."""

    def __init__(self, content: StreamReader) -> None:
        self._content = content

    async def readany(self) -> bytes:
        try:
            return await self._content.readany()
        except (ClientError, HttpProcessingError, ConnectionError) as error:
            raise MALFORMED_REQUEST() from error


def _offer(call: Call) -> Offer:
    headers = call.request.headers
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UNSUPPORTED_ENCODING()
    media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    name = headers.get(api.FILENAME_HEADER)
    try:
        filename = None if name is None else api.decode_filename(name)
    except ValueError:
        raise FILENAME_INVALID(max_length=MAX_FILENAME) from None
    return Offer(media_type, filename, call.request.content_length)


def _headers(document: Document) -> dict[str, str]:
    return {
        "Content-Type": document.media_type,
        "Content-Length": str(document.size),
        "Content-Disposition": api.attachment(download_filename(document.filename, document.media_type)),
        "Accept-Ranges": "none",
        "ETag": f'"{document.sha256}"',
    }
