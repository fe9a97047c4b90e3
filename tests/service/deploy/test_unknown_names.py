"""A misspelt setting is named at a start, with the one that may be meant (texts A15)."""

from __future__ import annotations

from pathlib import Path

import pytest

from services.cli.unknown_names import unknown_names, warn


def test_a_name_that_is_no_setting_is_told_with_the_one_that_may_be_meant() -> None:
    assert list(unknown_names(["PARVIS_PROT", "PARVIS_MAILER_SENDR_FILE", "PARVIS_Q"])) == [
        "PARVIS_MAILER_SENDR_FILE: no setting has this name; is PARVIS_MAILER_SENDER_FILE meant?",
        "PARVIS_PROT: no setting has this name; is PARVIS_PORT meant?",
        "PARVIS_Q: no setting has this name",
    ]


def test_settings_secrets_in_files_and_what_is_not_ours_are_passed_over() -> None:
    names = ["PARVIS_PORT", "PARVIS_STORE_FILE", "PARVIS_MAILER_BOUNCES", "PARVIS_TEST_LONG", "PARVIS_CRASH_AT", "PATH"]
    assert list(unknown_names(names)) == []


def test_names_in_dot_env_are_looked_at_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("PARVIS_PROT=8090\nparvis_port=8090\n")
    warn()
    assert "passed over: PARVIS_PROT: no setting has this name; is PARVIS_PORT meant?" in capsys.readouterr().err
