"""The life of a mail: handed over once, put off in growing pauses, never sent again by guess."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.contracts.refusals import RefusedError
from services.contracts.refusals.mailer import WRONG_STATE
from services.mailer.domain.delivery import PAUSES, Delivery, Letter
from services.mailer.domain.events import Failed, Outdated, Sent
from services.mailer.domain.priority import Priority
from services.mailer.domain.returns import Return
from services.mailer.domain.states import TABLE, Action, State

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
TIMEOUT = timedelta(hours=72)


def queued() -> Delivery:
    """A mail with a one-time link, just written."""
    letter = Letter("Subject", "Go to https://x/?token=sesame now", '<a href="https://x/?token=sesame">', "sesame")
    return Delivery("a1", "account-created", "fr", "zoe@example.org", "Zoé", Priority.URGENT, letter, NOON, NOON)


def test_a_mail_that_was_taken_loses_the_secret_of_its_link() -> None:
    sent, domain_events = queued().take("me", NOON).confirm(NOON)
    assert (sent.state, domain_events) == (State.SENT, [Sent()])
    assert "sesame" not in sent.letter.text + sent.letter.html
    assert sent.letter.without_secret() == sent.letter


def test_the_secret_comes_into_the_link_alone_and_only_when_the_mail_is_made() -> None:
    letter = Letter("About …", "Hello …,\nhttps://x/?token=…", '<p>Hello …</p><a href="https://x/?token=…">', "sealed")
    whole = letter.with_secret("sesame")
    assert whole.subject == "About …"
    assert whole.text == "Hello …,\nhttps://x/?token=sesame"
    assert whole.html == '<p>Hello …</p><a href="https://x/?token=sesame">'
    assert letter.without_secret() == replace(letter, secret="")


def test_a_process_knows_the_mail_that_it_took_when_the_answer_was_lost() -> None:
    taken = queued().take("me", NOON)
    assert taken.is_taken("me", NOON)
    assert not taken.is_taken("another", NOON)
    assert not taken.is_taken("me", NOON + timedelta(milliseconds=1))
    assert not queued().is_taken("me", NOON)
    assert not taken.confirm(NOON)[0].is_taken("me", NOON)


def test_a_letter_without_a_secret_is_kept_whole() -> None:
    plain = Letter("Subject", "Text", "<p>Text</p>")
    assert plain.without_secret() is plain


def test_pauses_grow_and_end_growing() -> None:
    delivery, pauses = queued(), []
    for _ in range(10):
        delivery, domain_events = delivery.take("me", NOON).defer(NOON, TIMEOUT)
        assert domain_events == []
        assert delivery.due_at is not None
        pauses.append(delivery.due_at - NOON)
    assert pauses[:3] == [PAUSES.first, PAUSES.first * 2, PAUSES.first * 4]
    assert pauses[-1] == PAUSES.longest


def test_it_is_given_up_to_the_second() -> None:
    taken = queued().take("me", NOON)
    still, _ = taken.defer(NOON + TIMEOUT - timedelta(milliseconds=1), TIMEOUT)
    ended, domain_events = taken.defer(NOON + TIMEOUT, TIMEOUT)
    assert still.state is State.QUEUED
    assert (ended.state, domain_events) == (State.FAILED, [Failed("gave-up")])


def test_refused_is_failed_and_unknown_is_unknown() -> None:
    taken = queued().take("me", NOON)
    assert taken.refuse(NOON)[1] == [Failed("refused")]
    lost, domain_events = taken.mark_unknown(NOON)
    assert (lost.state, domain_events) == (State.UNKNOWN, [Failed("unknown")])
    assert "sesame" in lost.letter.text


def test_a_hand_over_that_never_began_is_due_at_once() -> None:
    again = queued().take("me", NOON).send_again(NOON + timedelta(minutes=1))
    assert (again.state, again.due_at, again.sender) == (State.QUEUED, NOON + timedelta(minutes=1), "")


def test_only_a_person_retries_what_failed_with_new_timeout() -> None:
    failed, _ = queued().take("me", NOON).refuse(NOON)
    later = NOON + timedelta(days=4)
    again = failed.retry(later, "staff:kim")
    assert (again.state, again.due_at, again.ended_at, again.reason) == (State.QUEUED, later, None, "")
    assert again.take("me", later).defer(later, TIMEOUT)[0].state is State.QUEUED


def test_a_link_is_late_an_hour_after_it_was_written_whoever_tries_it_again() -> None:
    """Acceptance 116."""
    hour = NOON + timedelta(hours=1)
    failed, _ = queued().take("me", NOON).refuse(NOON)
    again = failed.retry(hour, "staff:kim").take("me", hour).refuse(hour)[0].retry(hour, "staff:kim")
    for delivery in (queued(), again):
        assert not delivery.is_late(hour)
        assert delivery.is_late(hour + timedelta(milliseconds=1))
    replaced, domain_events = queued().take("me", hour).outdate(hour)
    assert (replaced.state, replaced.ended_at, domain_events) == (State.REPLACED, hour, [Outdated()])
    assert "sesame" not in replaced.letter.text


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_what_the_table_does_not_say_is_refused(state: State, action: Action) -> None:
    delivery = replace(queued(), state=state)
    steps = {
        Action.TAKE: lambda: delivery.take("me", NOON),
        Action.CONFIRM: lambda: delivery.confirm(NOON)[0],
        Action.PUT_OFF: lambda: delivery.defer(NOON, TIMEOUT)[0],
        Action.GIVE_UP: lambda: delivery.refuse(NOON)[0],
        Action.LOSE_SIGHT: lambda: delivery.mark_unknown(NOON)[0],
        Action.WITHHOLD: lambda: delivery.withhold(NOON)[0],
        Action.OUTDATE: lambda: delivery.outdate(NOON)[0],
        Action.COME_BACK: lambda: delivery.come_back(Return("r1", NOON, final=True), TIMEOUT)[0],
        Action.RETRY: lambda: delivery.retry(NOON, "staff:kim"),
        Action.ERASE: lambda: delivery.erase(NOON),
    }
    if (state, action) in TABLE:
        assert steps[action]().state is TABLE[state, action]
        return
    with pytest.raises(RefusedError) as refused:
        steps[action]()
    assert refused.value.slug is WRONG_STATE


@pytest.mark.parametrize(
    ("state", "after"),
    [
        (State.QUEUED, State.ERASED),
        (State.FAILED, State.ERASED),
        (State.UNKNOWN, State.ERASED),
        (State.BOUNCED, State.ERASED),
        (State.SENT, State.SENT),
        (State.REPLACED, State.ERASED),
        (State.ERASED, State.ERASED),
    ],
)
def test_a_mail_to_who_is_gone_says_no_more_to_whom_nor_what_and_is_never_sent(state: State, after: State) -> None:
    erased = replace(queued(), state=state).erase(NOON)
    assert (erased.state, erased.address, erased.name, erased.due_at) == (after, "", "", None)
    assert erased.letter == Letter("", "", "")
    assert erased.ended_at == NOON
