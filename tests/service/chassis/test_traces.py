"""One trace leads from a request to the mail that it causes, and names nobody (ADR 50)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from services import SERVICES
from services.chassis.settings import UnusableSetting
from services.chassis.telemetry import tracing
from services.chassis.testing import run_suite
from services.contracts.events.accounts import LinkIssued
from services.contracts.spans import Attribute
from services.portal.wiring import pages
from tests.candidate import ADDRESS, IDENTITY, PASSWORD, Candidate, Mailbox

REGISTER = "POST /api/accounts/accounts"
SUBMIT = "POST /api/applications/applications/{id}/submission"
SUBMITTED = "applications.application.submitted.v1"


def below(span: ReadableSpan, spans: Sequence[ReadableSpan]) -> list[str]:
    """The names of a span and of those above it, up to the first."""
    by_id = {each.context.span_id: each for each in spans}
    names = [span.name]
    while span.parent is not None:
        span = by_id[span.parent.span_id]
        names.append(span.name)
    return names


async def test_one_trace_leads_from_a_submission_to_its_mail(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    async with tracing.exporting(exporter), run_suite(tmp_path, services=SERVICES) as suite:
        await suite.settle()
        person = Candidate(suite.client, suite.url, Mailbox(tmp_path / "mail"))
        await person.becomes_known()
        await person.opens(await person.finds("energie solaire"))
        await person.completes_the_pieces()
        await person.submits()
        await suite.settle()
        async with asyncio.timeout(120):
            while not any(each.name == f"publish {MAILED}" for each in trace_of(exporter)):
                await asyncio.sleep(0.05)
    spans = trace_of(exporter)
    (mail,) = [span for span in spans if span.name == "send mail"]
    assert below(mail, spans) == ["send mail", f"apply {SUBMITTED}", f"handle {SUBMIT}", SUBMIT]
    ways = {tuple(below(span, spans)) for span in spans}
    command = (f"handle {SUBMIT}", SUBMIT)
    assert {(f"relay {SUBMITTED}", *command), (f"publish {SUBMITTED}", *command)} <= ways
    assert (f"publish {MAILED}", "send mail", f"apply {SUBMITTED}", *command) in ways
    everything = exporter.get_finished_spans()
    (link,) = [span for span in everything if span.name == "send mail" and kind_of(span) == "account-created"]
    assert below(link, everything) == [
        "send mail",
        f"apply {LinkIssued.TYPE}",
        "work off registration",
        f"handle {REGISTER}",
        REGISTER,
    ]
    services = {(span.attributes or {}).get("parvis.service") for span in spans if span.name == f"apply {SUBMITTED}"}
    assert {"mailer", "documents"} <= services

    said = " ".join(f"{span.name} {dict(span.attributes or {})}" for span in everything)
    for personal in (person.address, PASSWORD, person.token, *IDENTITY.values(), *ADDRESS["lines"]):
        assert len(personal) < 4 or personal not in said
    assert {name for span in everything for name in span.attributes or {}} <= {each.value for each in Attribute}


MAILED = "mailer.mail.sent.v1"


def kind_of(span: ReadableSpan) -> object:
    """The kind of mail that a span is about."""
    return (span.attributes or {}).get(Attribute.MAIL_KIND)


async def test_what_a_page_asks_stands_below_the_page_and_that_below_whoever_asks_for_it(tmp_path: Path) -> None:
    exporter = InMemorySpanExporter()
    trace = {"traceparent": f"00-{'a' * 32}-{'b' * 16}-01"}
    async with (
        tracing.exporting(exporter),
        run_suite(tmp_path, services=("offers",), pages=pages) as suite,
        suite.client.get("/formations", headers=trace) as response,
    ):
        assert response.status == 200
    spans = exporter.get_finished_spans()
    asked = [span for span in spans if span.name.startswith("GET /api/offers/")]
    assert asked and {span.context.trace_id for span in asked} == {int("a" * 32, 16)}
    by_id = {each.context.span_id: each.name for each in spans}
    assert {by_id[span.parent.span_id] for span in asked if span.parent} == {"GET /formations"}


def trace_of(exporter: InMemorySpanExporter) -> list[ReadableSpan]:
    """The spans of the submission's trace."""
    spans = exporter.get_finished_spans()
    traces = {span.context.trace_id for span in spans if span.name == SUBMIT}
    return [span for span in spans if span.context.trace_id in traces]


class Collector:
    """What a collector is told over OTLP/HTTP."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.service = ""

    async def take(self, request: web.Request) -> web.Response:
        told = ExportTraceServiceRequest.FromString(await request.read())
        for resource in told.resource_spans:
            self.service = next(a.value.string_value for a in resource.resource.attributes if a.key == "service.name")
            self.names += [span.name for scope in resource.scope_spans for span in scope.spans]
        return web.Response(body=b"", content_type="application/x-protobuf")


async def test_the_standard_variables_have_spans_sent_to_a_collector(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    collector = Collector()
    app = web.Application()
    app.router.add_post("/v1/traces", collector.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{runner.addresses[0][1]}")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "parvis-essai")
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    async with run_suite(tmp_path, services=("documents",)) as suite:
        headers = suite.bearer("zoe") | {"traceparent": trace}
        async with suite.client.get(f"/api/documents/documents/{'0' * 26}", headers=headers) as response:
            assert response.status == 404
    await runner.cleanup()
    assert "GET /api/documents/documents/{id}" in collector.names
    assert collector.service == "parvis-essai"


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.test:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector.test:4318/v1/traces"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, True),
        ({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector.test:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_spans_are_made_where_the_environment_asks_for_them(environment: Mapping[str, str], wanted: bool) -> None:
    assert tracing.is_wanted(environment) is wanted


@pytest.mark.parametrize(
    "environment",
    [
        {"OTEL_TRACES_EXPORTER": "console"},
        {"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
    ],
)
def test_what_is_not_here_is_refused_and_not_passed_over(environment: dict[str, Any]) -> None:
    with pytest.raises(UnusableSetting):
        tracing.is_wanted(environment)
