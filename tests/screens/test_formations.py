"""The catalogue: its tree, the filter, one programme (acceptance 36 to 38)."""

from __future__ import annotations

import pytest

from tests.screens.window import Window


async def test_the_tree_unfolds_by_keyboard_without_scripts(window: Window) -> None:
    await window.page.goto("/formations")
    await window.look("tree")
    centre = window.page.locator(".parvis-tree__summary").first
    await centre.focus()
    await window.page.keyboard.press("Enter")
    await window.look("unfolded")
    assert await window.page.locator(".parvis-tree[open]").count() >= 1


async def test_the_filter_finds_and_can_be_cleared(window: Window) -> None:
    await window.page.goto("/formations")
    await window.page.locator("#q").fill("OCEANOGRAPHIE")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/formations?q=*")
    assert await window.page.locator(".parvis-programmes__title:visible").count() == 2
    await window.look("found")
    await window.page.locator("#q").fill("trobairitz")
    await window.page.keyboard.press("Enter")
    await window.page.wait_for_url("**/formations?q=trobairitz*")
    await window.look("nothing")


async def test_a_filter_that_is_refused(window: Window) -> None:
    await window.page.goto(f"/formations?q={'m' * 101}")
    await window.look("refused")


@pytest.mark.parametrize("code", ["UPVD-M2-CALCUL-HAUTE-PERFORMANCE", "UPVD-M2-BIODIVERSITE"], ids=["open", "closed"])
async def test_a_programme(window: Window, code: str) -> None:
    await window.page.goto(f"/formations/{code}")
    await window.look("programme")
