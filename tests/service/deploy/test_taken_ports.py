"""A port that cannot be listened on is said in one line, with the setting that chooses it (texts A4)."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.service.deploy.starting import parvis


@pytest.mark.parametrize("setting", ["PARVIS_PORT", "PARVIS_OPS_PORT"])
def test_a_taken_port_is_named_with_its_setting(setting: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = {"PARVIS_DATA": str(tmp_path / "var"), "PARVIS_PORT": "0", "PARVIS_OPS_PORT": "0"}
        ended = parvis("up", settings=settings | {setting: str(port)}, folder=tmp_path)
    assert ended.returncode == 78
    assert f"{setting}: cannot listen on 127.0.0.1, port {port}: another program listens there" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("setting", ["PARVIS_HOST", "PARVIS_OPS_HOST"])
@pytest.mark.parametrize("address", ["no-such-host.invalid", "192.0.2.1", "::1"])
def test_an_address_that_is_not_of_this_machine_is_named_with_its_setting(
    setting: str, address: str, tmp_path: Path
) -> None:
    settings = {"PARVIS_DATA": str(tmp_path / "var"), "PARVIS_PORT": "0", "PARVIS_OPS_PORT": "0", setting: address}
    ended = parvis("up", settings=settings, folder=tmp_path)
    assert ended.returncode == 78
    assert f"{setting}: {address} is no address of this machine" in ended.stderr


def test_a_number_that_is_no_port_is_said_to_be_none(tmp_path: Path) -> None:
    ended = parvis("up", settings={"PARVIS_DATA": str(tmp_path / "var"), "PARVIS_PORT": "65536"}, folder=tmp_path)
    assert ended.returncode == 78
    assert "PARVIS_PORT" in ended.stderr
    assert "Traceback" not in ended.stderr
