"""Refresh tokens: used once, repeated for a moment, never twice (architecture: opaque, hashed, revocable)."""

from datetime import timedelta

from services.accounts.domain.sessions import (
    GRACE,
    MAX_SPENT,
    Presented,
    Session,
    digest,
    session_of,
    successor,
)
from tests.unit.accounts.builders import NOW

INSTANT = timedelta(milliseconds=1)
ID = "01m82pwdtvy5rydk0p55qjx2jm"
FIRST = f"{ID}.{'a' * 43}"


def session() -> Session:
    return Session("zoe", 0, NOW, NOW, NOW + timedelta(days=7), digest(FIRST))


def test_a_token_is_followed_by_the_next_and_nobody_else_can_tell_which() -> None:
    rotated = session().rotated(FIRST, "salt", None, NOW)
    second = successor(FIRST, "salt")
    assert rotated.recognise(second, None, NOW) is Presented.CURRENT
    assert session_of(second) == ID
    assert second != successor(FIRST, "other")
    assert second.partition(".")[2] not in repr(rotated)


def test_a_lost_answer_is_given_again_for_ten_seconds() -> None:
    rotated = session().rotated(FIRST, "salt", None, NOW)
    assert rotated.recognise(FIRST, None, NOW + GRACE) is Presented.REPEATED
    assert rotated.recognise(FIRST, None, NOW + GRACE + INSTANT) is Presented.SPENT
    assert successor(FIRST, rotated.salt) == successor(FIRST, "salt")


def test_a_lost_answer_is_given_again_to_its_own_key() -> None:
    rotated = session().rotated(FIRST, "salt", "key", NOW)
    late = NOW + timedelta(hours=1)
    assert rotated.recognise(FIRST, "key", late) is Presented.REPEATED
    assert rotated.recognise(FIRST, "other", late) is Presented.SPENT
    assert rotated.recognise(FIRST, None, late) is Presented.SPENT


def test_an_old_token_that_comes_back_is_known_and_a_made_up_one_is_not() -> None:
    here, token = session(), FIRST
    for number in range(MAX_SPENT + 1):
        here, token = here.rotated(token, f"salt{number}", None, NOW), successor(token, f"salt{number}")
    assert here.recognise(FIRST, None, NOW) is Presented.SPENT
    assert here.recognise(f"{ID}.{'b' * 43}", None, NOW) is Presented.UNKNOWN
    here = here.rotated(token, "more", None, NOW)
    assert len(here.spent) == MAX_SPENT
    assert here.recognise(FIRST, None, NOW) is Presented.UNKNOWN


def test_a_session_lives_until_its_end_or_until_all_are_ended() -> None:
    end = session().expires_at
    assert session().lives(0, end - INSTANT)
    assert not session().lives(0, end)
    assert not session().lives(1, NOW)


def test_what_has_not_the_form_of_a_token_is_of_no_session() -> None:
    for text in (
        "",
        ".",
        ID,
        f"{ID}.",
        f"{ID}.{'a' * 42}",
        f"{ID}.{'a' * 44}",
        f"x{ID}.{'a' * 43}",
        f"{ID}.{'a' * 42}\x00",
    ):
        assert session_of(text) is None
