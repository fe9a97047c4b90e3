"""Every port is opened by a URL; a wrong one is refused in words that give nothing away."""

from __future__ import annotations

import re
import subprocess
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from services.chassis import urls
from tests.contracts.ports.places import ROOT, TOPOLOGY

OPEN: dict[str, Any] = {
    "store": lambda url: urls.open_store(url, service="accounts", data=Path("data")),
    "broker": lambda url: urls.open_broker(url, TOPOLOGY),
    "objects": lambda url: urls.open_objects(url, Path("data")),
    "mail": lambda url: urls.open_mail(url, Path("data")),
    "scanner": urls.open_scanner,
    "ent": lambda url: urls.open_ent(
        url, urls.open_clock("system:"), public="http://127.0.0.1", inside="http://127.0.0.1"
    ),
    "sis": urls.open_records,
    "forms": urls.open_forms,
}


@pytest.mark.parametrize("port", OPEN)
@pytest.mark.parametrize("url", ["", "nothing", "gopher://user:s3cret@host/", "://", "SQLITE:", " sqlite:"])
def test_an_unknown_scheme_is_refused_with_the_known_ones(port: str, url: str) -> None:
    with pytest.raises(ValueError, match=rf"^{port}: the URL must begin with \w+:") as refusal:
        OPEN[port](url)
    assert "s3cret" not in str(refusal.value)


@pytest.mark.parametrize(
    ("port", "url"),
    [
        ("store", "sqlite://user:s3cret@host/folder"),
        ("store", "sqlite:folder?s3cret"),
        ("store", "mongodb:s3cret"),
        ("store", "mongodb://user:s3cret@host:s3cret"),
        ("store", "mongodb://user:s3c/ret@host"),
        ("broker", "local:s3cret"),
        ("broker", "amqp:s3cret"),
        ("broker", "amqps://user@/s3cret"),
        ("objects", "file:folder#s3cret"),
        ("mail", "maildir://s3cret/folder"),
        ("scanner", "none:s3cret"),
        ("scanner", "clamd:s3cret"),
        ("scanner", "clamd://user:s3cret@host:3310"),
        ("scanner", "clamd://host:s3cret"),
        ("scanner", "clamd://host:65536"),
        ("scanner", "clamd://host:3310/s3cret"),
        ("sis", "none:s3cret"),
        ("sis", "file://s3cret/folder"),
        ("sis", "file:folder?s3cret"),
        ("sis", "https:s3cret"),
        ("sis", "https://host/sis?s3cret"),
        ("sis", "https://host:s3cret/"),
        ("forms", "none:s3cret"),
        ("forms", "limesurvey+https:s3cret"),
        ("forms", "limesurvey+https://s3cret@host/remotecontrol"),
        ("forms", "limesurvey+https://user:s3cret@host/?s3cret"),
        ("forms", "limesurvey+https://user:s3cret@host:s3cret/"),
        ("ent", "none:s3cret"),
        ("ent", "cas+https:s3cret"),
        ("ent", "cas+https://user:s3cret@host/cas"),
        ("ent", "cas+https://host/cas?s3cret"),
        ("ent", "oidc+https://host/s3cret"),
        ("ent", "oidc+https://client:s3cret@host:s3cret/"),
        ("ent", "oidc+https://client:s3cret@host/#x"),
        ("ent", "development:s3cret"),
        ("ent", "development://s3cret"),
    ],
)
def test_what_a_scheme_cannot_take_is_refused_without_repeating_it(port: str, url: str) -> None:
    with pytest.raises(
        ValueError, match=rf"^{port}: {re.escape(url.split(':', maxsplit=1)[0])}: takes|is not a number"
    ) as refusal:
        OPEN[port](url)
    assert "s3cret" not in str(refusal.value)
    assert refusal.value.__cause__ is None


def below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.glob("*/*")}


async def test_embedded_adapters_keep_to_the_data_folder_or_to_the_one_they_are_given(tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with AsyncExitStack() as stack:
        for suffix in ("", f"{tmp_path}/else where".replace(" ", "%20")):
            store = urls.open_store(f"sqlite:{suffix}", service="accounts", data=data)
            await store.prepare([])
            objects = urls.open_objects(f"file:{suffix}", data)
            mail = urls.open_mail(f"maildir:{suffix}", data)
            for port in (store, objects, mail):
                stack.push_async_callback(port.close)
    assert below(tmp_path) == {
        "data/accounts.sqlite",
        "data/objects",
        "data/mail",
        "else where/accounts.sqlite",
        "else where/kept",
        "else where/incoming",
        "else where/cur",
        "else where/new",
        "else where/tmp",
    }
    assert urls.maildir_folder("maildir:", data) == data / "mail"
    assert urls.maildir_folder("maildir:/elsewhere", data) == Path("/elsewhere")
    assert urls.maildir_folder("smtp://host", data) is None


def test_a_driver_is_imported_only_when_its_scheme_is_opened() -> None:
    drivers = {"sqlite3", "motor", "pymongo", "aio_pika", "minio", "aiohttp", "aiosmtplib", "aioclamd"}
    program = f"import sys, services.chassis.urls; print({drivers} & sys.modules.keys())"
    answer = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout == "set()\n"
