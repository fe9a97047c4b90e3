"""Whose request it is, by the line that it came over."""

from ipaddress import ip_network

import pytest
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from services.chassis.clients import MOST_HOPS, Client, client_of, networks

PROXIES = networks("127.0.0.0/8,::1/128,10.1.0.0/16")


def asks(remote: str | None, *forwarded: str) -> Client | None:
    headers = CIMultiDict(("X-Forwarded-For", value) for value in forwarded)
    request = make_mocked_request("GET", "/", headers=headers)
    return client_of(request.clone(remote=remote or ""), PROXIES)


@pytest.mark.parametrize(
    ("remote", "forwarded", "expected"),
    [
        ("203.0.113.7", "", Client("203.0.113.7", "203.0.113.0/24")),
        ("127.0.0.1", "203.0.113.7", Client("203.0.113.7", "203.0.113.0/24")),
        ("10.1.2.3", "203.0.113.7, 10.1.9.9", Client("203.0.113.7", "203.0.113.0/24")),
        # What a stranger says of himself is not believed.
        ("203.0.113.7", "198.51.100.1", Client("203.0.113.7", "203.0.113.0/24")),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", Client("203.0.113.7", "203.0.113.0/24")),
        ("127.0.0.1", "nonsense, 203.0.113.7", Client("203.0.113.7", "203.0.113.0/24")),
        # One household of IPv6 is one address.
        ("::1", "2001:db8:aa:bb:1::9", Client("2001:db8:aa:bb::/64", "2001:db8:aa::/48")),
        ("::1", "2001:db8:aa:bb:ffff::1", Client("2001:db8:aa:bb::/64", "2001:db8:aa::/48")),
        ("fe80::1%eth0", "", Client("fe80::/64", "fe80::/48")),
        ("::ffff:203.0.113.7", "", Client("203.0.113.7", "203.0.113.0/24")),
        ("::ffff:127.0.0.1", "203.0.113.7", Client("203.0.113.7", "203.0.113.0/24")),
        # Only proxies are known, or nobody is.
        ("127.0.0.1", "", None),
        ("127.0.0.1", "10.1.2.3", None),
        ("127.0.0.1", "nonsense", None),
        (None, "203.0.113.7", None),
        (None, "", None),
    ],
)
def test_who_asks(remote: str | None, forwarded: str, expected: Client | None) -> None:
    assert asks(remote, *filter(None, [forwarded])) == expected


def test_several_headers_are_one_list() -> None:
    assert asks("127.0.0.1", "198.51.100.1", "203.0.113.7, 10.1.0.1") == Client("203.0.113.7", "203.0.113.0/24")


def test_the_last_hops_are_looked_at_and_no_more() -> None:
    hops = ["203.0.113.7"] + ["10.1.0.1"] * (MOST_HOPS - 1)
    assert asks("127.0.0.1", ", ".join(hops)) == Client("203.0.113.7", "203.0.113.0/24")
    assert asks("127.0.0.1", ", ".join([*hops, "10.1.0.1"])) is None


def test_networks_are_a_list_with_commas() -> None:
    assert networks(" 10.0.0.0/8 ,::1/128,") == (ip_network("10.0.0.0/8"), ip_network("::1/128"))
    for wrong in ("10.0.0.0/33", "10.0.0.1/8", "gateway"):
        with pytest.raises(ValueError, match=wrong):
            networks(wrong)
