"""A browser without JavaScript: keeps cookies, follows links, fills in forms, says where a request comes from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

LOG_OUT = "/deconnexion"
PLAIN = dict.fromkeys((0xA0, 0x202F), " ")
"""Spaces where no line breaks are spaces to who reads."""


@dataclass
class Form:
    """A form of a page: where it goes and what is in it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """What a person meets on a page."""

    def __init__(self, response: aiohttp.ClientResponse, text: str) -> None:
        super().__init__()
        self.status = response.status
        self.headers = response.headers
        self.path = response.url.raw_path_qs
        self.cookies = {
            cookie: morsel for each in (*response.history, response) for cookie, morsel in each.cookies.items()
        }
        self.html = text
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.heading = ""
        self.words = ""
        self._open: list[str] = []
        self._fields: list[str] = []
        self._area = self._select = ""
        self.feed(text)
        self._goes_down()
        # The log-out of the header stands on every page of who is logged in.
        self.forms.sort(key=lambda form: form.action == LOG_OUT)

    @property
    def address(self) -> str:
        """Where it is, without its query."""
        return self.path.partition("?")[0]

    @property
    def complaints(self) -> list[str]:
        """The fields to which the summary of errors leads, in its order."""
        return [link.removeprefix("#") for link in self.links if link.startswith("#") and link != "#main-content"]

    def _goes_down(self) -> None:
        """The list of what is wrong is in the order of the page, for whoever mends one fault after the other."""
        if "govuk-error-summary" not in self.html:
            return
        places = [self._fields.index(each) if each in self._fields else None for each in self.complaints]
        there = [each for each in places if each is not None]
        assert there == sorted(there), (self.path, self.complaints)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._fields.append(given.get("id", ""))
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(Form(given.get("action", "")))
        if (
            tag == "input"
            and "name" in given
            and (given.get("type") not in ("checkbox", "radio") or "checked" in given)
        ):
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        if tag == "select":
            self._select = given["name"]
            self.forms[-1].fields[self._select] = ""
        if tag == "option" and "selected" in given:
            self.forms[-1].fields[self._select] = given.get("value", "")
        if tag == "textarea":
            self._area = given["name"]
            self.forms[-1].fields[self._area] = ""
        if tag in ("h1", "title", "style"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._area:
            # What browsers leave out: the line's end behind the tag.
            self.forms[-1].fields[self._area] += data.removeprefix("\n")
            return
        data = data.translate(PLAIN)
        if "h1" in self._open:
            self.heading += data.strip()
        if not self._open or self._open[-1] == "h1":
            self.words += f" {data}"


class Browser:
    """One person's browser, pointed at a suite."""

    def __init__(self, url: str, language: str = "fr") -> None:
        self._url = url
        self._client = aiohttp.ClientSession(
            url,
            cookie_jar=aiohttp.CookieJar(unsafe=True),
            headers={"Accept": "text/html", "Accept-Language": language},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self._client.close()

    async def open(self, path: str, headers: Mapping[str, str] | None = None) -> Page:
        """Type an address or follow a link; `headers` are what stands between browser and suite adds or changes."""
        async with self._client.get(path.removeprefix(self._url), headers=headers) as response:
            return Page(response, await response.text())

    @asynccontextmanager
    async def listen(self, path: str, **headers: str) -> AsyncIterator[aiohttp.ClientResponse]:
        """Hear what a page's script hears, for as long as one wants."""
        async with self._client.get(path, headers=headers, timeout=aiohttp.ClientTimeout(120)) as response:
            yield response

    def cookie(self, name: str) -> str | None:
        """What the browser keeps under this name."""
        return next((each.value for each in self._client.cookie_jar if each.key == name), None)

    def keep_cookies(self, **cookies: str) -> None:
        """Have these cookies, whatever the site has given."""
        self._client.cookie_jar.update_cookies(cookies, URL(self._url))

    async def open_as_it_is(self, path: str) -> Page:
        """Type an address whose path is sent as it stands, two slashes at its head included."""
        async with self._client.get(URL(f"{self._url}{path}", encoded=True)) as response:
            return Page(response, await response.text())

    async def send(self, form: Form, site: str | None = "same-origin", **fields: str) -> Page:
        """Fill in a form and press its button; `site` is what the browser says of where the page came from."""
        return await self._post(form.action, list((form.fields | fields).items()), site)

    async def tick(self, form: Form, name: str, *values: str, **fields: str) -> Page:
        """The same with boxes of one name, of which these are ticked and no others."""
        filled = [field for field in (form.fields | fields).items() if field[0] != name]
        return await self._post(form.action, [*filled, *((name, value) for value in values)], "same-origin")

    async def _post(self, action: str, data: list[tuple[str, str]], site: str | None) -> Page:
        headers = {} if site is None else {"Sec-Fetch-Site": site}
        async with self._client.post(action, data=data, headers=headers) as response:
            return Page(response, await response.text())
