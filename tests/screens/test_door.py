"""The pages that one meets before one has an account."""

from __future__ import annotations

from tests.screens.window import Window


async def test_the_home_page(window: Window) -> None:
    await window.page.goto("/")
    await window.look("home")


async def test_a_page_that_is_not_there(window: Window) -> None:
    await window.page.goto("/nowhere")
    await window.look("missing")
