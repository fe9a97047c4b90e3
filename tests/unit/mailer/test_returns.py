"""What a returned mail says, and what becomes of the delivery that it is about."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.chassis.ports.bounces import LARGEST_RETURN
from services.mailer.domain.about import About
from services.mailer.domain.delivery import Delivery, Letter
from services.mailer.domain.events import Bounced, Sent, SentAgain
from services.mailer.domain.priority import Priority
from services.mailer.domain.returns import ARRIVED_AFTER, MOST_KEPT, Fate, Return, is_unreached
from services.mailer.domain.states import State
from services.mailer.usecases.notices import MOST_ADDRESSES, MOST_MAILS, MOST_PARTS, Notice, read_notice
from tests.returned_mails import ABSENT, HASH, OURS, QMAIL, ZOE, dsn

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
DAYS = timedelta(days=3)


def sent() -> Delivery:
    """A mail that was taken at noon."""
    letter = Letter("Subject", "Text", "<p>Text</p>")
    mail = Delivery("a1", "decision-favourable", "fr", ZOE, "Zoé", Priority.NORMAL, letter, NOON, NOON)
    return mail.take("me", NOON, HASH).confirm(NOON)[0]


@pytest.mark.parametrize(
    ("content", "failed", "delayed", "status"),
    [
        (dsn(), {ZOE}, set(), "5.1.1"),
        (dsn(address="Zoe@Example.ORG"), {ZOE}, set(), "5.1.1"),
        (dsn(action="delayed", status="4.4.1"), set(), {ZOE}, "4.4.1"),
        (dsn(status="nonsense"), {ZOE}, set(), ""),
        (QMAIL, {ZOE}, set(), "5.1.1"),
    ],
    ids=["dsn", "capitals", "delayed", "no status", "qmail"],
)
def test_a_notice_says_which_mail_has_not_reached_whom(
    content: bytes, failed: set[str], delayed: set[str], status: str
) -> None:
    notice = read_notice(content, OURS)
    assert notice is not None
    assert (notice.mails, notice.status_of(ZOE)) == ((HASH,), status)
    assert (set(notice.failed), set(notice.delayed)) == (failed, delayed)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff" * 1000,
        ABSENT,
        dsn(action="delivered", status="2.0.0"),
        dsn(domain="elsewhere.example"),
        dsn(message="0" * 39),
        dsn(address="no address"),
        dsn() + b"\r\n".join(b"<%040x@parvis.example>" % number for number in range(MOST_MAILS)),
        dsn().replace(b"us-ascii", b"x-unheard-of-\xff").replace(b"text/plain", b"text/\xe9")[:200],
    ],
    ids=["empty", "bytes", "absence", "delivered", "another's", "short", "nobody", "many mails", "charset"],
)
def test_what_is_no_notice_of_one_of_our_mails_is_none(content: bytes) -> None:
    assert read_notice(content, OURS) is None


@pytest.mark.parametrize("sender", [b"", b"From: \r\n", b"From: Syst\xe8me de courrier <mailer@mx.example>\r\n"])
def test_it_is_read_whoever_says_to_have_written_it(sender: bytes) -> None:
    for content in (dsn(), QMAIL):
        notice = read_notice(re.sub(rb"(?m)^From: .*\r?\n", sender, content, count=1), OURS)
        assert notice is not None
        assert notice.failed == {ZOE}


def test_charsets_that_nobody_knows_hide_nothing() -> None:
    notice = read_notice(dsn().replace(b"us-ascii", b"x-unheard-of").replace(b"sorry", b"d\xe9sol\xe9"), OURS)
    assert notice is not None
    assert notice.failed == {ZOE}


@pytest.mark.parametrize(("more", "is_read"), [(MOST_ADDRESSES - 1, True), (MOST_ADDRESSES, False)])
def test_a_notice_is_about_a_few_people(more: int, is_read: bool) -> None:
    block = b"\r\n".join(
        b"Final-Recipient: rfc822; p%d@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n" % number
        for number in range(more)
    )
    end = dsn().index(b"\r\n--b1\r\nContent-Type: text/rfc822")
    content = dsn()[:end] + b"\r\n" + block + dsn()[end:]
    assert (read_notice(content, OURS) is not None) is is_read


@pytest.mark.parametrize(
    "bomb",
    [
        b"".join(
            b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (number, number) for number in range(3000)
        ),
        b"--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n" * 3000,
        b"a" * 120_000,
        b"<" * 120_000,
        b"user@" * 24_000,
        b" \t" * 60_000,
        b"\r\n" * 60_000,
        b"=?utf-8?q?" * 12_000,
        b"X: y\r\n" * 20_000,
        b"   ----- The following addresses had permanent fatal errors -----\r\n" * 1700,
    ],
    ids=["nested", "parts", "line", "brackets", "ats", "blanks", "ends", "words", "headers", "heads"],
)
def test_a_hostile_mail_comes_to_its_end(bomb: bytes) -> None:
    """What patterns run away on would not end within the time that a test has."""
    for content in (dsn() + bomb, bomb + dsn(), dsn()[:400] + bomb, QMAIL[:300] + bomb + QMAIL[300:]):
        notice = read_notice(content[:LARGEST_RETURN], OURS)
        assert notice is None or notice.failed == {ZOE}


def test_more_parts_than_any_notice_has_are_not_looked_into() -> None:
    part = b"--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    end = dsn().index(b"--b1\r\nContent-Type: text/rfc822")
    for parts, is_read in ((MOST_PARTS - 5, True), (MOST_PARTS - 4, False)):
        assert (read_notice(dsn()[:end] + part * parts + dsn()[end:], OURS) is not None) is is_read


@pytest.mark.parametrize(
    ("status", "hard"),
    [
        *((each, True) for each in ("", "5.1.1", "5.1.10", "5.2.1", "5.4.4")),
        *((each, False) for each in ("5.2.2", "5.7.1", "4.4.7", "5.2.10")),
    ],
)
def test_hard_is_what_says_that_there_is_no_such_address(status: str, hard: bool) -> None:
    assert Return("r1", NOON, final=True, status=status).is_hard is hard
    assert not Return("r1", NOON, final=False, status=status).is_hard


def test_a_final_notice_is_the_end_once() -> None:
    said = Return("r1", NOON + DAYS, final=True, status="5.1.1")
    bounced, told = sent().come_back(said, DAYS)
    assert (bounced.state, bounced.reason, bounced.returns, told) == (
        State.BOUNCED,
        "bounced",
        (said,),
        [Bounced(True)],
    )
    assert bounced.come_back(said, DAYS) == (bounced, [])
    again, told = bounced.come_back(Return("r2", NOON + DAYS, final=True), DAYS)
    assert (again.state, len(again.returns), told) == (State.BOUNCED, 2, [])


@pytest.mark.parametrize(
    ("written_at", "is_over"),
    [
        (NOON + DAYS - timedelta(milliseconds=1), False),
        (NOON + DAYS, True),
        (NOON + 2 * DAYS, True),
        (NOON + 2 * DAYS + timedelta(milliseconds=1), False),
        (NOON + timedelta(hours=1), False),
        (None, False),
    ],
    ids=["too soon", "at its end", "now", "in the future", "read late", "nobody knows"],
)
def test_a_delay_is_the_end_when_it_was_written_late_enough(written_at: datetime | None, is_over: bool) -> None:
    noted, _ = sent().come_back(Return("r1", NOON + DAYS, final=False, status="4.4.1"), DAYS, NOON)
    after, told = noted.come_back(Return("r2", NOON + 2 * DAYS, final=False), DAYS, written_at)
    assert len(after.returns) == 2
    assert (after.state, told) == ((State.BOUNCED, [Bounced(False)]) if is_over else (State.SENT, []))


@pytest.mark.parametrize(
    ("date", "written_at"),
    [
        (b"Date: Sun, 1 Mar 2026 13:00:00 +0100\r\n", NOON),
        (b"Date: Sun, 1 Mar 2026 12:00:00 -0000\r\n", NOON),
        (b"Date: yesterday\r\n", None),
        (b"Date: Fri, 31 Dec 9999 23:00:00 -0500\r\n", None),
        (b"Date: Sun, 99 Mar 2026 99:00:00 +999999999\r\n", None),
        (b"", None),
    ],
)
def test_a_notice_has_its_own_date(date: bytes, written_at: datetime | None) -> None:
    notice = read_notice(date + dsn(), OURS)
    assert notice is not None
    assert notice.written_at == written_at


def test_only_so_many_notices_are_remembered() -> None:
    mail = sent()
    for number in range(MOST_KEPT + 1):
        mail, _ = mail.come_back(Return(f"r{number}", NOON, final=False), DAYS)
    assert [each.id for each in mail.returns] == [f"r{number}" for number in range(MOST_KEPT)]


@pytest.mark.parametrize("final", [True, False])
def test_the_end_is_heard_behind_any_number_of_delays(final: bool) -> None:
    mail = sent()
    for number in range(MOST_KEPT + 1):
        mail, _ = mail.come_back(Return(f"r{number}", NOON, final=False), DAYS)
    said = Return("last", NOON + DAYS, final=final)
    bounced, told = mail.come_back(said, DAYS, NOON + DAYS)
    assert (bounced.state, len(bounced.returns), bounced.returns[-1], told) == (
        *(State.BOUNCED, MOST_KEPT, said),
        [Bounced(final)],
    )
    assert bounced.come_back(said, DAYS, NOON + DAYS) == (bounced, [])
    ends = replace(mail, returns=tuple(Return(f"r{number}", NOON, final=True) for number in range(MOST_KEPT)))
    assert ends.come_back(said, DAYS, NOON + DAYS) == (ends, [])


def test_a_notice_that_is_faster_than_what_was_written_down_counts() -> None:
    taken = sent().come_back(Return("r1", NOON, final=True), DAYS)[0].retry(NOON + DAYS, "staff:kim")
    taken = taken.take("me", NOON + DAYS)
    assert taken.confirm(NOON + DAYS)[1] == [Sent()]  # what came back before is over
    soon = NOON + DAYS + timedelta(milliseconds=1)
    fast, told = taken.come_back(Return("r2", soon, final=True, status="5.2.2"), DAYS)
    assert (fast.state, told) == (State.SENDING, [])
    assert fast.confirm(NOON + DAYS)[0].state is State.BOUNCED
    assert fast.confirm(NOON + DAYS)[1] == [Sent(), Bounced(False)]


def test_who_is_told_of_a_return_is_told_that_it_was_sent_again_and_to_the_address_in_force() -> None:
    bounced = replace(sent(), about=(About("p1", "M1-MER", "decision-favourable"),), readdressed=True).come_back(
        Return("r1", NOON, final=True), DAYS
    )[0]
    late = NOON + DAYS
    for address, reached in (("", ZOE), (ZOE, ZOE), ("zoe@new.example", "zoe@new.example")):
        taken = bounced.retry(late, "staff:kim", address).take("me", late)
        assert (taken.address, taken.readdressed) == (reached, reached == ZOE)
        again, told = taken.confirm(late)
        assert told == [Sent(), SentAgain()]
        back = Return("r2", late, final=True)
        assert again.come_back(back, DAYS)[1] == [Bounced(True)]
        fast = taken.come_back(replace(back, at=late + timedelta(milliseconds=1)), DAYS)[0]
        assert fast.confirm(late)[1] == [Sent(), Bounced(True)], "it has not arrived"
    other = replace(bounced, about=()).retry(late, "staff:kim", "zoe@new.example").take("me", late)
    assert (other.address, other.confirm(late)[1]) == (ZOE, [Sent()]), "it may be about that very address"


@pytest.mark.parametrize(
    ("mails", "unreached"),
    [
        ([], False),
        ([Fate(ZOE, State.BOUNCED, NOON)], True),
        ([Fate(ZOE, State.QUEUED, None), Fate(ZOE, State.BOUNCED, NOON)], True),
        ([Fate("new@example.org", State.SENT, NOON), Fate("old@example.org", State.BOUNCED, NOON)], False),
        ([Fate(ZOE, State.SENT, NOON - ARRIVED_AFTER), Fate(ZOE, State.BOUNCED, NOON)], False),
        ([Fate(ZOE, State.SENT, NOON - ARRIVED_AFTER + timedelta(seconds=1)), Fate(ZOE, State.BOUNCED, NOON)], True),
    ],
)
def test_who_is_not_reached_by_the_last_that_is_known(mails: list[Fate], unreached: bool) -> None:
    assert is_unreached(ZOE, mails, NOON) is unreached


def test_a_notice_tells_of_an_address_or_of_all() -> None:
    notice = Notice("n", (HASH,), frozenset({ZOE}), frozenset(), {ZOE: "5.1.1"}, "4.0.0")
    assert (notice.status_of(ZOE), notice.status_of("x@y")) == ("5.1.1", "4.0.0")
