"""`parvis rehearse` says at once what cannot be played; what it plays is shown in tests/journeys/test_rehearsal.py."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from services.cli.rehearsing.servers import NotOurs, servers_of
from tests.processes import parvis


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("nothing;of;that\n1;2;3\n", "Nothing was played"),
        ("kind;code;label_fr\nprogramme;M1-MER;Sciences de la mer\n", "no programme that can be loaded"),
    ],
)
async def test_a_file_that_is_no_catalogue_is_told_before_anything_runs(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "catalogue.csv"
    file.write_text(content)
    ended = await parvis("rehearse", "--catalogue", str(file), cwd=tmp_path, env=os.environ)
    assert ended.returncode == 1
    assert said in ended.stderr
    assert os.listdir(tmp_path) == ["catalogue.csv"]  # noqa: PTH208 - a look


async def test_what_is_there_is_not_written_over(tmp_path: Path) -> None:
    ended = await parvis("rehearse", "--keep", str(tmp_path), cwd=tmp_path, env=os.environ)
    assert ended.returncode == 2
    assert "is there already" in ended.stderr


LIVE = {
    "STORE": "mongodb://localhost:9/rehearsal-1",
    "BROKER": "amqp://localhost:9/rehearsal-1",
    "BROKER_ADMIN": "http://guest:geheim@localhost:9/rehearsal-1",
    "OBJECTS": "s3+http://key:geheim@localhost:9/rehearsal-1",
    "MAIL": "smtp://localhost:9",
    "MAILS": ".",
}
"""Of a rehearsal by their names, and there is nobody."""


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"STORE": "mongodb://localhost:9/parvis"}, "PARVIS_STORE: parvis does not begin with rehearsal"),
        ({"STORE": "mongodb://localhost:9"}, "PARVIS_STORE: no name does not begin with rehearsal"),
        ({"STORE": "mongodb://localhost:9/my-rehearsal"}, "PARVIS_STORE: my-rehearsal does not begin"),
        ({"BROKER": "amqp://localhost:9/%2F"}, "PARVIS_BROKER: no name does not begin with rehearsal"),
        ({"BROKER_ADMIN": "http://a:geheim@localhost:9/rehearsal-2"}, "PARVIS_BROKER_ADMIN: another virtual host"),
        ({"OBJECTS": "s3+http://key:geheim@localhost:9/parvis-documents"}, "PARVIS_OBJECTS: parvis-documents does not"),
        ({"STORE": "sqlite:"}, "PARVIS_STORE: the URL must begin with mongodb:"),
        ({"MAIL": "maildir:"}, "PARVIS_MAIL: the URL must begin with smtp:"),
        ({"OBJECTS": ""}, "PARVIS_OBJECTS: the URL must begin with"),
        ({"OBJECTS": None}, "PARVIS_OBJECTS: Field required"),
        ({"MAILS": "nowhere"}, "PARVIS_MAILS: Path does not point to a directory"),
    ],
)
def test_servers_that_may_be_a_live_suites_are_named_and_not_asked(
    tmp_path: Path, other: dict[str, str | None], said: str
) -> None:
    """Before anything is begun; a shell's own settings are not taken, and no password is repeated."""
    file = tmp_path / "servers.env"
    named = {**LIVE, "MAILS": str(tmp_path), **other}
    file.write_text("".join(f"PARVIS_{name}={value}\n" for name, value in named.items() if value is not None))
    with pytest.raises((ValueError, NotOurs)) as raised:
        asyncio.run(servers_of(file).check())
    assert said in str(raised.value)
    assert "geheim" not in str(raised.value)
