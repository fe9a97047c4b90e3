"""The server of forms: what is taken of what LimeSurvey says, in both its shapes, and nothing of anything else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from datetime import datetime
from typing import Any

import pytest

from services.chassis import urls
from services.chassis.forms.limesurvey import AT_ONCE, MOST_BYTES, LimeSurvey
from services.chassis.ports.forms import Forms, FormsUnavailable, Survey, SurveyResponse, WrongForms
from tests.surveys import PASSWORD, SURVEY, USER, SurveyServer, encoded, survey_server

MINE = Survey(SURVEY, "idCandidature", "numDossier")
ID = "01k" + "0" * 23


@pytest.fixture
async def server() -> AsyncIterator[SurveyServer]:
    async with survey_server() as made:
        yield made


@asynccontextmanager
async def opened(forms: Forms) -> AsyncIterator[Forms]:
    try:
        yield forms
    finally:
        await forms.close()


async def all_of(forms: Forms, survey: Survey = MINE) -> list[SurveyResponse]:
    async with aclosing(forms.responses(survey)) as parts:
        return [each async for part in parts for each in part]


@pytest.mark.parametrize(
    ("submitted", "touched", "at"),
    [
        ("2027-02-01 11:30:00", "2027-02-03 09:00:00", datetime(2027, 2, 3, 9)),  # noqa: DTZ001
        ("2027-02-03 09:00:00", "2027-02-01 11:30:00", datetime(2027, 2, 3, 9)),  # noqa: DTZ001
        ("2027-02-01 11:30:00", None, datetime(2027, 2, 1, 11, 30)),  # noqa: DTZ001
        ("1980-01-01 00:00:00", "1980-01-01 00:00:00", None),
    ],
)
async def test_who_changes_a_response_is_told_of_by_the_later_of_its_dates(
    server: SurveyServer, submitted: str, touched: str | None, at: datetime | None
) -> None:
    server.send_off(ID, answers={"submitdate": submitted, "datestamp": touched})
    async with opened(urls.open_forms(server.setting)) as forms:
        (only,) = await all_of(forms)
    assert (only.id, only.sent_off, only.filled_in_at) == (f"limesurvey-{SURVEY}-1", True, at)


@pytest.mark.parametrize("by_number", [False, True])
async def test_what_was_sent_off_is_told_with_the_texts_of_its_questions(server: SurveyServer, by_number: bool) -> None:
    """Acceptance 64. Before version 5 each response stands below its number."""
    server.by_number = by_number
    server.send_off(ID)
    server.send_off("begun", answers={"submitdate": None})
    undated = {"submitdate": "1980-01-01 00:00:00", "OU": 4, "LG[SQ001]": "", "LG[other]": "Occitan"}
    server.send_off("undated", answers=undated)
    async with opened(urls.open_forms(server.setting)) as forms:
        first, begun, second = await all_of(forms)
    assert first == SurveyResponse(
        f"limesurvey-{SURVEY}-1",
        ID,
        "AB12CD34",
        datetime(2027, 2, 1, 11, 30),  # noqa: DTZ001 - the server says no zone
        (("Où vous voyez-vous dans dix ans ?", "En mer."), ("Langues – Anglais", "Oui")),
    )
    assert (begun.application, begun.sent_off, begun.filled_in_at) == ("begun", False, None)
    assert (second.application, second.filled_in_at) == ("undated", None)
    assert second.answers == (("Où vous voyez-vous dans dix ans ?", "4"), ("Langues – other", "Occitan"))
    assert server.sessions == set(), "each session is ended"


async def test_many_responses_are_asked_for_some_at_a_time_also_past_those_that_were_deleted(
    server: SurveyServer,
) -> None:
    numbers = (1, AT_ONCE, AT_ONCE + 1, 3 * AT_ONCE + 1)
    for number in numbers:
        server.send_off(f"a{number}", number)
    async with opened(urls.open_forms(server.setting)) as forms:
        assert [each.application for each in await all_of(forms)] == [f"a{number}" for number in numbers]
        assert server.count("export_responses") == 4
        server.responses.clear()
        assert await all_of(forms) == []
        server.results["get_summary"] = {"token_count": "12"}
        with pytest.raises(WrongForms, match="not activated"):
            await all_of(forms)
        assert server.count("export_responses") == 4


async def test_what_is_deleted_meanwhile_is_not_looked_for_to_the_end(server: SurveyServer) -> None:
    server.send_off(ID)
    server.send_off("deleted")
    async with opened(urls.open_forms(server.setting)) as forms, aclosing(forms.responses(MINE)) as parts:
        server.responses[AT_ONCE + 1] = server.responses[2] | {"id": str(AT_ONCE + 1)}
        del server.responses[2]
        (only,) = await anext(parts)
        assert only.application == ID
        del server.responses[AT_ONCE + 1]
        assert [part async for part in parts] == [[]]


async def test_a_survey_beyond_all_bounds_is_not_read(server: SurveyServer) -> None:
    server.send_off("last", 2 * AT_ONCE)
    async with opened(LimeSurvey(server.address, USER, PASSWORD, last=2 * AT_ONCE)) as forms:
        assert len(await all_of(forms)) == 1
        server.send_off("beyond", 2 * AT_ONCE + 1)
        with pytest.raises(WrongForms, match="beyond"):
            await all_of(forms)


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (500, None),
        (302, None),
        (200, "<!DOCTYPE html><title>LimeSurvey</title>"),
        (200, ""),
        (200, "[" * 100_000),
        (200, "[]"),
        (200, '{"id": 1}'),
        (200, '{"id": 2, "result": "k", "error": null}'),
        (200, '{"id": 1, "result": null, "error": "no such method"}'),
        (200, '{"id": 1, "result": {"key": "k"}, "error": null}'),
        (200, '{"id": 1, "result": "", "error": null}'),
        (200, " " * (MOST_BYTES + 1)),
    ],
)
async def test_what_is_no_answer_counts_as_away(server: SurveyServer, status: int, says: str | None) -> None:
    server.status, server.says = status, says
    async with opened(urls.open_forms(server.setting)) as forms:
        with pytest.raises(FormsUnavailable):
            await all_of(forms)


async def test_one_that_never_answers_or_is_not_there_counts_as_away(server: SurveyServer) -> None:
    server.silent = True
    async with opened(LimeSurvey(server.address, USER, PASSWORD, seconds=0.05)) as forms:
        with pytest.raises(FormsUnavailable):
            await forms.ping()
    async with opened(LimeSurvey("http://127.0.0.1:9/", USER, PASSWORD)) as forms:
        with pytest.raises(FormsUnavailable):
            await all_of(forms)


@pytest.mark.parametrize(
    ("method", "result"),
    [
        ("list_questions", {"status": "No permission"}),
        ("list_questions", "No"),
        ("list_questions", [{"qid": "1", "title": "A"}]),
        ("get_summary", {"status": "No permission"}),
        ("get_summary", {"full_responses": "many"}),
        ("get_summary", []),
        ("export_responses", {"status": "No Data, survey table does not exist."}),
        ("export_responses", None),
        ("export_responses", "no base64"),
        ("export_responses", encoded([])),
        ("export_responses", encoded({"responses": {}})),
        ("export_responses", encoded({"responses": [1]})),
        ("export_responses", encoded({"responses": [{"id": "1", "OU": ["x"]}]})),
        ("export_responses", encoded({"responses": [{"id": "x", "OU": "x"}]})),
        ("export_responses", encoded({"responses": [{"id": str(AT_ONCE + 1), "OU": "x"}]})),
        ("export_responses", encoded({"responses": [{"id": "1", "OU": "x"}] * 2})),
        ("export_responses", encoded({"responses": [{"id": "1", "submitdate": "yesterday"}]})),
    ],
)
async def test_what_is_no_export_is_refused_and_the_session_ended(
    server: SurveyServer, method: str, result: Any
) -> None:
    server.send_off(ID)
    server.results[method] = result
    async with opened(urls.open_forms(server.setting)) as forms:
        with pytest.raises(WrongForms):
            await all_of(forms)
    assert server.sessions == set()


async def test_a_login_that_is_refused_is_told_without_the_password_and_asking_how_it_is_takes_none(
    server: SurveyServer,
) -> None:
    async with opened(urls.open_forms(server.setting.replace("s%C3%A9same", "sesame"))) as forms:
        with pytest.raises(FormsUnavailable) as refusal:
            await all_of(forms)
        assert "sesame" not in str(refusal.value)
        await forms.ping()
    assert server.count("get_session_key") == 1
    server.says = "<html>"
    async with opened(urls.open_forms(server.setting)) as forms:
        with pytest.raises(FormsUnavailable):
            await forms.ping()


@pytest.mark.parametrize(
    ("url", "survey"),
    [
        ("https://s.example/index.php/1234?dossier={file_number}&c={application}", Survey("1234", "c", "dossier")),
        ("https://s.example/2027/index.php/survey/index/sid/1234/lang/fr?c={application}", Survey("1234", "c")),
        ("https://S.example:443/index.php?sid=1234&c={application}", Survey("1234", "c")),
        ("https://s.example/1234?dossier={file_number}", None),
        ("https://s.example/1234?1={application}", None),
        ("https://s.example/forms?c={application}", None),
        ("https://s.example/index.php?sid=x&c={application}", None),
        ("https://s.example/12345678901?c={application}", None),
        ("https://other.example/1234?c={application}", None),
        ("https://s.example:8443/1234?c={application}", None),
        ("http://s.example/1234?c={application}", None),
        ("https://s.example:x/1234?c={application}", None),
    ],
)
def test_which_survey_an_address_leads_to(url: str, survey: Survey | None) -> None:
    assert LimeSurvey("https://s.example/admin/remotecontrol", USER, PASSWORD).survey_of(url) == survey


async def test_without_a_server_nothing_is_asked() -> None:
    async with opened(urls.open_forms("none:")) as forms:
        await forms.ping()
        assert forms.survey_of("https://s.example/1234?c={application}") is None
        assert await all_of(forms) == []
