"""What is taken for an address, and what would be one only until somebody uses it."""

from __future__ import annotations

import pytest

from services.contracts.addresses import is_email, is_web_address


@pytest.mark.parametrize(
    "text",
    [
        "candidatures@parvis.example",
        "o'neill+m1@sciences.univ-test.fr",
        "A_B@x.test",
    ],
)
def test_mail_goes_there(text: str) -> None:
    assert is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a",
        "a@b",
        "a@@b.fr",
        '"><b>@x.example',
        "a..b@x.example",
        ".a@x.example",
        "a@-x.example",
        "a@x..fr",
        "a@x.fr\nCc: b@x.fr",
    ],
)
def test_mail_goes_nowhere(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.univ-test.fr/formations/m1?annee=2027&voie=a#lieu",
        "http://127.0.0.1:8080/x",
        "https://[::1]:8443/",
        "HTTPS://Univ-Test.FR",
        "https://univ-test.fr/caf%C3%A9_(site)/~dupont;v=1",
    ],
)
def test_a_browser_goes_there(text: str) -> None:
    assert is_web_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "www.univ-test.fr",
        "javascript:alert(1)",
        "//evil.example/x",
        "ftp://univ-test.fr/",
        "https://",
        "https://[::1",
        "https://ex.example/<script>",
        'https://ex.example/"onclick',
        "https://ex.example:port/",
        "https://univ-test.fr@evil.example/",
        "https://-/",
        "https://univ test.fr/",
        "https://univ-test.fr/\nx",
    ],
)
def test_a_browser_goes_nowhere_or_elsewhere(text: str) -> None:
    assert not is_web_address(text)
