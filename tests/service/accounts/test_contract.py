"""What is declared is what there is: texts of refusals and rules, events listened to, and the mails that people get."""

import ast
import asyncio
import re
from email.message import EmailMessage
from pathlib import Path

import services.accounts
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.refusals import ErrorCode
from services.contracts.refusals import accounts as refusals
from tests.service.accounts.client import AccountsClient

ROOT = Path(services.accounts.__file__).parent
DECLARED = {name: value for name, value in vars(refusals).items() if isinstance(value, ErrorCode)}


def test_every_refusal_and_rule_can_happen() -> None:
    names, texts = set(), set()
    for file in ROOT.rglob("*.py"):
        if file != Path(refusals.__file__):
            nodes = list(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
            names |= {node.id for node in nodes if isinstance(node, ast.Name)}
            texts |= {node.value for node in nodes if isinstance(node, ast.Constant)}
    assert names >= DECLARED.keys()
    assert texts >= set(refusals.FIELD_RULES)


async def test_every_refusal_speaks_french_and_english_and_echoes_nothing(client: AccountsClient) -> None:
    french = await client.zoe(email="zoe@<b>").register()
    english = await client.zoe(email="zoe@<b>").register({"Accept-Language": "en"})
    assert french.body["fields"][0]["message"].startswith("Saisissez une adresse mail valide")
    assert english.body["fields"][0]["message"].startswith("Enter a valid e-mail address")
    assert "<b>" not in str([french.body, english.body])


async def test_the_link_of_a_real_mail_validates_and_its_login_logs_in(tmp_path: Path, clock: FixedClock) -> None:
    """Acceptance 1, 6, 10, 12: through the mailer and the Maildir."""
    async with run_suite(tmp_path, services=("accounts", "mailer"), clock=clock) as suite:
        client = AccountsClient(suite, clock)
        await client.open_campaign()
        zoe = client.zoe()
        await zoe.register()
        (mail,) = await _mails(suite, 1)
        assert mail["To"] is not None
        assert zoe.email in str(mail["To"])
        part = mail.get_body(preferencelist=("plain",))
        assert part is not None
        text = part.get_content()
        found = re.search(r"http://127\.0\.0\.1:\d+/validation\?token=([A-Za-z0-9_-]{43})\b", text)
        assert found is not None
        reply = await zoe.follow(found[1])
        assert reply.body["login"] in text
        assert zoe.password not in text
        assert (await zoe.log_in(login=reply.body["login"])).status == 200
        await zoe.register()
        await zoe.forget()
        await _mails(suite, 3)


async def _mails(suite: Suite, count: int) -> list[EmailMessage]:
    """The mails, once so many have been sent."""
    async with asyncio.timeout(120):
        while len(suite.mails()) < count:
            await asyncio.sleep(0.01)
    assert len(suite.mails()) == count
    return suite.mails()
