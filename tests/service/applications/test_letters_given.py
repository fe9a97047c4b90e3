"""A letter is offered to nobody whose board gives none of its kind."""

from services.contracts.events.commissions import AlertsPart, CommissionChanged, LettersPart
from services.contracts.events.offers import TextPart
from tests.service.applications.candidate import Candidate, PeerServices
from tests.service.applications.test_decisions import answer, complete, entered, validate
from tests.service.applications.test_review import Staff


async def says(peers: PeerServices, version: int, *kinds: str, name: str = "Jury") -> None:
    """The board gives letters of these kinds, and is called so."""
    event = CommissionChanged(
        part="commission:BIO",
        commission="BIO",
        version=version,
        label=TextPart(fr=name, en=f"{name} (en)"),
        letters=LettersPart.model_validate({"kinds": list(kinds)}),
        alerts=AlertsPart(on=[]),
    )
    await peers.suite.publish(event, "offers")
    await peers.suite.settle()


async def test_a_letter_that_the_board_does_not_give_is_shown_to_nobody(peers: PeerServices, zoe: Candidate) -> None:
    """Acceptance 86. It follows what the board says, also on a page that was made before."""
    kim = Staff(peers)
    await peers.publish_programme("M1-BIO", commission={"code": "BIO", "label": "Jury"})
    boards = (await kim.ask("GET", "/choices")).body["commissions"]
    assert boards == [{"code": "BIO", "label": "Jury"}]
    there, refused = await complete(zoe, kim, "M1-BIO"), await complete(zoe, kim)
    await validate(kim, there, await entered(kim, there))
    await answer(zoe, there, "accept")
    await validate(kim, refused, await entered(kim, refused, "unfavourable", reason="Dossier fragile"))

    async def shown() -> list[str | None]:
        one, listed = await zoe.get(there), (await zoe.ask("GET", "/applications")).body["items"]
        of_staff = (await kim.ask("GET", f"/{there}")).body
        listed_letter = next(each["letter"] for each in listed if each["id"] == there)
        return [one["letter"], listed_letter, of_staff["letter"]]

    assert await shown() == ["admission"] * 3, "a board that was not heard of gives every letter"
    for version, kinds, expected in ((1, ("rejection",), None), (2, ("admission",), "admission"), (3, (), None)):
        await says(peers, version, *kinds)
        assert await shown() == [expected] * 3, kinds
    assert (await zoe.get(refused))["letter"] == "rejection", "of a programme that no board decides on"


async def test_lists_are_narrowed_by_boards_as_they_are_called_now(peers: PeerServices, zoe: Candidate) -> None:
    """Programmes are told again when they change themselves; the one that was told last may know the older name."""
    kim = Staff(peers)

    async def called(language: str = "fr") -> list[str]:
        choices = await kim.ask("GET", "/choices", headers={"Accept-Language": language})
        return [each["label"] for each in choices.body["commissions"]]

    for code, board in (("M1-BIO", "Jury"), ("M2-BIO", "Jury de biologie")):
        await peers.publish_programme(code, commission={"code": "BIO", "label": board})
    assert await called() == ["Jury de biologie"]
    await says(peers, 1, name="Jury de biologie marine")
    assert await called() == ["Jury de biologie marine"]
    assert await called("en") == ["Jury de biologie marine (en)"]
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("boards", "BIO") or {}
    older = {name: value for name, value in row.items() if name != "label"} | {"version": row["version"] + 1}
    assert await store.replace("boards", older, version=row["version"]), "as 0.1.0 keeps it"
    assert await called() == ["Jury de biologie"]
