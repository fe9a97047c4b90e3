"""Addresses of mail and of the web, as staff write them for people to use."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from email_validator import EmailNotValidError, validate_email

_WEB: Final = re.compile(r"https?://[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
"""What may stand in an address by RFC 3986, and no sign that ends one in a text or on a page."""
_HOST: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?)+|\[[0-9a-f:.]+\]", re.IGNORECASE)


def is_email(text: str) -> bool:
    """Whether mail can be written to it, as far as its form says (RFC 5322); nothing is looked up."""
    try:
        validate_email(text, check_deliverability=False, allow_smtputf8=False, test_environment=True)
    except EmailNotValidError:
        return False
    return "." in text.rpartition("@")[2]


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
