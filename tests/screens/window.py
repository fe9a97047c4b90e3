"""A person's window onto the suite: what they see, what their browser complains of, whether everybody can use it."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, Route

from services.contracts.languages import LANGUAGES, Language

RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WAIT_MILLISECONDS: Final = 120_000
_AXE: Final = Axe()


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a page: a width in CSS pixels, a language, with scripts or without."""

    width: int
    language: Language
    scripts: bool

    def __str__(self) -> str:
        return f"{self.width}-{self.language}-{'scripts' if self.scripts else 'plain'}"


VIEWS: Final = [View(*each) for each in itertools.product((390, 1280), LANGUAGES, (True, False))]


class Window:
    """A page with what has been wrong with it so far; `page` is the browser's own."""

    def __init__(self, page: Page, scripted: BrowserContext, view: View, folder: Path | None) -> None:
        self.page = page
        self._scripted = scripted
        self.view = view
        self.complaints: list[str] = []
        self._folder = folder
        self._pictures = itertools.count(1)

    @classmethod
    @asynccontextmanager
    async def opened(cls, browser: Browser, url: str, view: View, folder: Path | None) -> AsyncIterator[Self]:
        """A window of that view at the suite's address; `folder` takes pictures of what is looked at."""
        async with AsyncExitStack() as stack:

            async def context(*, scripts: bool) -> BrowserContext:
                made = await browser.new_context(
                    base_url=url,
                    locale=view.language,
                    viewport={"width": view.width, "height": 844},
                    java_script_enabled=scripts,
                )
                made.set_default_timeout(WAIT_MILLISECONDS)
                stack.push_async_callback(made.close)
                return made

            own = await context(scripts=view.scripts)
            scripted = own if view.scripts else await context(scripts=True)
            window = cls(await own.new_page(), scripted, view, folder)
            await window._listen(own, url)
            yield window

    async def look(self, name: str) -> None:
        """The page as it stands is one that everybody can use: no rule of WCAG 2.2 AA broken, nothing beyond its edge."""
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True)
            picture = self._folder / f"{self.view}-{next(self._pictures):02}-{name}.png"
            await self.page.screenshot(path=picture, full_page=True)
        async with self._with_scripts() as page:
            found = await _AXE.run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
            beyond: int = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert found.violations_count == 0, f"{name} ({self.view}): {found.generate_report()}"
        assert beyond <= 0, f"{name} ({self.view}): {beyond} px beyond the edge"

    @asynccontextmanager
    async def _with_scripts(self) -> AsyncIterator[Page]:
        """The page, or the same in a window where scripts run: axe is one, and the page's own are kept out of the copy."""
        if self.view.scripts:
            yield self.page
            return
        address, shown = self.page.url.partition("#")[0], await self.page.content()
        copy = await self._scripted.new_page()
        try:
            await copy.route("**/*.js", lambda route: route.abort())
            await copy.route(address, lambda route: route.fulfill(body=shown, content_type="text/html; charset=utf-8"))
            await copy.goto(address)
            yield copy
        finally:
            await copy.close()

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
