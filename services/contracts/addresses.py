"""Addresses of mail and of the web, as staff write them for people to use."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

LONGEST_EMAIL: Final = 254
"""Characters (RFC 5321)."""
_LABEL: Final = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_EMAIL: Final = re.compile(
    rf"[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{{|}}~-]+)*@{_LABEL}(?:\.{_LABEL})+", re.IGNORECASE
)
"""The form of RFC 5322 that is in use, as browsers check it; without dots where RFC 5321 has none."""
_WEB: Final = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
"""What may stand in an address by RFC 3986, and no sign that ends one in a text or on a page."""
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?)+|\[[0-9a-f:.]+\]", re.IGNORECASE)


def is_email(text: str) -> bool:
    """Whether mail can be written to it, as far as its form says; nothing is looked up."""
    return len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(text) is not None


def is_web_address(text: str) -> bool:
    """Whether it is a whole http or https address with a host that can be one."""
    if not _WEB.fullmatch(text):
        return False
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    return host is not None and "@" not in parts.netloc and (f"[{host}]" in parts.netloc or bool(_HOST.fullmatch(host)))
