"""A release beside a newer one, on the same documents."""

from tests.service.applications.candidate import Candidate, PeerServices


async def test_a_command_of_an_older_release_keeps_what_a_newer_one_has_written(
    peers: PeerServices, zoe: Candidate
) -> None:
    """Acceptance 112: in the file, in the piece that is changed, in the programme as of the opening, in the copies."""
    id = await zoe.opened()
    await peers.suite.settle()
    store = peers.suite.service("applications").service.ports.store
    row = await store.get("applications", id)
    assert row is not None
    for piece in row["pieces"]:
        piece["requirement"]["hint"] = f"newer {piece['requirement']['code']}"
        piece["looked_at"] = {"by": "newer"}
    row["programme"]["quota"] = {"eu": 3}
    newer = row | {"tags": ["newer"], "schema": 99, "version": row["version"] + 1}
    assert await store.replace("applications", newer, version=row["version"])
    card = await store.get("cards", zoe.account)
    assert card is not None
    newer_card = card | {"photo": "newer", "version": card["version"] + 1}
    assert await store.replace("cards", newer_card, version=card["version"])

    assert (await zoe.deposit(id, "cv")).status == 200
    assert (await zoe.ask("PUT", f"/applications/{id}/pieces/b2/not-applicable")).status == 200
    await peers.candidate("zoe", version=9, file_number="ZZ99ZZ99")

    after = await store.get("applications", id)
    assert after is not None
    assert [piece["requirement"]["hint"] for piece in after["pieces"]] == ["newer cv", "newer letter", "newer b2"]
    assert [piece["looked_at"] for piece in after["pieces"]] == [{"by": "newer"}] * 3
    assert [piece["state"] for piece in after["pieces"]] == ["deposited", "awaiting", "not_applicable"]
    assert (after["programme"]["quota"], after["tags"], after["schema"]) == ({"eu": 3}, ["newer"], 99)
    copied = await store.get("cards", zoe.account)
    assert copied is not None
    assert (copied["photo"], copied["file_number"]) == ("newer", "ZZ99ZZ99")
