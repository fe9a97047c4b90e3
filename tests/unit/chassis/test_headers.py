"""Request headers at their limits and one past."""

from __future__ import annotations

import pytest

from services.chassis.http import headers
from services.contracts.refusals import RefusedError


def test_an_idempotency_key_has_1_to_255_visible_characters() -> None:
    assert headers.idempotency_key("k", scope="s") is not None
    assert headers.idempotency_key("k" * 255, scope="s") is not None
    for wrong in ["", "k" * 256, "two words", "é", "tab\t", "\x7f"]:
        with pytest.raises(RefusedError, match="invalid-header"):
            headers.idempotency_key(wrong, scope="s")


def test_an_idempotency_key_belongs_to_who_asks_for_what() -> None:
    assert headers.idempotency_key("k", scope="ada\nPOST /x") != headers.idempotency_key("k", scope="bob\nPOST /x")
    assert headers.idempotency_key("k", scope="s") == headers.idempotency_key('"k"', scope="s")
    assert headers.idempotency_key(None, scope="s") is None


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        (None, None),
        ("*", ()),
        ('"5"', (("5", False),)),
        ('W/"5"', (("5", True),)),
        ('"5", "6"', (("5", False), ("6", False))),
        ('""', (("", False),)),
        (",".join(['"1"'] * 8), (("1", False),) * 8),
    ],
)
def test_entity_tags_as_rfc_9110_writes_them(value: str | None, tags: object) -> None:
    assert headers.entity_tags("If-Match", value) == tags


@pytest.mark.parametrize(
    "value", ["", "5", "'5'", '"5', '"5", 6', "*, *", ",".join(['"1"'] * 9), '"' + "x" * 129 + '"']
)
def test_malformed_entity_tags_are_refused(value: str) -> None:
    with pytest.raises(RefusedError, match="invalid-header"):
        headers.entity_tags("If-Match", value)


@pytest.mark.parametrize(
    ("tag", "version"), [("5", 5), ("0", 0), ("identity-12", 12), ("05", None), ("x", None), ("", None), ("-5", None)]
)
def test_a_tag_names_a_version(tag: str, version: int | None) -> None:
    assert headers.version_of(tag) == version


def test_a_sound_request_id_is_kept_and_any_other_replaced() -> None:
    assert headers.correlation("abcdefgh") == "abcdefgh"
    assert headers.correlation("a" * 64) == "a" * 64
    for wrong in [None, "", "short", "a" * 65, "with space", "line\nbreak", "-leading-hyphen"]:
        assert headers.correlation(wrong) != wrong


def test_a_broken_trace_context_is_left_out() -> None:
    sound = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert headers.traceparent(sound) == sound
    for wrong in [None, "", "00-" + "0" * 32 + "-00f067aa0ba902b7-01", sound.upper(), sound + "-x"]:
        assert headers.traceparent(wrong) is None


def test_hsts_is_said_only_over_https() -> None:
    assert "Strict-Transport-Security" in headers.security_headers(https=True)
    assert "Strict-Transport-Security" not in headers.security_headers(https=False)
