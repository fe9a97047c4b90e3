"""A mail to an address that nobody has proved to be theirs repeats nothing that somebody has typed but the address."""

from __future__ import annotations

from pathlib import Path

from services.chassis.clock import FixedClock
from services.chassis.testing import run_suite
from services.contracts.events.accounts import LinkIssued
from services.mailer.usecases.declarations import Variable
from services.mailer.usecases.templates import FOLDER, declarations
from tests.service.mailer.test_mails import LINK, mails, noon, text_of
from tests.service.mailer.test_one_time_links import CAMPAIGN, PASSWORD, SERVICES, ZOE, ask, tokens

__all__ = ["noon"]

TYPED = {"family_name": "Gagné un prix Appelez", "given_name": "le 0612345678 ou gain chez mail point test"}
ASKING = ("/accounts", "/validations/resend", "/password-resets", "/accounts")


async def test_what_a_stranger_types_reaches_nobody_by_our_mails(tmp_path: Path, noon: FixedClock) -> None:
    """Registration, a new link, forgotten identifiers, a registration again; once it is proved, names are one's own."""
    async with run_suite(tmp_path / "var", services=SERVICES, clock=noon) as suite:
        await suite.publish(CAMPAIGN, "offers")
        await suite.settle()
        for number, path in enumerate(ASKING, start=1):
            await ask(suite, path, ZOE | TYPED if path == "/accounts" else {"email": ZOE["email"]})
            await mails(suite, number, minutes=6)
        for mail in await mails(suite, 4):
            said = "\n".join(map(str, (*mail.values(), text_of(mail), text_of(mail, "html"))))
            assert not any(word in said for word in ("0612345678", "Gagné", "Appelez", "gain chez")), mail[
                "X-Parvis-Kind"
            ]
            assert mail["To"].addresses[0].addr_spec == ZOE["email"]
        (known,) = [mail for mail in await mails(suite, 4) if mail["X-Parvis-Kind"] == "account-exists"]
        # Who has never chosen a password has forgotten none (texts A14).
        assert "Si vous n’avez pas encore de mot de passe" in text_of(known)
        await ask(suite, "/validations", {"password": PASSWORD, "token": tokens(suite)["account-created"]})
        await ask(suite, "/password-resets", {"email": ZOE["email"]})
        assert TYPED["given_name"] in text_of((await mails(suite, 5))[-1])


async def test_nor_does_what_0_1_0_tells_of_somebody_new(tmp_path: Path, noon: FixedClock) -> None:
    async with run_suite(tmp_path / "var", services=["mailer"], clock=noon) as suite:
        for kind in ("account-created", "link-resent", "email-changed"):
            await suite.publish(LinkIssued.model_validate(LINK | TYPED | {"kind": kind}), "accounts")
        for mail in await mails(suite, 3):
            assert "0612345678" not in text_of(mail) + str(mail["To"])


def test_no_text_to_an_unproved_address_names_anybody() -> None:
    unproved = {kind: declared for kind, declared in declarations(FOLDER).items() if not declared.proved}
    people = {"account-created", "link-resent", "email-changed", "email-taken"}
    assert unproved.keys() == {*people, "staff-appointed", "staff-invited"}
    for declared in unproved.values():
        naming = Variable.model_validate({"from": "event.given_name", "example": "Zoé"})
        assert list(declared.faults()) == []
        (fault,) = declared.model_copy(update={"variables": {"name": naming}}).faults()
        assert "stranger" in fault
