"""Mails as other servers return them."""

from __future__ import annotations

OURS = "parvis.example"
HASH = "0123456789abcdef0123456789abcdef01234567"
ZOE = "zoe@example.org"


def dsn(
    message: str = HASH,
    address: str = ZOE,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    own: str = "<1@mx.example.net>",
    domain: str = OURS,
) -> bytes:
    """A notice as RFC 3464 has it, about one mail to one person."""
    return f"""From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: retours@parvis.example
Subject: Undelivered Mail Returned to Sender
Message-ID: {own}
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <{address}>: Recipient address rejected

--b1
Content-Type: text/rfc822-headers

From: candidatures@parvis.example
To: {address}
Message-ID: <{message}@{domain}>
Subject: =?utf-8?q?D=C3=A9cision?=

--b1--
""".replace("\n", "\r\n").encode("utf-8", "surrogateescape")


QMAIL = f"""From: MAILER-DAEMON@mx.example.net
To: retours@parvis.example
Subject: failure notice
Message-ID: <2@mx.example.net>

Hi. This is the qmail-send program at mx.example.net.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<{ZOE}>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <retours@parvis.example>
Message-ID: <{HASH}@{OURS}>
To: {ZOE}

Bonjour
""".encode()

ABSENT = f"""From: {ZOE}
To: candidatures@parvis.example
Subject: Absence
In-Reply-To: <{HASH}@{OURS}>
Auto-Submitted: auto-replied

Je suis en vacances.
""".encode()
