"""A person's window onto the suite: what they see, what their browser complains of, whether everybody can use it."""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.async_api import Browser, BrowserContext, Page, Request, Route

from services.contracts.languages import LANGUAGES, Language

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HEIGHT: Final = 844
DESK: Final = 1280
WAIT_MILLISECONDS: Final = 120_000
_AXE_THERE: Final = f"window.parvisAxe = function () {{ {AXE_SCRIPT} }};"
"""Given to the browser once per context: to send it to every page that is looked at takes a third of the look."""
_FIND: Final = f"""async () => {{
    if (!window.axe) window.parvisAxe();
    const found = await axe.run({json.dumps({"runOnly": RULES, "resultTypes": ["violations"]})});
    return [JSON.stringify(found.violations), document.documentElement.scrollWidth - window.innerWidth];
}}"""
"""What passes is as long as the page, and to bring it here would take longer than to find out."""
_SHOW: Final = """async ([address, shown]) => {
    history.replaceState(null, "", address);
    const root = document.adoptNode(new DOMParser().parseFromString(shown, "text/html").documentElement);
    const loaded = (each, failed) => new Promise((resolve, reject) => {
        each.addEventListener("load", resolve);
        each.addEventListener("error", () => failed(resolve, reject));
    });
    const missing = (sheet) => (_, reject) => reject(new Error(`not loaded: ${sheet.href}`));
    const coming = [
        ...[...root.querySelectorAll("link[rel=stylesheet]")].map((sheet) => loaded(sheet, missing(sheet))),
        ...[...root.querySelectorAll("img:not([loading=lazy])")].map((img) => loaded(img, (resolve) => resolve())),
    ];
    document.documentElement.replaceWith(root);
    await Promise.all(coming);
    await document.fonts.ready;
    window.scrollTo(0, 0);
}"""
"""No script of what is parsed so ever runs; pictures that only the person may see are not shown here."""
_CUT: Final = r"""
selector => [...document.querySelectorAll(selector)].flatMap(cell => {
  const cut = [], texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
  const words = /(?<![\p{L}\p{N}])[\p{L}\p{N}]{2,15}(?![\p{L}\p{N}])/gu;
  while (texts.nextNode()) for (const word of texts.currentNode.data.matchAll(words)) {
    const range = document.createRange();
    range.setStart(texts.currentNode, word.index);
    range.setEnd(texts.currentNode, word.index + word[0].length);
    if (new Set([...range.getClientRects()].map(each => each.top)).size > 1) cut.push(word[0]);
  }
  return cut;
})
"""


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a page: a width in CSS pixels, a language, with scripts or without."""

    width: int
    language: Language
    scripts: bool

    def __str__(self) -> str:
        return f"{self.width}-{self.language}-{'scripts' if self.scripts else 'plain'}"


VIEWS: Final = [View(*each) for each in itertools.product((390, 1280), LANGUAGES, (True, False))]


class Copy:
    """What is shown where no scripts run, in a page where they do: axe is one, and the page's own are kept out.

    One serves every look of a browser, in one document, for to open another costs as much as to look.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._origin = ""

    @classmethod
    @asynccontextmanager
    async def opened(cls, browser: Browser) -> AsyncIterator[Self]:
        async with await browser.new_context() as context:
            context.set_default_timeout(WAIT_MILLISECONDS)
            await context.add_init_script(_AXE_THERE)
            yield cls(await context.new_page())

    async def of(self, page: Page, view: View) -> Page:
        """The same as that page at this moment, for axe to run in; until the next one is asked for."""
        address, shown = page.url.partition("#")[0], await page.content()
        if (origin := "/".join(address.split("/")[:3])) != self._origin:
            await self._begins_at(f"{origin}/")
            self._origin = origin
        await self._page.set_viewport_size({"width": view.width, "height": HEIGHT})
        await self._page.evaluate(_SHOW, [address, shown])
        return self._page

    async def _begins_at(self, address: str) -> None:
        """An empty document of that origin; while requests are answered here, the browser keeps nothing of what it loads."""
        await self._page.route(address, _answer_with_nothing)
        await self._page.goto(address)
        await self._page.unroute(address)


async def _answer_with_nothing(route: Route) -> None:
    await route.fulfill(body="<!doctype html><title>-</title>", content_type="text/html; charset=utf-8")


class Window:
    """A page with what has been wrong with it so far; `page` is the browser's own."""

    def __init__(self, page: Page, copy: Copy, view: View, folder: Path | None) -> None:
        self.page = page
        self._copy = copy
        self.view = view
        self.complaints: list[str] = []
        self._folder = folder
        self._pictures = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, browser: Browser, url: str, view: View, folder: Path | None, copy: Copy
    ) -> AsyncIterator[Self]:
        """A window of that view at the suite's address; `folder` takes pictures of what is looked at."""
        async with await browser.new_context(
            base_url=url,
            locale=view.language,
            viewport={"width": view.width, "height": HEIGHT},
            java_script_enabled=view.scripts,
        ) as context:
            context.set_default_timeout(WAIT_MILLISECONDS)
            if view.scripts:
                await context.add_init_script(_AXE_THERE)
            window = cls(await context.new_page(), copy, view, folder)
            window._listen(context, url)
            yield window

    async def look(self, name: str) -> None:
        """The page as it stands is one that everybody can use: no rule of WCAG 2.2 AA broken, nothing beyond its edge."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            picture = self._folder / f"{self.view}-{next(self._pictures):02}-{name}.png"
            await self.page.screenshot(path=picture, full_page=True)
        page = self.page if self.view.scripts else await self._copy.of(self.page, self.view)
        violations, beyond = await page.evaluate(_FIND)
        found = AxeResults({"violations": json.loads(violations)})
        assert found.violations_count == 0, f"{name} ({self.view}): {found.generate_report()}"
        assert beyond <= 0, f"{name} ({self.view}): {beyond} px beyond the edge"

    async def reads(self, selector: str) -> None:
        """At a desk no word of what the selector finds is cut in two; words that nobody could show whole aside."""
        page = self.page if self.view.scripts else await self._copy.of(self.page, self.view)
        await page.set_viewport_size({"width": DESK, "height": HEIGHT})
        cut: list[str] = await page.evaluate(_CUT, selector)
        beyond: int = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        await page.set_viewport_size({"width": self.view.width, "height": HEIGHT})
        assert (cut, beyond) == ([], 0), f"{selector} ({self.view}): {cut} cut, {beyond} px beyond the edge"

    def _listen(self, context: BrowserContext, url: str) -> None:
        """To stop each request and let it go would keep the browser from what it has loaded before, as people's does not."""

        def asked(request: Request) -> None:
            if not request.url.startswith(f"{url}/"):
                self.complaints.append(f"asked elsewhere: {request.url}")

        def said(message: Any) -> None:
            # That an answer was a refusal is told by the test, which meant it.
            if message.type == "error" and "Failed to load resource" not in message.text:
                self.complaints.append(message.text)

        context.on("request", asked)
        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
