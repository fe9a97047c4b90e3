"""`parvis verify all`: silent where no violations, one line for each that does not."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.applications.domain.receipts import receipt_digest
from services.applications.repository.cards import CARDS
from services.chassis.events.copies import Copies
from services.chassis.ports import Document
from services.chassis.service.integrity import violations
from services.chassis.service.service import Service
from services.chassis.settings import Settings
from services.cli.offline import opened
from services.documents.repository.documents import GONE
from tests.service.operations.conftest import Parvis
from tests.service.operations.damage import damage_table

Suite = dict[str, Service]
Break = Callable[[Suite], Awaitable[str]]


async def broken(suite: Suite) -> list[str]:
    return [line for service in suite.values() async for line in violations(service, suite)]


async def first(service: Service, collection: str, **where: Any) -> Document:
    """The first document for which these fields have these values."""
    rows = await service.ports.store.find(collection, {}, limit=1000)
    return next(row for row in rows if all(row.get(name) == value for name, value in where.items()))


async def change(service: Service, collection: str, row: Document, **fields: Any) -> None:
    """Damage a document as no use case would."""
    assert await service.ports.store.replace(collection, row | fields, version=row["version"])


def modified(path: Path) -> int:
    return path.stat().st_mtime_ns


# --- every way in which a promise can be broken -----------------------------------------------------------------


async def a_journal_has_a_gap(suite: Suite) -> str:
    await suite["applications"].ports.store.delete("journal", 2)
    return "applications: journal has a gap before 3"


async def an_event_is_not_relayed(suite: Suite) -> str:
    row = await first(suite["applications"], "applications", state="submitted")
    event = (await first(suite["applications"], "journal"))["body"]
    await change(suite["applications"], "applications", row, outbox=[{"id": "e1", "body": event}], outbox_at="2026")
    return "applications: e1 of applications was not relayed"


async def an_event_was_never_journaled(suite: Suite) -> str:
    row = await first(suite["applications"], "applications", state="submitted")
    await change(
        suite["applications"], "applications", row, meta=row["meta"] | {"sequence": row["meta"]["sequence"] + 1}
    )
    return f"the journals hold other events of applications.applications.{row['_id']} than it has caused"


async def an_event_came_before_its_turn(suite: Suite) -> str:
    row = await first(suite["applications"], "journal", type="applications.application.piece_deposited.v1")
    body = re.sub(r'"sequence":"\d+"', '"sequence":"0000000001"', row["body"])
    await change(suite["applications"], "journal", row, body=body)
    return f"applications: journal has {row['event_id']} out of order"


async def an_event_is_filed_under_another_id(suite: Suite) -> str:
    row = await first(suite["offers"], "journal")
    await change(suite["offers"], "journal", row, event_id="another")
    return f"offers: journal has {row['event_id']} twice or under another id"


async def the_broker_has_not_confirmed_all(suite: Suite) -> str:
    row = await first(suite["accounts"], "cursors", _id="publisher-journal")
    await change(suite["accounts"], "cursors", row, position=1)
    return "accounts: journal is not published behind 1"


async def an_event_was_never_received(suite: Suite) -> str:
    row = await first(suite["mailer"], "inbox", type="applications.application.submitted.v1")
    await suite["mailer"].ports.store.delete("inbox", row["_id"])
    return f"mailer: {row['_id']} was never received"


async def an_event_is_parked(suite: Suite) -> str:
    row = await first(suite["documents"], "inbox")
    await change(suite["documents"], "inbox", row, state="parked")
    return f"documents: {row['_id']} is parked in the inbox"


async def two_accounts_have_one_address(suite: Suite) -> str:
    store = suite["accounts"].ports.store
    one, two = await store.find("accounts", {}, limit=2)
    await change(suite["accounts"], "accounts", two, email=one["email"], address=one["address"])
    return "is a second one of its address in campaign"


async def an_account_is_filed_under_another_address(suite: Suite) -> str:
    row = await first(suite["accounts"], "accounts")
    await change(suite["accounts"], "accounts", row, email="other@example.org")
    return f"account {row['_id']} is filed under another address than its own"


async def a_file_number_was_never_given(suite: Suite) -> str:
    row = await first(suite["accounts"], "accounts")
    await suite["accounts"].ports.store.delete("file_numbers", row["file_number"])
    return f"account {row['_id']} has a file number that is not in the ledger of those given"


async def an_account_is_lost(suite: Suite) -> str:
    row = await first(suite["accounts"], "accounts")
    await suite["accounts"].ports.store.delete("accounts", row["_id"])
    return f"account {row['_id']} was registered and is not there"


async def a_validation_is_lost(suite: Suite) -> str:
    row = await first(suite["accounts"], "accounts")
    await change(suite["accounts"], "accounts", row, state="pending")
    return f"account {row['_id']} was validated and is pending"


async def a_receipt_was_changed(suite: Suite) -> str:
    row = await first(suite["applications"], "submissions")
    head, body, signature = row["receipt"].split(".")
    await change(suite["applications"], "submissions", row, receipt=f"{head}.{body}.{signature[::-1]}")
    return f"application {row['application']}: its submission of {row['submitted_at']} cannot be read: changed"


async def a_receipt_was_changed_with_its_digest(suite: Suite) -> str:
    row = await first(suite["applications"], "submissions")
    head, body, signature = row["receipt"].split(".")
    receipt = f"{head}.{body}.{signature[::-1]}"
    await change(suite["applications"], "submissions", row, receipt=receipt)
    application = await first(suite["applications"], "applications", _id=row["application"])
    named = application["submissions"][0] | {"receipt_sha256": receipt_digest(receipt)}
    await change(suite["applications"], "applications", application, submissions=[named])
    return "proves nothing: it has been changed since it was signed"


async def a_submitted_piece_was_exchanged(suite: Suite) -> str:
    row = await first(suite["applications"], "submissions")
    pieces = [[code, document | {"sha256": "0" * 64}] for code, document in row["pieces"]]
    await change(suite["applications"], "submissions", row, pieces=pieces)
    return "proves nothing: it says something else"


async def an_entry_of_a_trail_was_changed(suite: Suite) -> str:
    row = await first(suite["applications"], "applications")
    entries = row["audit"]["pending"]
    changed = [entries[0] | {"actor": "staff:kim"}, *entries[1:]]
    await change(suite["applications"], "applications", row, audit={"pending": changed})
    return f"applications: audit applications:{row['_id']}: entry 1 was changed"


async def an_application_s_account_is_gone(suite: Suite) -> str:
    """As what was under way when the person was erased would be left by a crash."""
    row = await first(suite["applications"], "submissions")
    await Copies(suite["applications"].ports.store, CARDS).erase(row["account"])
    return f"applications: submissions {row['_id']} is of an account that was erased"


async def a_document_s_account_is_gone(suite: Suite) -> str:
    row = await first(suite["documents"], "documents", state="stored")
    await Copies(suite["documents"].ports.store, GONE).erase(row["account"])
    return f"document {row['_id']} is of account {row['account']}, which was erased"


async def what_was_submitted_is_lost(suite: Suite) -> str:
    row = await first(suite["applications"], "submissions")
    await suite["applications"].ports.store.delete("submissions", row["_id"])
    return f"application {row['application']}: its submission of {row['submitted_at']} cannot be read: missing"


async def a_submission_is_lost(suite: Suite) -> str:
    row = await first(suite["applications"], "applications", state="submitted")
    await change(suite["applications"], "applications", row, submissions=[])
    return f"application {row['_id']} is submitted and was never submitted"


async def a_submitted_application_is_lost(suite: Suite) -> str:
    row = await first(suite["applications"], "applications", state="submitted")
    await suite["applications"].ports.store.delete("applications", row["_id"])
    return f"application {row['_id']} was submitted and is not there as it was"


async def bytes_are_lost(suite: Suite) -> str:
    row = await first(suite["documents"], "documents", state="stored")
    await suite["documents"].ports.objects.delete(row["object"])
    return f"document {row['_id']}: its bytes are not there"


async def bytes_have_changed(suite: Suite) -> str:
    row = await first(suite["documents"], "documents", state="stored")
    await change(suite["documents"], "documents", row, sha256="0" * 64)
    return f"document {row['_id']}: its bytes are not those that were uploaded"


async def a_byte_was_added(suite: Suite) -> str:
    row = await first(suite["documents"], "documents", state="stored")
    await change(suite["documents"], "documents", row, size=row["size"] - 1)
    return f"document {row['_id']}: its bytes are not those that were uploaded"


async def bytes_belong_to_nobody(suite: Suite) -> str:
    ports = suite["documents"].ports
    async with ports.objects.stage(10) as stage:
        await stage.write(b"x")
        await stage.finish()
        await stage.commit("documents/nobody", "application/pdf")
    path = max((path for path in ports.settings.data.glob("objects/**/*") if path.is_file()), key=modified)
    old = time.time() - 49 * 3600
    os.utime(path, (old, old))
    return "object documents/nobody belongs to no document"


async def a_submitted_document_is_not_kept(suite: Suite) -> str:
    rows = await suite["documents"].ports.store.find("documents", {}, limit=100)
    row = next(row for row in rows if row["submitted"])
    await change(suite["documents"], "documents", row, submitted=[])
    return f"document {row['_id']} is not kept for"


async def a_draft_s_document_is_not_kept(suite: Suite) -> str:
    rows = await suite["documents"].ports.store.find("documents", {}, limit=100)
    row = next(row for row in rows if row["attachments"] and not row["submitted"])
    await change(suite["documents"], "documents", row, attachments=[])
    return f"document {row['_id']} is not kept for piece"


async def a_mail_was_never_written(suite: Suite) -> str:
    row = await first(suite["mailer"], "deliveries", kind="application-submitted")
    await suite["mailer"].ports.store.delete("deliveries", row["_id"])
    return "asks for a mail application-submitted that was never written"


async def a_mail_is_not_there(suite: Suite) -> str:
    shutil.rmtree(suite["mailer"].ports.settings.data / "mail" / "new")
    return "is sent, and its mail is not there"


async def untell(service: Service, account: str, type: str) -> str:
    """Take an event about an account out of the journal; its id."""
    rows = await service.ports.store.find("journal", {}, limit=1000)
    row = next(row for row in rows if row["type"] == type and account in row["body"])
    await service.ports.store.delete("journal", row["_id"])
    return str(row["event_id"])


async def what_was_heard_is_not_told(suite: Suite) -> str:
    """As when a write-ahead log is lost: what is left fits together, and others know more."""
    row = await first(suite["applications"], "applications")
    event = await untell(suite["applications"], row["account"], "applications.application.piece_deposited.v1")
    return f"applications: documents has heard {event}, which no journal tells"


async def an_application_s_account_is_unknown(suite: Suite) -> str:
    row = await first(suite["applications"], "applications")
    await untell(suite["accounts"], row["account"], "accounts.account.registered.v1")
    return f"application {row['_id']} is of account {row['account']}, of which accounts tells nothing"


async def a_document_s_account_is_unknown(suite: Suite) -> str:
    row = await first(suite["documents"], "documents")
    await untell(suite["accounts"], row["account"], "accounts.account.registered.v1")
    return f"document {row['_id']} is of account {row['account']}, of which accounts tells nothing"


async def a_row_cannot_be_read(suite: Suite) -> str:
    row = await first(suite["applications"], "applications", state="submitted")
    await change(suite["applications"], "applications", row, state="dreamt")
    return f"applications: applications {row['_id']} cannot be read: ValueError"


async def a_journal_s_row_cannot_be_read(suite: Suite) -> str:
    row = await first(suite["offers"], "journal", _id=3)
    await change(suite["offers"], "journal", row, body="{")
    return "offers: journal has 3, which cannot be read"


BREAKS: list[Break] = [
    what_was_heard_is_not_told,
    an_entry_of_a_trail_was_changed,
    an_application_s_account_is_unknown,
    a_document_s_account_is_unknown,
    a_row_cannot_be_read,
    a_journal_s_row_cannot_be_read,
    a_journal_has_a_gap,
    an_event_is_not_relayed,
    an_event_was_never_journaled,
    an_event_came_before_its_turn,
    an_event_is_filed_under_another_id,
    the_broker_has_not_confirmed_all,
    an_event_was_never_received,
    an_event_is_parked,
    two_accounts_have_one_address,
    an_account_is_filed_under_another_address,
    a_file_number_was_never_given,
    an_account_is_lost,
    a_validation_is_lost,
    a_receipt_was_changed,
    a_receipt_was_changed_with_its_digest,
    what_was_submitted_is_lost,
    an_application_s_account_is_gone,
    a_document_s_account_is_gone,
    a_submitted_piece_was_exchanged,
    a_submission_is_lost,
    a_submitted_application_is_lost,
    bytes_are_lost,
    bytes_have_changed,
    a_byte_was_added,
    bytes_belong_to_nobody,
    a_submitted_document_is_not_kept,
    a_draft_s_document_is_not_kept,
    a_mail_was_never_written,
    a_mail_is_not_there,
]


@pytest.mark.parametrize("break_it", BREAKS, ids=lambda case: case.__name__)
async def test_a_broken_promise_is_found(settings: Settings, break_it: Break) -> None:
    async with opened(settings) as services:
        suite = dict(services)
        assert await broken(suite) == []
        line = await break_it(suite)
        found = await broken(suite)
        assert any(line in one for one in found), found


async def test_bytes_just_stored_may_wait_for_their_row(settings: Settings) -> None:
    async with opened(settings) as services:
        suite = dict(services)
        async with suite["documents"].ports.objects.stage(10) as stage:
            await stage.write(b"x")
            await stage.finish()
            await stage.commit("documents/waiting", "application/pdf")
        assert await broken(suite) == []


def test_the_command_is_silent_where_every_promise_holds(parvis: Parvis) -> None:
    answer = parvis("verify", "all")
    assert (answer.returncode, answer.stdout) == (0, ""), answer.stdout + answer.stderr
    assert "no violations" in answer.stderr


async def test_the_trails_of_files_are_checked_by_themselves(settings: Settings, parvis: Parvis) -> None:
    """Acceptance 94, 105."""
    answer = parvis("audit", "verify")
    assert (answer.returncode, answer.stdout) == (0, ""), answer.stdout + answer.stderr
    async with opened(settings) as services:
        line = await an_entry_of_a_trail_was_changed(dict(services))
    answer = parvis("audit", "verify")
    assert (answer.returncode, answer.stdout) == (1, line.removeprefix("applications: ") + "\n"), answer.stderr


async def test_the_command_fails_with_a_line_for_each_broken_promise(settings: Settings, parvis: Parvis) -> None:
    async with opened(settings) as services:
        line = await bytes_are_lost(dict(services))
    answer = parvis("verify", "documents", "--timeout", "1")
    assert (answer.returncode, answer.stdout) == (1, f"documents: {line}\n"), answer.stderr
    assert parvis("verify", "accounts", "--timeout", "0").returncode == 0


@pytest.mark.parametrize("service", ["accounts", "applications"])
@pytest.mark.parametrize("table", ["journal", "inbox", "identity"])
async def test_a_damaged_file_is_named_and_the_others_are_verified_nevertheless(
    settings: Settings, parvis: Parvis, service: str, table: str
) -> None:
    """Acceptance 105."""
    async with opened(settings) as services:
        line = await an_event_is_filed_under_another_id(dict(services))
    damage_table(settings.data / f"{service}.sqlite", table)
    answer = parvis("verify", "all", "--timeout", "0")
    assert answer.returncode == 1
    assert f"{service}.sqlite is damaged: " in answer.stdout
    assert line in answer.stdout


def test_a_row_that_is_no_document_is_named(settings: Settings, parvis: Parvis) -> None:
    """Acceptance 105."""
    with closing(sqlite3.connect(settings.data / "mailer.sqlite")) as connection, connection:
        (id,) = connection.execute("SELECT id FROM deliveries").fetchone()
        for (name,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE tbl_name = 'deliveries' AND sql LIKE 'CREATE%INDEX%'"
        ).fetchall():
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("UPDATE deliveries SET doc = 'x' || doc WHERE id = ?", (id,))
    answer = parvis("verify", "all", "--timeout", "0")
    assert answer.returncode == 1
    assert f"mailer.sqlite is damaged: deliveries {id} is not a document" in answer.stdout


def test_a_missing_file_is_named_and_the_others_are_verified_nevertheless(settings: Settings, parvis: Parvis) -> None:
    """Acceptance 105."""
    (settings.data / "applications.sqlite").unlink()
    answer = parvis("verify", "all", "--timeout", "0")
    assert answer.returncode == 1
    assert "applications.sqlite is not there\n" in answer.stdout
    assert "accounts: " in answer.stderr


def test_nothing_is_not_verified(parvis: Parvis, tmp_path: Path) -> None:
    """A wrong folder must not look like a suite that keeps its promises."""
    answer = parvis("verify", "all", PARVIS_DATA=str(tmp_path / "elsewhere"))
    assert answer.returncode == 1
    assert "PARVIS_DATA" in answer.stderr
    assert not (tmp_path / "elsewhere").exists()
