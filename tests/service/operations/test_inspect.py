"""`parvis inbox`, `journal`, `mail`: what the stores hold, without personal data, and what a person may do about it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from services.chassis.events.parking import Parking
from services.chassis.ports import Document
from services.chassis.settings import Settings
from services.chassis.store.rows import UnreadableRow
from services.chassis.testing import run_suite
from services.cli.offline import opened
from tests.service.operations.conftest import Parvis, mails_are_sent

PERSONAL = ("Zoé", "Müller", "@example.org", "token=", "Freiburg", "Abeilles")


def lines(text: str) -> list[Any]:
    return [json.loads(line) for line in text.splitlines()]


async def change(settings: Settings, service: str, collection: str, where: dict[str, Any], **fields: Any) -> Document:
    """Put the first document with these values into another state, as a fault would."""
    async with opened(settings, [service]) as suite:
        store = suite[service].ports.store
        rows = await store.find(collection, {}, limit=1000)
        row = next(row for row in rows if all(row.get(name) == value for name, value in where.items()))
        changed = {**row, **fields, "version": row["version"] + 1}
        assert await store.replace(collection, changed, version=row["version"])
        return row


async def parked(settings: Settings) -> Document:
    """An event that came to the mailer and could not be applied ten times."""
    async with opened(settings, ["applications"]) as suite:
        journal = await suite["applications"].ports.store.find("journal", {}, limit=100)
    told = next(row for row in journal if row["type"] == "applications.application.submitted.v1")
    return await change(
        settings,
        "mailer",
        "inbox",
        {"_id": told["event_id"]},
        state="parked",
        attempts=10,
        error="KeyError",
        body=told["body"],
    )


def test_a_command_says_nothing_of_what_it_does_not_touch(parvis: Parvis) -> None:
    """That nothing scans documents is for who serves to say."""
    listed = parvis("mail", "list")
    assert listed.returncode == 0 and "no-scanner" not in listed.stdout + listed.stderr


# --- inbox ------------------------------------------------------------------------------------------------------


async def test_what_is_parked_is_listed_shown_and_set_free(settings: Settings, parvis: Parvis) -> None:
    row = await parked(settings)
    listed = parvis("inbox", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    (line,) = lines(listed.stdout)
    assert (line["service"], line["id"], line["state"], line["error"]) == ("mailer", row["_id"], "parked", "KeyError")
    table = parvis("inbox", "list", "--service", "mailer", "--state", "parked").stdout.splitlines()
    assert [heading in table[0] for heading in ("service", "id", "state", "error")] == [True] * 4
    assert row["_id"] in table[1]
    shown = json.loads(parvis("inbox", "show", row["_id"], "--service", "mailer").stdout)
    assert shown["event"]["data"]["submitted_at"]
    assert parvis("inbox", "list", "--service", "accounts", "--json").stdout == ""

    freed = parvis("inbox", "retry", row["_id"], "--service", "mailer")
    assert (freed.returncode, freed.stdout) == (0, f"{row['_id']}: done\n")
    assert lines(parvis("inbox", "list", "--json").stdout)[0]["state"] == "pending"
    again = parvis("inbox", "retry", row["_id"], "nothing-like-it", "--service", "mailer")
    assert again.returncode == 1
    assert again.stdout.count("neither parked nor waiting") == 2


async def test_what_was_set_free_is_applied_and_what_was_skipped_is_not(settings: Settings, parvis: Parvis) -> None:
    """The mail of a retried event is there already, so that nothing goes out twice; the skipped one stays undone."""
    row = await parked(settings)
    skipped = await change(
        settings, "documents", "inbox", {"type": "applications.application.submitted.v1"}, state="parked"
    )
    assert parvis("inbox", "retry", row["_id"], "--service", "mailer").returncode == 0
    assert parvis("inbox", "skip", skipped["_id"], "--service", "documents").returncode == 0
    async with run_suite(settings.data, services=("mailer", "documents")) as suite:
        before = len(suite.mails())
        await mails_are_sent(suite, before)
        assert len(suite.mails()) == before
        inbox = suite.service("mailer").service.ports.store
        found = await inbox.get("inbox", row["_id"])
        assert found is not None
        assert found["state"] == "done"
    assert json.loads(parvis("inbox", "show", skipped["_id"], "--service", "documents").stdout)["state"] == "skipped"


async def test_an_event_that_is_internal_shows_its_members_and_not_its_data(settings: Settings, parvis: Parvis) -> None:
    async with opened(settings, ["accounts"]) as suite:
        told = await suite["accounts"].ports.store.find("internal", {}, limit=1)
    await change(settings, "mailer", "inbox", {"_id": told[0]["event_id"]}, state="parked", body=told[0]["body"])
    shown = parvis("inbox", "show", told[0]["event_id"], "--service", "mailer").stdout
    assert json.loads(shown)["event"]["data"]["email"] == "(withheld)"
    assert not any(word in shown for word in PERSONAL)
    await change(settings, "mailer", "inbox", {"_id": told[0]["event_id"]}, body="{Zoé")
    shown = parvis("inbox", "show", told[0]["event_id"], "--service", "mailer").stdout
    assert "not an event" in shown
    assert "Zoé" not in shown


def test_what_is_not_there_is_a_failure(parvis: Parvis) -> None:
    assert parvis("inbox", "show", "e1", "--service", "mailer").returncode == 1
    assert parvis("journal", "show", "9999", "--service", "mailer").returncode == 1
    assert parvis("mail", "show", "e1").returncode == 1
    assert parvis("mail", "retry", "e1").stdout == "e1: there is none such\n"


# --- journal ----------------------------------------------------------------------------------------------------


def test_journals_are_listed_in_order_behind_a_position_and_by_type(parvis: Parvis) -> None:
    whole = lines(parvis("journal", "list", "--service", "applications", "--json").stdout)
    assert [row["id"] for row in whole] == list(range(1, len(whole) + 1))
    assert (
        lines(parvis("journal", "list", "--service", "applications", "--after", "2", "--limit", "2", "--json").stdout)
        == (whole[2:4])
    )
    (submitted,) = lines(parvis("journal", "list", "--type", "applications.application.submitted.v1", "--json").stdout)
    shown = json.loads(parvis("journal", "show", str(submitted["id"]), "--service", "applications").stdout)
    assert shown["event"]["data"]["pieces"]


def test_the_internal_journal_shows_no_personal_data(parvis: Parvis) -> None:
    listed = parvis("journal", "list", "--service", "accounts", "--audience", "internal")
    shown = parvis("journal", "show", "1", "--service", "accounts", "--audience", "internal")
    assert "accounts.link.issued.v1" in listed.stdout
    assert json.loads(shown.stdout)["event"]["data"]["account"] == "(withheld)"
    assert not any(word in listed.stdout + shown.stdout for word in PERSONAL)


# --- mail -------------------------------------------------------------------------------------------------------


async def test_a_mail_of_unknown_fate_is_listed_shown_and_tried_again(settings: Settings, parvis: Parvis) -> None:
    row = await change(
        settings, "mailer", "deliveries", {"kind": "application-submitted"}, state="unknown", reason="unknown"
    )
    (line,) = lines(parvis("mail", "list", "--json").stdout)
    assert (line["id"], line["state"]) == (row["_id"], "unknown")
    assert lines(parvis("mail", "list", "--kind", "application-opened", "--json").stdout) == []
    shown = parvis("mail", "show", row["_id"]).stdout
    assert (json.loads(shown)["kind"], json.loads(shown)["priority"]) == ("application-submitted", "normal")
    assert not any(word in shown for word in PERSONAL)
    assert json.loads(parvis("mail", "show", row["_id"], "--address").stdout)["address"] == row["address"]

    assert parvis("mail", "retry", row["_id"]).stdout == f"{row['_id']}: queued again\n"
    again = parvis("mail", "retry", row["_id"])
    assert (again.returncode, again.stdout) == (1, f"{row['_id']}: it is queued\n")
    async with run_suite(settings.data, services=("mailer",)) as suite:
        before = len(suite.mails())
        await mails_are_sent(suite, before)
        assert len(suite.mails()) == before, "the Maildir had it already"


def test_lists_hold_what_was_asked_for(parvis: Parvis) -> None:
    sent = lines(parvis("mail", "list", "--state", "sent", "--json").stdout)
    assert len(sent) == 5
    assert [row["created_at"] for row in sent] == sorted((row["created_at"] for row in sent), reverse=True)
    assert lines(parvis("mail", "list", "--state", "sent", "--limit", "2", "--json").stdout) == sent[:2]
    own = lines(parvis("mail", "list", "--state", "sent", "--account", sent[0]["account"], "--json").stdout)
    assert own == [row for row in sent if row["account"] == sent[0]["account"]]
    table = parvis("mail", "list", "--state", "sent").stdout
    assert not any(word in table for word in PERSONAL)


@pytest.mark.parametrize(("limit", "code"), [("0", 2), ("1", 0), ("1000", 0), ("1001", 2)])
def test_a_list_is_bounded(parvis: Parvis, limit: str, code: int) -> None:
    assert parvis("mail", "list", "--limit", limit).returncode == code


# --- accounts ---------------------------------------------------------------------------------------------------


async def test_accounts_with_one_student_number_are_listed_without_it(settings: Settings, parvis: Parvis) -> None:
    """Acceptance 30."""
    assert parvis("account", "doubtful", "--json").stdout == ""
    async with opened(settings, ["accounts"]) as suite:
        rows = await suite["accounts"].ports.store.find("accounts", {}, limit=10)
    for row in rows:
        await change(settings, "accounts", "accounts", {"_id": row["_id"]}, student_number_key="2027|0123456789M")
    (group,) = lines(parvis("account", "doubtful", "--json").stdout)
    assert sorted(each["account"] for each in group) == sorted(row["_id"] for row in rows)
    table = parvis("account", "doubtful")
    assert table.returncode == 0, table.stderr
    for told in (table.stdout, str(group)):
        assert not [personal for personal in (*PERSONAL, "0123456789M") if personal in told]


# --- parked -----------------------------------------------------------------------------------------------------


async def test_what_is_parked_with_a_service_is_listed_given_up_and_tried_again(
    settings: Settings, parvis: Parvis
) -> None:
    """Acceptance 104."""
    async with opened(settings, ["mailer"]) as suite:
        ports = suite["mailer"].ports
        await Parking("mailer", ports.store, ports.clock).defer(
            "urgent-mails", "d1", UnreadableRow("deliveries", "d1", "KeyError")
        )
    (line,) = lines(parvis("parked", "list", "--json").stdout)
    assert (line["service"], line["id"], line["state"], line["reason"]) == (
        "mailer",
        "urgent-mails:d1",
        "parked",
        "KeyError",
    )
    assert parvis("parked", "skip", "urgent-mails:d1", "--service", "mailer").returncode == 0
    assert lines(parvis("parked", "list", "--json").stdout) == []
    assert parvis("parked", "retry", "urgent-mails:d1", "--service", "mailer").stdout == "urgent-mails:d1: done\n"
    assert parvis("parked", "retry", "urgent-mails:d1", "--service", "mailer").returncode == 1


async def test_mails_that_were_put_off_are_due_at_once_when_a_person_says_so(
    settings: Settings, parvis: Parvis
) -> None:
    """Acceptance 103."""
    row = await change(
        settings,
        "mailer",
        "deliveries",
        {"kind": "application-submitted"},
        state="queued",
        due_at="2999-01-01T00:00:00.000Z",
    )
    assert parvis("mail", "flush").stdout == "1 mails due now\n"
    assert json.loads(parvis("mail", "show", row["_id"]).stdout)["due_at"] < "2999"
    assert parvis("mail", "flush").stdout == "0 mails due now\n"
