"""A small institution runs the suite in production on one machine: no broker, no database server, mail by SMTP."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Mailbox as MailHost

from services.accounts.settings import KIBIBYTES
from tests.candidate import Candidate, Mailbox
from tests.processes import SuiteProcess, free_ports, parvis
from tests.service.offers.conftest import table


async def test_a_candidate_goes_the_whole_way_and_nobody_reads_the_mails(tmp_path: Path) -> None:
    """Acceptance 113: `parvis up` as production, with the catalogue that was imported before the first start."""
    (port,) = free_ports(1)
    mail_host = Controller(MailHost(tmp_path / "mails"), hostname="127.0.0.1", port=port)
    await asyncio.to_thread(mail_host.start)
    suite = SuiteProcess(
        tmp_path / "var",
        env="production",
        accounts_password_kibibytes=KIBIBYTES,
        public_url="https://candidatures.univ.test",
        mail=f"smtp://127.0.0.1:{port}",
        scanner="none:",
        mailer_sender="candidatures@univ.test",
        institution="Université de Test",
        contact="candidatures@univ.test",
        mailer_domain="univ.test",
    )
    (tmp_path / "mentions.csv").write_bytes(table([{"mention": "1111111A", "title": "Énergie solaire"}]))
    imported = await suite.parvis("import", "mon-master", str(tmp_path / "mentions.csv"))
    assert imported.returncode == 0, imported.stderr
    await suite.start()
    try:
        async with aiohttp.ClientSession() as client:
            zoe = Candidate(client, suite.base, Mailbox(tmp_path / "mails"), insist=True)
            await zoe.goes_the_whole_way()
            assert zoe.ledger.receipt
            texts = [str(mail.get_body(("plain",))) for mail in zoe.mailbox.mails_to(zoe.address)]
            assert any("https://candidatures.univ.test/validation?token=" in text.replace("=3D", "=") for text in texts)
            assert (await zoe.get("/mailbox")).status == 404
    finally:
        assert await suite.stop() == 0
        await asyncio.to_thread(mail_host.stop)
    # Put back with the settings that it runs with, into a folder that is a link, as that of a systemd unit is.
    assert (await suite.parvis("backup", str(tmp_path / "copy"))).returncode == 0
    (tmp_path / "private").mkdir()
    (tmp_path / "again").symlink_to(tmp_path / "private")
    restored = await parvis("restore", "copy", cwd=tmp_path, env=suite.environment(data=tmp_path / "again"))
    assert restored.returncode == 0, restored.stderr
    assert (tmp_path / "again").is_symlink()
    assert (tmp_path / "again/accounts.sqlite").is_file()
