"""Support finds a person and helps them by buttons, without JavaScript; the person reads what was done."""

from __future__ import annotations

import pytest

from services.accounts.domain.grants import Grant
from services.chassis.testing import Suite
from services.contracts.actors import Role
from tests.service.portal.applications.staff import appointed, staff
from tests.service.portal.browser import Browser
from tests.service.portal.people import an_account, log_in, mail_to

HERE = "/gestion/comptes"
pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_person_is_found_and_helped_and_reads_what_was_done(suite: Suite) -> None:
    old, new = "lison.aubry@example.org", "lison.aubry@ailleurs.org"
    number = await an_account(suite, old, family_name="Aubry-Longuet")
    async with Browser(suite.url) as sam, Browser(suite.url) as lison:
        await log_in(lison, old)
        await appointed(suite, sam, "sam.support@univ.test", Grant(Role.SUPPORT))
        page = await log_in(sam, "sam.support@univ.test")
        assert HERE in page.links
        page = await sam.open(HERE)
        assert page.heading == "Comptes" and "correspond" not in page.words
        short = await sam.open(f"{HERE}?q=a")
        assert short.status == 422 and "#q" in short.links
        assert "Personne ne correspond" in (await sam.open(f"{HERE}?q=nobody-is-called-so")).words
        page = await sam.open(f"{HERE}?q=aubry+longuet")
        assert number in page.words and "Adresse valid\u00e9e" in page.words
        (person,) = [link for link in page.links if link.startswith(f"{HERE}/") and "?" not in link]
        page = await sam.open(person)
        assert page.heading == "Zo\u00e9 Aubry-Longuet" and old in page.words
        assert f"{person}/validation" not in page.links
        mails = next(link for link in page.links if link.startswith("/gestion/messages?"))
        assert old in (await sam.open(mails)).words

        form = (await sam.open(f"{person}/connexions")).forms[0]
        page = await sam.send(form)
        assert (
            page.address == person and "Connexions ferm\u00e9es" in page.words and "sam.support@univ.test" in page.words
        )
        assert "C\u2019est fait" in page.words
        assert (await sam.send(form)).status == 200, "pressed twice"
        for other in ("mot-de-passe", "nothing"):
            assert "C\u2019est fait" not in (await sam.open(f"{person}?fait={other}")).words, "not done"
        await suite.settle()
        assert (await lison.open("/candidatures")).address == "/connexion", "applications knows as well"
        assert (await lison.open("/compte")).address == "/connexion"

        form = (await sam.open(f"{person}/adresse")).forms[0]
        wrong = await sam.send(form, email=new, email_confirmation=old, reason="")
        assert wrong.status == 422 and {"#email_confirmation", "#reason"} <= {*wrong.links}
        page = await sam.send(
            form, email=new, email_confirmation=new, reason="Carte d\u2019identit\u00e9 vue au guichet"
        )
        assert page.status == 200 and new in page.words and "au guichet" in page.words
        await sam.send((await sam.open(f"{person}/mot-de-passe")).forms[0])
        soon = await sam.send((await sam.open(f"{person}/mot-de-passe")).forms[0])
        assert soon.status == 429 and soon.heading == "Un mail est parti il y a peu"
        assert (await sam.open(f"{person}/validation")).address == person
        assert (await sam.open(f"{HERE}/nobody")).status == 404

        await log_in(lison, old)
        page = await lison.open("/compte")
        assert "Ce que l\u2019assistance a fait" in page.words and "au guichet" in page.words
        assert "sam.support@univ.test" not in page.words
        assert (await lison.open(HERE)).status == 403
    assert "token=" in await mail_to(suite, new)
    async with staff(suite, "maxime.support") as manager:
        for path in (HERE, f"{HERE}?q=aubry", person):
            assert (await manager.open(path)).status == 403
        assert HERE not in (await manager.open("/gestion")).links


async def test_who_waits_for_a_link_gets_another_and_staff_are_helped_by_administrators_alone(suite: Suite) -> None:
    email = "noe.lafargue@example.org"
    body = {"family_name": "Lafargue", "given_name": "No\u00e9", "email": email, "email_confirmation": email}
    async with suite.client.post("/api/accounts/accounts", json=body) as response:
        assert response.status == 202
    await suite.settle()
    async with Browser(suite.url) as sam, Browser(suite.url) as ada:
        await appointed(suite, sam, "sonia.support@univ.test", Grant(Role.SUPPORT))
        await appointed(suite, ada, "ada.admin@univ.test", Grant(Role.ADMIN))
        await log_in(sam, "sonia.support@univ.test")
        await log_in(ada, "ada.admin@univ.test")
        page = await sam.open(f"{HERE}?q={email}")
        (person,) = [link for link in page.links if link.startswith(f"{HERE}/") and "?" not in link]
        page = await sam.open(person)
        assert "Adresse \u00e0 valider" in page.words and f"{person}/adresse" not in page.links
        page = await sam.send((await sam.open(f"{person}/validation")).forms[0])
        assert page.status == 200 and "Lien de validation renvoy\u00e9" in page.words

        assert "Personne ne correspond" in (await sam.open(f"{HERE}?q=ada.admin@univ.test")).words
        page = await ada.open(f"{HERE}?q=sonia.support@univ.test")
        (member,) = [link for link in page.links if link.startswith(f"{HERE}/") and "?" not in link]
        assert (await sam.open(member)).status == 404
        page = await ada.open(member)
        assert f"{member}/adresse" not in page.links
        page = await ada.send((await ada.open(f"{member}/connexions")).forms[0])
        assert page.status == 200
        assert (await sam.open(f"{HERE}?q=aubry")).address == "/connexion"
