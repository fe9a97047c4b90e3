"""A client that nobody wrote: made from the OpenAPI documents, it plays a candidate's whole way."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.cli.docs_generation import openapi_documents
from tests.candidate import ADDRESS, BACCALAUREATE, IDENTITY, PASSWORD, Mailbox, pdf

USED = ("accounts", "offers", "applications", "documents")
MOMENT = datetime(2027, 2, 1, 11, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a package for each service, on the path while the tests of this file run."""
    folder = tmp_path_factory.mktemp("client")
    for service, document in openapi_documents().items():
        if service in USED:
            (folder / f"{service}.json").write_text(json.dumps(document))
    for name in USED:
        command = [str(Path(sys.executable).with_name("openapi-python-client")), "generate", "--meta", "none"]
        command += ["--path", str(folder / f"{name}.json"), "--output-path", str(folder / f"{name}_client")]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert (folder / f"{name}_client/client.py").exists(), ended.stdout + ended.stderr
    sys.path.insert(0, str(folder))
    yield folder
    sys.path.remove(str(folder))


class Generated:
    """The generated packages, with one client each; an answer must be of the type that its document foresees."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.token = ""
        self._seen: list[str] = []

    async def ask(self, service: str, operation: str, status: int, *path: str, body: Any = None, **more: Any) -> Any:
        """One call by its operation's name; the parsed answer."""
        package = f"{service}_client"
        client = importlib.import_module(f"{package}.client")
        call = importlib.import_module(f"{package}.api.{service}.{operation}")
        given = {"base_url": self._url, "headers": {"Parvis-Seen": ", ".join(self._seen)} if self._seen else {}}
        who = client.AuthenticatedClient(token=self.token, **given) if self.token else client.Client(**given)
        async with who:
            if body is not None:
                more["body"] = body
            answer = await call.asyncio_detailed(*path, client=who, **more)
        assert answer.status_code == status, answer.content
        self._seen = [*self._seen, *filter(None, [answer.headers.get("Parvis-Seen")])][-4:]
        return answer.parsed

    @staticmethod
    def model(service: str, name: str, content: dict[str, Any]) -> Any:
        """A body as the package's own type, which takes nothing that it does not know."""
        models: ModuleType = importlib.import_module(f"{service}_client.models")
        return getattr(models, name).from_dict(content)

    @staticmethod
    def file(content: bytes) -> Any:
        """Bytes to upload; an open file the generated package reads in its synchronous calls alone."""
        types = importlib.import_module("documents_client.types")
        return types.File(payload=content, file_name="cv.pdf", mime_type="application/pdf")


async def test_a_generated_client_goes_the_whole_way(made: Path, tmp_path: Path) -> None:
    async with run_suite(tmp_path, services=(*USED, "mailer"), clock=FixedClock(MOMENT)) as suite:
        await suite.settle()
        client = Generated(suite.url)
        ask, model = client.ask, client.model
        person = {"family_name": "Müller", "given_name": "Zoé", "email": "zoe@example.org"}
        person |= {"email_confirmation": "zoe@example.org"}
        await ask("accounts", "post_accounts", 202, body=model("accounts", "Registration", person))
        token = await Mailbox(tmp_path / "mail").link_token("zoe@example.org")
        validation = model("accounts", "Validation", {"token": token, "password": PASSWORD})
        login = (await ask("accounts", "post_validations", 200, body=validation)).login
        credentials = model("accounts", "Credentials", {"login": login, "password": PASSWORD})
        client.token = (await ask("accounts", "post_sessions", 200, body=credentials)).access_token
        for step, content in (("identity", IDENTITY), ("address", ADDRESS), ("baccalaureate", BACCALAUREATE)):
            body = model("accounts", step.capitalize(), content)
            await ask("accounts", f"put_me_profile_{step}", 200, body=body)
        found = await ask("offers", "get_programmes", 200, q="energie solaire", open_=True)
        opening = model("applications", "OpenApplication", {"programme": found.items[0].code})
        application = await ask("applications", "post_applications", 201, body=opening)
        for piece in application.pieces:
            if piece.conditional:
                await ask(
                    "applications", "put_applications_id_pieces_code_not_applicable", 200, application.id, piece.code
                )
                continue
            upload = await ask("documents", "put_uploads", 201, body=client.file(pdf()), x_filename="cv.pdf")
            deposit = model("applications", "DepositPiece", {"receipt": upload.receipt})
            await ask("applications", "put_applications_id_pieces_code", 200, application.id, piece.code, body=deposit)
        submitted = await ask("applications", "post_applications_id_submission", 200, application.id)
        assert submitted.receipt

        refused = await ask("applications", "post_applications_id_submission", 200, application.id)
        assert refused.receipt == submitted.receipt
        problem = await ask("applications", "get_applications_id", 404, "nothing")
        assert (type(problem).__name__, problem.slug) == ("Problem", "not-found")
