"""A browser that chooses files: forms with a file are written as browsers write them (HTML, section 4.10.21.8)."""

from __future__ import annotations

import asyncio
import io
import re
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from multidict import CIMultiDictProxy

from tests.service.portal.browser import Browser, Form, Page

Chosen = tuple[str, bytes, str]
"""A file that was chosen: its name, its content, and its type as the browser says it."""


def multipart(
    fields: Mapping[str, str], name: str, content: bytes, media_type: str = "application/pdf"
) -> tuple[bytes, str]:
    """Body and type of a form with these fields, in their order, and then a file."""
    return multipart_of(fields, [(name, content, media_type)])


def multipart_of(fields: Mapping[str, str], files: Sequence[Chosen]) -> tuple[bytes, str]:
    """The same with files in their order."""
    boundary = f"----WebKitFormBoundary{secrets.token_hex(8)}"
    body = b"".join(
        f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'.encode()
        for field, value in fields.items()
        if field != "file"
    )
    for name, content, media_type in files:
        written = name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
        head = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{written}"\r\n'
            f"Content-Type: {media_type}\r\n\r\n"
        )
        body += head.encode(errors="surrogateescape") + content + b"\r\n"
    return body + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


@dataclass(frozen=True)
class Download:
    """A file that was taken."""

    status: int
    content: bytes
    headers: CIMultiDictProxy[str]

    @property
    def filename(self) -> str:
        """The name under which a browser keeps it (RFC 6266)."""
        found = re.search(r"filename\*=UTF-8''(\S+)", self.headers["Content-Disposition"])
        assert found is not None
        return unquote(found[1])


class Uploader(Browser):
    """One person's browser, with files at hand; `email` is what somebody logs in with."""

    email = ""

    async def send_file(
        self,
        form: Form,
        name: str,
        content: bytes,
        *,
        media_type: str = "application/pdf",
        site: str | None = "same-origin",
        chunked: bool = False,
        headers: Mapping[str, str] | None = None,
        **fields: str,
    ) -> Page:
        """Choose a file in a form and press its button; `headers` are what stands between browser and suite adds."""
        body, form_type = multipart(form.fields | fields, name, content, media_type)
        return await self.post(form.action, body, form_type, site=site, chunked=chunked, more=headers)

    async def send_files(self, form: Form, *files: Chosen) -> Page:
        """Choose several files in a form and press its button."""
        return await self.post(form.action, *multipart_of(form.fields, files))

    async def post(
        self,
        path: str,
        body: bytes,
        media_type: str,
        *,
        site: str | None = "same-origin",
        chunked: bool = False,
        more: Mapping[str, str] | None = None,
    ) -> Page:
        """Send a body as it is."""
        headers = {"Content-Type": media_type, **({} if site is None else {"Sec-Fetch-Site": site}), **(more or {})}
        data = _pieces(body) if chunked else io.BytesIO(body)
        async with self._client.post(path, data=data, headers=headers) as response:
            return Page(response, await response.text())

    async def speak(self, method: str, path: str, data: Any, **headers: str) -> tuple[int, dict[str, Any]]:
        """Ask as a script of the page does; answer status and what it reads, nothing where that is a page."""
        sent = {"Sec-Fetch-Site": "same-origin", **headers}
        body = io.BytesIO(data) if isinstance(data, bytes) else data
        async with self._client.request(method, path, data=body, headers=sent) as response:
            is_json = response.content_type == "application/json"
            return response.status, (await response.json() if is_json else {})

    async def press_with(self, path: str, fields: list[tuple[str, str]]) -> Page:
        """Send a form of these fields."""
        return await self._post(path, fields, "same-origin")

    async def take(self, path: str) -> Download:
        """Download what a link leads to."""
        async with self._client.get(path) as response:
            return Download(response.status, await response.read(), response.headers)

    async def take_by(self, form: Form) -> Download:
        """Download what a button leads to."""
        headers = {"Sec-Fetch-Site": "same-origin"}
        async with self._client.post(form.action, data=form.fields, headers=headers) as response:
            return Download(response.status, await response.read(), response.headers)

    async def on_the_line(self, method: str, path: str) -> bytes:
        """All that comes over the line until it is closed or broken, as it is."""
        reader, writer = await asyncio.open_connection(self._host, self._port)
        writer.write(f"{self._head(method, path)}Connection: close\r\n\r\n".encode())
        came = b""
        with suppress(ConnectionError):
            while chunk := await reader.read(65536):
                came += chunk
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
        return came

    async def hang_up(self, path: str, body: bytes, size: int, media_type: str) -> None:
        """Send this much of a body of `size` bytes, and then close the line."""
        _, writer = await asyncio.open_connection(self._host, self._port)
        head = f"{self._head('POST', path)}Content-Type: {media_type}\r\nContent-Length: {size}\r\n\r\n"
        writer.write(head.encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    @property
    def _host(self) -> str:
        return self._url.removeprefix("http://").partition(":")[0]

    @property
    def _port(self) -> int:
        return int(self._url.rpartition(":")[2])

    def _head(self, method: str, path: str) -> str:
        cookies = "; ".join(f"{each.key}={each.value}" for each in self._client.cookie_jar)
        return (
            f"{method} {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\nCookie: {cookies}\r\n"
            "Sec-Fetch-Site: same-origin\r\nAccept: text/html\r\n"
        )


async def _pieces(body: bytes) -> AsyncIterator[bytes]:
    for at in range(0, len(body), 65536):
        yield body[at : at + 65536]
