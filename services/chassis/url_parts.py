"""What the parts of a URL say, for who opens what it means; each raises ValueError for parts that it cannot be of."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, unquote


def bare(parts: SplitResult) -> None:
    """Nothing may stand behind the colon; raises ValueError."""
    if parts.netloc or parts.path or parts.query or parts.fragment:
        raise ValueError("takes nothing behind its colon")


def folder_of(parts: SplitResult, default: Path) -> Path:
    """The folder that is named, or the default; raises ValueError."""
    if parts.netloc or parts.query or parts.fragment:
        raise ValueError("takes a folder and nothing else")
    return Path(unquote(parts.path)).absolute() if parts.path else default


def bare_host(parts: SplitResult) -> str:
    """The host, before which no user stands; raises ValueError."""
    if parts.username or parts.password:
        raise ValueError("takes //HOST/PATH and no user")
    return parts.netloc


def web_address(parts: SplitResult) -> str:
    """The address, behind `cas+` or `oidc+` where it has that, without trailing slash."""
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("the port is not a number") from None
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("takes an address with neither query nor fragment")
    return parts._replace(scheme=parts.scheme.rpartition("+")[2]).geturl().rstrip("/")


def host_and_port(parts: SplitResult, default_port: int) -> tuple[str, int]:
    """Host and port of a server; raises ValueError."""
    try:
        port = parts.port or default_port
    except ValueError:
        raise ValueError("the port is not a number") from None
    if not parts.hostname or parts.username or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError("takes //HOST:PORT and nothing else")
    return parts.hostname, port
