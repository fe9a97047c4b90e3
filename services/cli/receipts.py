"""`parvis verify-receipt`: what was submitted and when, checked with the public keys alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import aiohttp
import click


async def verify(*, receipt: str, jwks: str) -> int:
    """Print what the receipt proves, or why it proves nothing (exit code 1)."""
    from services.applications.views.receipts import BadReceipt, verify_receipt

    try:
        claims = verify_receipt(_compact(receipt), await _key_set(jwks))
    except BadReceipt as error:
        click.echo(f"The receipt is not valid: {error}", err=True)
        return 1
    click.echo(claims.model_dump_json(indent=2))
    click.echo("The receipt is valid.", err=True)
    return 0


def _compact(text: str) -> str:
    """The receipt itself: the text, or the `receipt` member of a JSON answer."""
    text = text.strip()
    if not text.startswith("{"):
        return text
    try:
        return str(json.loads(text)["receipt"])
    except (ValueError, KeyError):
        raise click.ClickException("the file holds neither a receipt nor an answer with one") from None


async def _key_set(place: str) -> dict[str, Any]:
    if not place.startswith(("http://", "https://")):
        try:
            return dict(json.loads(Path(place).read_text()))
        except (OSError, ValueError) as error:
            raise click.ClickException(f"no key set in {place}: {error}") from None
    try:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(10)) as client, client.get(place) as answer:
            answer.raise_for_status()
            return dict(await answer.json())
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise click.ClickException(f"no key set at {place}: {type(error).__name__}") from None
