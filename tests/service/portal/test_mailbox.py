"""The development mailbox shows mails so that their links can be followed, and nothing in them does harm."""

from __future__ import annotations

import re
from email.message import EmailMessage

from services.chassis.mail.maildir import MaildirMail
from services.chassis.ports import OutgoingMail
from services.chassis.testing import Suite
from tests.service.portal.browser import Browser

HOSTILE = """<html><head><script>alert(1)</script></head><body onload="alert(1)">
<p style="color:red">Bonjour</p><img src="https://tracker.example/x.gif"><iframe src="https://evil.example"></iframe>
<form action="https://evil.example"><input name="x"></form><a href="javascript:alert(1)">x</a>
<a href="http://127.0.0.1/validation?token=abc">lien</a></body></html>"""


async def deliver(suite: Suite, subject: str, text: str, html: str | None = None) -> None:
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = subject, "candidatures@parvis.example", "zoe@example.org"
    mail["Date"] = "Mon, 01 Feb 2027 11:00:00 +0000"
    mail["Message-ID"] = message_id = f"<{abs(hash(subject))}@parvis.example>"
    mail.set_content(text)
    if html is not None:
        mail.add_alternative(html, subtype="html")
    transport = MaildirMail(suite.host.settings.data / "mail")
    await transport.send(OutgoingMail(message_id, "a@parvis.example", "zoe@example.org", mail.as_bytes()))
    await transport.close()


async def test_an_empty_mailbox_says_so(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        assert "Aucun mail" in (await browser.open("/mailbox")).words


async def test_a_mail_is_shown_with_its_link_to_follow(suite: Suite) -> None:
    await deliver(
        suite, "Validez <votre> compte", "Suivez :\n\nhttp://127.0.0.1/validation?token=abc&x=1.\n<b>fin</b>\n"
    )
    async with Browser(suite.url) as browser:
        box = await browser.open("/mailbox")
        assert "Validez <votre> compte" in box.words
        (path,) = [link for link in box.links if re.fullmatch(r"/mailbox/[0-9a-f]{32}", link)]
        mail = await browser.open(path)
        assert mail.heading == "Validez <votre> compte"
        assert "http://127.0.0.1/validation?token=abc&x=1" in mail.links
        assert "1 février 2027" in mail.words
        assert "<b>fin</b>" in mail.words
        assert "iframe" not in mail.html
        assert (await browser.open(f"{path}/html")).status == 404


async def test_the_html_of_a_mail_is_shown_without_what_could_harm(suite: Suite) -> None:
    await deliver(suite, "Mise en forme", "texte", HOSTILE)
    async with Browser(suite.url) as browser:
        (path,) = [link for link in (await browser.open("/mailbox")).links if link.startswith("/mailbox/")]
        assert f'src="{path}/html"' in (await browser.open(path)).html
        frame = await browser.open(f"{path}/html")
        assert frame.status == 200
        assert "Bonjour" in frame.html
        assert 'href="http://127.0.0.1/validation?token=abc"' in frame.html
        for harm in ("script", "onload", "iframe", "<form", "javascript:", "alert"):
            assert harm not in frame.html, harm
        policy = frame.headers["Content-Security-Policy"]
        assert policy.startswith("sandbox ")
        assert "default-src 'none'" in policy
        assert "img-src data:" in policy
        assert frame.headers["X-Frame-Options"] == "SAMEORIGIN"


async def test_a_mail_that_is_not_there_is_404(suite: Suite) -> None:
    async with Browser(suite.url) as browser:
        for name in ("x", "0" * 32, "..%2f..%2fetc"):
            assert (await browser.open(f"/mailbox/{name}")).status == 404
            assert (await browser.open(f"/mailbox/{name}/html")).status == 404


NOT_FROM_HERE = [
    {"Host": "candidatures.univ.test"},
    {"Host": "rebound.example:8080"},
    {"Host": "[::1"},
    {"Host": ""},
    {"X-Forwarded-For": "203.0.113.7"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"Forwarded": "for=127.0.0.1"},
    {"X-Real-IP": "127.0.0.1"},
    {"X-Forwarded-Host": "localhost"},
    {"Via": "1.1 gateway"},
    {"Parvis-Arrived": "1764300000.000 0.000"},
]


async def test_the_mailbox_exists_for_this_machine_alone(suite: Suite) -> None:
    """Whoever reads a link has the account: behind a gateway, or at a name that a stranger gave, there is none."""
    await deliver(suite, "Validez votre compte", "texte", "<p>texte</p>")
    async with Browser(suite.url) as browser:
        home = await browser.open("/")
        assert "/mailbox" in home.links
        (path,) = [link for link in (await browser.open("/mailbox")).links if link.startswith("/mailbox/")]
        for headers in NOT_FROM_HERE:
            for page in ("/mailbox", path, f"{path}/html"):
                assert (await browser.open(page, headers=headers)).status == 404, (page, headers)
            assert "/mailbox" not in (await browser.open("/", headers=headers)).links, headers
        for headers in ({"Host": "localhost:8080"}, {"Host": "127.0.0.1"}, {"Host": "[::1]:8080"}):
            assert (await browser.open("/mailbox", headers=headers)).status == 200, headers
