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
from playwright.async_api import Browser, BrowserContext, Page, Route

from services.contracts.languages import LANGUAGES, Language

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
HEIGHT: Final = 844
DESK: Final = 1280
WAIT_MILLISECONDS: Final = 120_000
_FIND: Final = f"axe.run({json.dumps({'runOnly': RULES, 'resultTypes': ['violations']})})"
"""What passes is as long as the page, and to bring it here would take longer than to find out."""
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

    One serves every look of a browser, for to open one costs more than to look.
    """

    def __init__(self, page: Page) -> None:
        self._page = page
        self._address = self._shown = ""

    @classmethod
    @asynccontextmanager
    async def opened(cls, browser: Browser) -> AsyncIterator[Self]:
        async with await browser.new_context() as context:
            context.set_default_timeout(WAIT_MILLISECONDS)
            copy = cls(await context.new_page())
            await context.route("**/*", copy._answer)
            yield copy

    async def of(self, page: Page, view: View) -> Page:
        """The same as that page at this moment, for its scripts to run in; until the next one is asked for."""
        self._address, self._shown = page.url.partition("#")[0], await page.content()
        await self._page.set_viewport_size({"width": view.width, "height": HEIGHT})
        await self._page.goto(self._address)
        return self._page

    async def _answer(self, route: Route) -> None:
        request = route.request
        if request.url == self._address and request.resource_type == "document":
            await route.fulfill(body=self._shown, content_type="text/html; charset=utf-8")
        elif request.resource_type in {"document", "script"}:
            await route.abort()
        else:
            await route.continue_()


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
            window = cls(await context.new_page(), copy, view, folder)
            await window._listen(context, url)
            yield window

    async def look(self, name: str) -> None:
        """The page as it stands is one that everybody can use: no rule of WCAG 2.2 AA broken, nothing beyond its edge."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            picture = self._folder / f"{self.view}-{next(self._pictures):02}-{name}.png"
            await self.page.screenshot(path=picture, full_page=True)
        page = self.page if self.view.scripts else await self._copy.of(self.page, self.view)
        await page.evaluate(AXE_SCRIPT)
        violations = await page.evaluate(f"{_FIND}.then(found => JSON.stringify(found.violations))")
        found = AxeResults({"violations": json.loads(violations)})
        beyond: int = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
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

    async def _listen(self, context: BrowserContext, url: str) -> None:
        async def own(route: Route) -> None:
            if route.request.url.startswith(f"{url}/"):
                await route.continue_()
            else:
                self.complaints.append(f"asked elsewhere: {route.request.url}")
                await route.abort()

        def said(message: Any) -> None:
            # That an answer was a refusal is told by the test, which meant it.
            if message.type == "error" and "Failed to load resource" not in message.text:
                self.complaints.append(message.text)

        await context.route("**/*", own)
        self.page.on("console", said)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
