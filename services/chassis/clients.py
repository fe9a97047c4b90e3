"""Who asks, by the line that a request came over: what limits per address and per network count by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from aiohttp import web

Network = IPv4Network | IPv6Network

MOST_HOPS: Final = 20
"""Addresses of `X-Forwarded-For` that are looked at, the last ones."""
LINE_BITS: Final = 64
"""Of IPv6 the /64 counts as one address: it is what one household or one campus network is given."""
NEIGHBOUR_BITS: Final = {4: 24, 6: 48}
"""What one institution or one provider's customer is given of each family, at the least."""


@dataclass(frozen=True, slots=True)
class Client:
    """A line to the Internet: its IPv4 address or IPv6 /64, and the /24 or /48 around it, as text."""

    address: str
    network: str


@lru_cache(maxsize=64)
def networks(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas; raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def client_of(request: web.BaseRequest, proxies: Sequence[Network]) -> Client | None:
    """Who sent a request: the last address that no trusted proxy has; None if only proxies are known.

    `X-Forwarded-For` is believed as far as trusted proxies wrote it: what stands before the first stranger is anybody's.
    """
    forwarded = ",".join(request.headers.getall("X-Forwarded-For", ())).split(",")[-MOST_HOPS:]
    return _first_stranger((*forwarded, request.remote or ""), tuple(proxies))


@lru_cache(maxsize=1024)
def _first_stranger(hops: tuple[str, ...], proxies: tuple[Network, ...]) -> Client | None:
    for text in reversed(hops):
        try:
            address = ip_address(text.strip())
        except ValueError:
            return None
        address = _plain(address)
        if not any(address in network for network in proxies):
            return _client(address)
    return None


def peer(address: str) -> Client | None:
    """Who is at the other end of a connection, proxies as all others; None for what is no IP address."""
    try:
        return _client(_plain(ip_address(address)))
    except ValueError:
        return None


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # without its zone
    return address


def _client(address: IPv4Address | IPv6Address) -> Client:
    around = ip_network((address, NEIGHBOUR_BITS[address.version]), strict=False)
    line = address if address.version == 4 else ip_network((address, LINE_BITS), strict=False)
    return Client(str(line), str(around))
