"""Every service answers what its OpenAPI document says, whatever it is sent: no 5xx, nothing undocumented, no warning.

A candidate has gone so far that every question has something to be asked about.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from services import SERVICES
from services.chassis.clock import FixedClock
from services.chassis.testing import Suite, run_suite
from services.contracts.actors import Role
from services.contracts.api.endpoints.all import APIS
from services.contracts.api.endpoints.connectors import CONNECTORS
from services.offers.usecases.own_catalogue import template
from tests.candidate import ADDRESS, BACCALAUREATE, IDENTITY, PASSWORD, Candidate, Mailbox, pdf
from tests.contracts.api.catalogue import ENDS, STAFFED, WRITTEN_OVER, of_campaigns
from tests.contracts.api.conformance import Known, assert_conforms
from tests.contracts.api.people import typed
from tests.contracts.api.staff import DOUBTED, MEMBER, SUPPORT, an_administrator
from tests.contracts.api.uploads import BUNDLED, OVER, READ, UPLOAD_FOR, UPLOADING, open_upload
from tests.service.accounts.client import INE
from tests.service.accounts.test_profile_rows import ROWS
from tests.unit.chassis.demo import MOMENT


async def reset_token(suite: Suite) -> str:
    """The token of the reset link, once its mail is there."""
    async with asyncio.timeout(120):
        while True:
            texts = [str(part.get_content()) for mail in suite.mails() if (part := mail.get_body(("plain",)))]
            for text in texts:
                if found := re.search(r"/reinitialisation\?token=([\w-]+)", text):
                    return found[1]
            await asyncio.sleep(0.05)


async def log_in(candidate: Candidate) -> dict[str, Any]:
    """Another session of the candidate."""
    login = {"login": candidate.ledger.login, "password": PASSWORD}
    session: dict[str, Any] = await candidate.must("POST", "/api/accounts/sessions", 200, json=login)
    return session


A_DAY_TO_COME: Final = {"type": "string", "pattern": f"^{MOMENT.year}-(0[4-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$"}
"""Of the year of MOMENT, which is in its March; also those that the service itself answers with."""


async def accounts(suite: Suite, candidate: Candidate) -> Known:
    """A pending link, a reset link, a session, and a profile that can be given."""
    stranger = Candidate(suite.client, suite.url, candidate.mailbox)
    await stranger.registers()
    pending = await stranger.opens_the_link()
    forgetful = Candidate(suite.client, suite.url, candidate.mailbox)
    await forgetful.registers()
    await forgetful.validates()
    await forgetful.must("POST", "/api/accounts/password-resets", 202, json={"email": forgetful.address})
    reset = await reset_token(suite)
    await forgetful.logs_in()
    helped = await forgetful.must("GET", "/api/accounts/me", 200)
    session = await log_in(candidate)
    some = r"[^\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd]*"
    # That a letter is in it, of whatever script, is more than the patterns of JSON Schema can say everywhere alike.
    name = {"type": "string", "minLength": 1, "maxLength": 100, "pattern": rf"^{some}[^\W\d_]{some}$"}
    password = {"type": "string", "pattern": "^[a-z]{8} [a-z]{8} [a-z]{8} [0-9]{6}$"}
    one = {"const": False}
    rows = {
        path: (await candidate.must("POST", f"/api/accounts/me/profile/{path}", 201, json=ROWS[path])) for path in ROWS
    }
    draft = {"values": {"title": "Ven"}}
    await candidate.must("PUT", "/api/accounts/me/profile/drafts/work-experience", 204, json=draft)
    year = {"type": "integer", "minimum": 1900, "maximum": MOMENT.year + 1}
    nothing = {"type": "null"}

    def filled(longest: int, among: str = some) -> dict[str, Any]:
        """A text with something to see in it, which the patterns of the document do not say."""
        seen = r"[^\s\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufffd]"
        return {"type": "string", "minLength": 1, "maxLength": longest, "pattern": rf"^{among}{seen}{among}$"}

    lines = filled(500, some.replace(r"\x00-\x1f", r"\x00-\x09\x0b-\x1f"))
    return {
        "path.token": [pending],
        "path.id": [helped["account"]],
        "path.studies": [rows["external-studies"]["id"]],
        "path.internship": [rows["internships"]["id"]],
        "path.job": [rows["work-experience"]["id"]],
        "path.step": ["work-experience"],
        **typed(suite),
        **{f"{row}.year": year for row in ("ExternalStudies", "Internship", "WorkExperience")},
        "ExternalStudies.diploma_label": filled(255),
        "ExternalStudies.country": {"anyOf": [{"enum": [ADDRESS["country"]]}, nothing]},
        **{f"{row}.duration": filled(20) for row in ("Internship", "WorkExperience")},
        **{f"{row}.organisation": filled(50) for row in ("Internship", "WorkExperience")},
        "Internship.description": lines,
        "WorkExperience.title": filled(50),
        "Registration": {"required": ["family_name", "given_name", "email", "email_confirmation"]},
        **{f"Registration.{field}": name for field in ("family_name", "given_name")},
        "Registration.single_name": one,
        "Registration.email": ["new@example.org"],
        "Registration.email_confirmation": ["new@example.org"],
        "AddressBody.email": [candidate.address],
        "Validation": {"required": ["token", "password"]},
        "Validation.token": [pending],
        "Validation.password": password,
        "PasswordReset.token": [reset],
        "PasswordReset.password": password,
        "RecordRequest": {"required": ["certified", "national_student_number", "birth_date"]},
        "RecordRequest.certified": {"const": True},
        "RecordRequest.national_student_number": [INE],
        "RecordRequest.birth_date": [IDENTITY["birth_date"]],
        "EmailChange": {"required": ["email", "email_confirmation", "password"]},
        "EmailChange.email": ["new@example.org"],
        "EmailChange.email_confirmation": ["new@example.org"],
        "EmailChange.password": [PASSWORD],
        "Erasure": {"required": ["password"]},
        "Erasure.password": [PASSWORD],
        "Credentials.login": [candidate.ledger.login],
        "Credentials.password": [PASSWORD],
        "Refresh.refresh_token": [session["refresh_token"]],
        "Identity": {"required": [*IDENTITY]},
        "Identity.title": [IDENTITY["title"]],
        **{f"Identity.{field}": name for field in ("family_name", "given_name", "birth_place")},
        "Identity.single_name": one,
        **{f"Identity.{name}": [IDENTITY[name]] for name in ("birth_date", "birth_country", "nationality")},
        **{f"Identity.{name}": [None] for name in ("phone", "mobile", "national_student_number")},
        "Address": {"required": [*ADDRESS]},
        "Address.postcode": [ADDRESS["postcode"]],
        "Address.country": [ADDRESS["country"]],
        "Baccalaureate": {"required": ["kind", "year"]},
        "Baccalaureate.kind": ["equivalent"],
        "Baccalaureate.year": {"type": "integer", "minimum": 1900, "maximum": MOMENT.year},
        "Address.city": [ADDRESS["city"]],
        "path.login": [MEMBER],
        "Rights.email": [MEMBER],
        "Rights.grants": [[{"role": "readonly"}], [{"role": "manager", "centres": ["SEE"]}]],
        "StaffInvitation.email": ["juror@elsewhere.test"],
        "StaffInvitation.valid_until": A_DAY_TO_COME,
        "Baccalaureate.country": {"anyOf": [{"enum": [BACCALAUREATE["country"]]}, {"type": "null"}]},
    }


async def offers(suite: Suite, candidate: Candidate) -> Known:
    """A programme, a model document, a deadline to move, and the campaign, which stays the active one."""
    programme = await candidate.finds("energie solaire")
    campaign = (await candidate.must("GET", "/api/offers/campaigns/current", 200))["code"]
    asking = staff(suite, Role.ADMIN)
    async with suite.client.get(f"/api/offers/catalogue/{programme}", headers=asking) as response:
        said = {"WrittenProgramme": (await response.json())["programme"]}
    for kind in ("centre", "commission", "requirement"):
        by_the_same_code = f"/api/offers/{kind}s/{programme}"
        async with suite.client.put(by_the_same_code, headers=asking, json={"label": {"fr": "Essai"}}) as response:
            said[f"Written{kind.title()}"] = (await response.json())[kind]
    return {
        "path.campaign": [campaign],
        **await of_campaigns(suite, asking, campaign),
        "text/csv": [template()],
        "application/octet-stream": [template()],
        "path.code": [programme],
        "path.name": ["lettre-de-recommandation.pdf"],
        "MoveDeadline.centre": [None],
        "MoveDeadline.programme": {"anyOf": [{"enum": [programme]}, {"type": "null"}]},
        "MoveDeadline.submission_deadline": A_DAY_TO_COME,
        "MoveDeadline.reason": {"type": "string", "maxLength": 500, "pattern": "^[A-Za-z]{3,40}$"},
        **{body: {"required": [*members]} for body, members in said.items()},
        **{f"{body}.{name}": {"enum": [value]} for body, members in said.items() for name, value in members.items()},
    }


async def applications(suite: Suite, candidate: Candidate) -> Known:
    """A submitted application, a draft, a document to put into it."""
    await candidate.opens(await candidate.finds("energie solaire"))
    await candidate.completes_the_pieces()
    await candidate.submits()
    submitted = candidate.ledger.application
    other = await candidate.finds("ingenieur mecanique thermique")
    await candidate.opens(other)
    uploaded = await candidate.uploads(pdf())
    await suite.settle()
    (kept,) = await suite.service("applications").service.ports.store.find("submissions", {})
    return {
        "path.receipt": [kept["_id"]],
        "path.id": [candidate.ledger.application, submitted],
        "path.code": [candidate.pieces[0]["code"]],
        "path.question": ["motivation"],
        "path.form": ["projet"],
        **{name: [other] for name in ("path.programme", "OpenApplication.programme")},
        **{f"Deposit{each}.receipt": [uploaded.body["receipt"]] for each in ("Piece", "InPlace")},
        "FileMark.on": {"anyOf": [{"enum": [f"{MOMENT.date()}"]}, {"type": "null"}]},
        "FileMark.submission_deadline": {"anyOf": [A_DAY_TO_COME, {"type": "null"}]},
        "Reopening.submission_deadline": {"anyOf": [A_DAY_TO_COME, {"type": "null"}]},
        "Deadlines.submission_deadline": A_DAY_TO_COME,
    }


async def documents(suite: Suite, candidate: Candidate) -> Known:
    """A document, the bytes of another, and a submitted application."""
    await candidate.opens(await candidate.finds("energie solaire"))
    await candidate.completes_the_pieces()
    await candidate.submits()
    uploaded = await candidate.uploads(pdf())
    id = uploaded.body["document"]
    return await open_upload(candidate) | {
        "path.id": [id],
        "path.application": [candidate.ledger.application],
        "Assembly.documents": [[id]],
        "application/pdf": [pdf().decode()],
    }


ONCE = (
    *SUPPORT[3:],
    *DOUBTED,
    "POST /api/accounts/sso/callback",
    "POST /api/accounts/sso/logout",
    "DELETE /api/accounts/sessions/{session}",
    "POST /api/accounts/me/email-changes",
    "DELETE /api/accounts/me",
    "POST /api/accounts/me/registrar-record",
    "DELETE /api/accounts/staff/{login}",
    "DELETE /api/accounts/staff/{login}/totp",
    *map("POST /api/accounts/{}".format, ("sessions/second-factor", "me/totp/confirmation", "me/totp/recovery-codes")),
)
"""What is good for once: tickets and notices of the ENT, codes, what ends logins. The registrar: five times a day."""
SIGNED = ("POST /api/applications/forms/callback",)
"""What only who holds a secret can ask for: tests/service/applications/test_forms.py."""
NAMING = (
    *(f"PUT /api/applications/review/{{id}}/{part}" for part in ("assignee", "fees", "enrolment-code")),
    *(f"POST /api/applications/review/{part}" for part in ("{id}/decision", "applications", "exports")),
    *(f"{call} /api/applications/review/views/{{name}}" for call in ("PUT", "DELETE")),
    *(f"{call} /api/applications/review/exports/{{id}}" for call in ("GET", "DELETE")),
    *(f"GET /api/applications/review/{part}" for part in ("person", "exports/{id}/file", "{id}/past")),
)
"""What names or brings what no schema knows: tests of sheets, fees, decisions, behalf, shelves, exports."""
UNGUESSED = re.compile(
    r"/deliberation|/meetings|POST .*/bulk/runs|/bulk/runs/|/simulation|/retries$|/incidents|/hand-overs|/connectors/"
    r"|/letters/|/templates/.*/(preview|test)$|GET .*/review(/on-behalf)?$|POST .*/carry-over$"
)
"""The same in any service: tests of deliberation, meetings, places, incidents, mails, letters, lists, carrying over."""
STILL = ("POST /api/mailer/deliveries/{id}/retry",)
"""What only a mail that stands still takes, and only once: tests/service/mailer/test_deliveries.py."""

STAFF = tuple(endpoint for endpoint in APIS["accounts"] if endpoint.path.startswith(("/staff", "/me/totp")))
WRITTEN = (
    *(e for e in APIS["documents"] if e.path.startswith(("/letter-", "/models/{r")) or e.method == "DELETE"),
    *(e for e in APIS["mailer"] if e.access.roles),
)
REVIEW = tuple(str(e) for e in APIS["applications"] if e.path.startswith(("/review", "/places", "/meeting")))
BY_TURNS = tuple(
    f"POST /api/applications/review/{path}"
    for path in ("{id}/pieces/{code}/verdict", "{id}/verdicts", "{id}/state", "{id}/reopening", "bulk")
)
"""What a file that was reopened refuses (tests/service/applications/test_review.py), and what each action takes and nothing
but a dry run's digest confirms (test_bulk.py).
"""

SCENES: Mapping[str, Callable[[Suite, Candidate], Awaitable[Known]]] = {
    "accounts": accounts,
    "offers": offers,
    "applications": applications,
    "documents": documents,
}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_answers_as_documented(service: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_ACCOUNTS_NEUTRAL_MILLISECONDS", "0")
    monkeypatch.setenv("PARVIS_ACCOUNTS_PASSWORD_KIBIBYTES", "64")
    data = tmp_path / "data"
    async with run_suite(data, services=SERVICES, clock=FixedClock(MOMENT)) as suite:
        await suite.settle()
        candidate = Candidate(suite.client, suite.url, Mailbox(data / "mail"))
        await candidate.becomes_known()
        known = await SCENES[service](suite, candidate) if service in SCENES else {"path.kind": ["answer-due"]}
        elsewhere: dict[str, Mapping[str, str]] = {}
        if service == "accounts":
            leaving = await log_in(candidate)
            elsewhere["DELETE /api/accounts/sessions/current"] = bearer(leaving["access_token"])
            other = Candidate(suite.client, suite.url, candidate.mailbox)
            await other.registers()
            await other.validates()
            await other.logs_in()
            for call in ("POST /api/accounts/me/email-changes", "DELETE /api/accounts/me"):
                # Whose sessions end by it.
                leaver = Candidate(suite.client, suite.url, candidate.mailbox)
                await leaver.registers()
                await leaver.validates()
                await leaver.logs_in()
                elsewhere[call] = bearer(leaver.token)
            elsewhere["DELETE /api/accounts/me/profile/drafts/{step}"] = bearer(other.token)
            # The candidate's own logins, which its list leads to, are still needed.
            elsewhere["DELETE /api/accounts/sessions/{session}"] = bearer(other.token)
            # Done once, and asked for again by its key: else only the first body would have the right password.
            again = {**bearer(other.token), "Idempotency-Key": "once"}
            same = {"current_password": PASSWORD, "password": PASSWORD}
            async with suite.client.post("/api/accounts/me/password", json=same, headers=again) as response:
                assert response.status == 204
            elsewhere["POST /api/accounts/me/password"] = again
            for path, parameter in (
                ("external-studies", "studies"),
                ("internships", "internship"),
                ("work-experience", "job"),
            ):
                # Else the rows that are changed would be gone; to take away what is not there is good, too.
                elsewhere[f"DELETE /api/accounts/me/profile/{path}/{{{parameter}}}"] = bearer(other.token)
            elsewhere |= dict.fromkeys((*map(str, STAFF), *SUPPORT), bearer(await an_administrator(suite, data)))
        if service == "offers":
            elsewhere |= dict.fromkeys(
                (f"{call} /api/offers/{path}" for path, methods in STAFFED.items() for call in methods),
                staff(suite, Role.ADMIN),
            )
            # What is written is what is there already, and may be written over any version; nothing else comes into being.
            for call in WRITTEN_OVER:
                elsewhere[call] = {**staff(suite, Role.ADMIN), "If-Match": '"7"'}
        of_admin = (*map(str, WRITTEN), *map(str, CONNECTORS.values()))
        staff_calls = ((of_admin, Role.ADMIN), ((*REVIEW, *BUNDLED, UPLOAD_FOR), Role.MANAGER))
        for calls, role in staff_calls:
            elsewhere |= {call: staff(suite, role) for call in calls if f"/api/{service}/" in call}
        headers = bearer(candidate.token) | (UPLOADING if service == "documents" else {})
        once = {
            "accounts": ONCE,
            "offers": ENDS,
            "documents": (OVER, READ, *BUNDLED),
            "applications": (*SIGNED, *NAMING, *BY_TURNS),
            "mailer": STILL,
        }[service]
        named = [str(each) for each in APIS[service] if UNGUESSED.search(str(each)) and str(each) not in once]
        await assert_conforms(
            suite.url, service, tmp_path, headers=headers, known=known, elsewhere=elsewhere, once=(*once, *named)
        )


def staff(suite: Suite, role: Role) -> dict[str, str]:
    """Staff with a role everywhere, as accounts would sign for them."""
    signer = suite.service("accounts").service.signer
    assert signer is not None
    now = int(suite.clock.now().timestamp())
    claims = {"aud": "parvis", "sub": "kim", "iat": now, "exp": now + 600, "sid": "none", "jti": "j"}
    return bearer(signer.sign(claims | {"kind": "staff", "grants": [{"role": role.value}]}, typ="at+jwt"))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
