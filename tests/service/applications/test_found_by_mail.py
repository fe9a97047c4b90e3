"""Staff find files by the e-mail address of their person, and read it where they work."""

from __future__ import annotations

from services.applications.repository.languages import READERS
from services.applications.repository.listing import LISTING
from services.applications.usecases.listing import rebuild
from services.applications.wiring import use_cases
from services.chassis.clock import FixedClock
from services.chassis.context import OPERATOR, CommandContext
from services.contracts.events.accounts import AccountErased, AddressChanged
from tests.service.applications.candidate import PeerServices
from tests.service.applications.test_export import fetched, table
from tests.service.applications.test_lists import Files, rows
from tests.service.applications.test_review import Staff


async def written_to(peers: PeerServices, account: str, email: str) -> None:
    names = {"file_number": "AB12CD34", "family_name": "M", "given_name": "Z"}
    told = AddressChanged(account=account, email=email, language="fr", **names)
    await peers.suite.publish(told, "accounts")
    await peers.suite.settle()


async def test_a_file_is_found_by_how_the_address_begins_shown_exported_and_forgotten_with_its_person(
    peers: PeerServices, clock: FixedClock
) -> None:
    """Search by prefix, a column, the page of the file; a changed address and an erasure are followed."""
    files, kim = await Files(peers).made(clock), Staff(peers)
    see = Staff(peers, ({"role": "manager", "centres": ["SEE"]},), "sea")
    await written_to(peers, "zoe", "z.hote+prepa@étu.univ.example")
    await written_to(peers, "ben", "benjamin@univ.example")
    for query, staff, expected in (
        ("z.hote", kim, {"zoe-sea", "zoe-bio"}),
        ("Z.HOTE+prepa@etu.univ.example", kim, {"zoe-sea", "zoe-bio"}),
        ("hote+prepa", kim, set[str]()),
        ("benja", kim, {"ben-law"}),
        ("benja", see, set[str]()),
    ):
        assert {*await files.seen(staff, q=query)} == expected, query
    counted = (await kim.ask("GET", "/counts", params={"q": "benja"})).body["items"]
    assert sum(each["files"] for each in counted) == 1
    shown = await kim.ask("GET", f"/{files.id('zoe-sea')}")
    assert shown.body["email"] == "z.hote+prepa@étu.univ.example"
    (row,) = table(await fetched(kim, "csv", columns="family_name,email", q="benja"))
    assert row == {"Nom de famille": "Abel", "Adresse mail": "benjamin@univ.example"}
    listed = await kim.ask("GET", "", params={"columns": "email", "account": "ana"})
    assert [each["cells"] for each in listed.body["items"]] == [{"email": ""}]

    await written_to(peers, "zoe", "zoe@autre.example")
    assert await files.seen(kim, q="z.hote") == []
    assert {*await files.seen(kim, q="zoe@a")} == {"zoe-sea", "zoe-bio"}
    ports = peers.suite.service("applications").service.ports
    there = await rows(ports.store)
    assert await rebuild(use_cases(ports), CommandContext(clock.now(), "rebuilt", OPERATOR)) == (5, 0)
    assert await rows(ports.store) == there
    await peers.suite.publish(AccountErased(account="zoe", campaign="2027"), "accounts")
    await peers.suite.settle()
    for name in (LISTING.name, READERS.name):
        assert "autre" not in str(await ports.store.find(name, {}, limit=100)), name
