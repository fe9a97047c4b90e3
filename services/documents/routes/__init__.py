"""HTTP of documents."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from services.chassis.events.aggregates import Outcome
from services.chassis.http.raw_bodies import RawBody
from services.chassis.routing import Posted, Request, Response, Route
from services.contracts.api import documents as api
from services.contracts.api.endpoints import documents as endpoints
from services.contracts.languages import Language
from services.documents.domain.document import Document
from services.documents.domain.uploads import download_filename
from services.documents.routes import (
    bundles,
    hand_overs,
    letter_checks,
    letter_texts,
    minutes,
    models,
    partial_uploads,
    signatures,
)
from services.documents.routes.pdfs import pdf_headers
from services.documents.routes.uploads import declared, in_words
from services.documents.usecases.app import App
from services.documents.usecases.assembling import Wanted, assemble
from services.documents.usecases.letter import letter
from services.documents.usecases.papers import Paper, dossier, receipt
from services.documents.usecases.previews import COUNT, Reader, preview
from services.documents.usecases.reading import note
from services.documents.usecases.uploads import counted, standing_in, upload
from services.documents.views import Views


def routes(app: App, views: Views) -> Sequence[Route]:
    """The routes of the service."""

    async def put_upload(request: Request) -> Response[api.Upload]:
        body = RawBody(request.http)
        outcome = await counted(
            upload(
                app,
                request.actor,
                declared(request),
                body,
                request.command,
                client=request.client,
                part=request.query(api.UploadQuery).use == "part",
            )
        )
        return _stored(outcome, request.language)

    async def put_upload_for(request: Request) -> Response[api.Upload]:
        body = RawBody(request.http)
        owner, command = await standing_in(app, request.actor, request.path["application"], request.command)
        outcome = await counted(upload(app, owner, declared(request), body, command, client=request.client))
        return _stored(outcome, request.language)

    async def post_assembly(request: Posted[api.Assembly]) -> Response[api.Upload]:
        wanted = Wanted(request.body.documents, request.body.max_bytes)
        outcome = await assemble(app, request.actor, wanted, request.command, client=request.client)
        return _stored(outcome, request.language)

    async def own_documents(request: Request) -> Response[api.DocumentList]:
        query = request.query(api.DocumentQuery)
        return Response(await views.own(request.actor, query.limit, query.after))

    async def get_document(request: Request) -> Response[None]:
        if request.http.method == "HEAD":
            return Response(headers=_headers(await views.describe(request.actor, request.path["id"])))
        id = request.path["id"]
        # Before any byte is under way: what is begun must be read to its end or closed.
        await note(app, (await views.describe(request.actor, id)).account, f"document:{id}", request.command)
        found = await views.download(request.actor, id)
        return Response(stream=found.content, headers=_headers(found.document))

    async def get_pages(request: Request) -> Response[api.DocumentPages]:
        id = request.path["id"]
        document = await views.describe(request.actor, id)
        made = await preview(app, Reader(request.actor, request.client), id, document, COUNT)
        return Response(api.DocumentPages(pages=made.pages))

    async def get_preview(request: Request) -> Response[None]:
        id, page = request.path["id"], request.query(api.PreviewQuery).page
        document = await views.describe(request.actor, id)
        made = await preview(app, Reader(request.actor, request.client), id, document, page)
        await note(app, document.account, f"preview:{id}", request.command)
        headers = {"Content-Type": "image/jpeg", "Content-Length": str(len(made.content))}
        headers["Content-Disposition"] = "inline"
        return Response(stream=_bytes(made.content), headers=headers)

    async def get_receipt(request: Request) -> Response[None]:
        made = await receipt(app, request.actor, request.path["application"], request.language, request.client)
        await note(app, made.account, f"receipt:{request.path['application']}", request.command)
        return _paper(made, request)

    async def get_letter(request: Request) -> Response[None]:
        id = request.path["application"]
        found = await letter(app, request.actor, id, request.language, request.command, client=request.client)
        await note(app, found.state.account, f"letter:{id}", request.command)
        given = await views.content(found.id, found.state)
        headers = _headers(found.state) | {"Content-Language": request.language}
        return Response(stream=given.content, headers=headers)

    async def get_dossier(request: Request) -> Response[None]:
        made = await dossier(app, request.actor, request.path["application"], request.language, request.client)
        await note(app, made.account, f"dossier:{request.path['application']}", request.command)
        return _paper(made, request)

    return [
        Route(endpoints.UPLOAD, put_upload),
        Route(endpoints.UPLOAD_FOR, put_upload_for),
        Route(endpoints.ASSEMBLE, post_assembly),
        Route(endpoints.OWN_DOCUMENTS, own_documents),
        Route(endpoints.DOCUMENT, get_document),
        Route(endpoints.PAGES, get_pages),
        Route(endpoints.PREVIEW, get_preview),
        Route(endpoints.RECEIPT_PDF, get_receipt),
        Route(endpoints.DOSSIER_PDF, get_dossier),
        Route(endpoints.LETTER_PDF, get_letter),
        *letter_texts.routes(app),
        *letter_checks.routes(app),
        *partial_uploads.routes(app),
        *models.routes(app),
        *signatures.routes(app),
        *bundles.routes(app),
        *minutes.routes(app, views),
        *hand_overs.routes(app),
    ]


def _stored(outcome: Outcome[Document], language: Language) -> Response[api.Upload]:
    view = in_words(api.Upload.model_validate(outcome.answer), language)
    location = {"Location": endpoints.DOCUMENT.at(id=view.document)}
    return Response(view=view, events=outcome.events, headers=location)


async def _bytes(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _paper(made: Paper, request: Request) -> Response[None]:
    return Response(stream=made.chunks, headers=pdf_headers(made.size, made.filename, request.language))


def _headers(document: Document) -> dict[str, str]:
    return {
        "Content-Type": document.media_type,
        "Content-Length": str(document.size),
        "Content-Disposition": api.attachment(download_filename(document.filename, document.media_type)),
        "Accept-Ranges": "none",
        "ETag": f'"{document.sha256}"',
    }
