"""Prometheus metrics of a process; no label ever holds a person's data."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Gauge, Histogram, Info

REQUESTS: Final = Histogram(
    "parvis_http_request_seconds",
    "Time from a request's arrival to the end of its answer, or to its beginning where it goes on for minutes.",
    ["service", "method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
UNDECLARED_REFUSALS: Final = Counter(
    "parvis_http_undeclared_refusals_total",
    "Refusals that an endpoint has not declared, and that were answered as errors of ours; should be 0.",
    ["service"],
)
EVENTS_RELAYED: Final = Counter("parvis_events_relayed_total", "Events moved from outboxes to journals.")
JOURNAL_LAG: Final = Gauge(
    "parvis_journal_lag",
    "Journal rows not yet confirmed by the broker, up to 256, in the process that publishes; 0 in the others.",
    ["service", "journal"],
)
JOURNAL_BEHIND: Final = Gauge(
    "parvis_journal_behind",
    "Journal rows not yet confirmed by the broker, all of them, as every process measures it: take the maximum.",
    ["service", "journal"],
)
OLDEST_WAITING: Final = Gauge(
    "parvis_oldest_waiting_seconds",
    "Age of the oldest event still to be relayed, published or applied, whoever is at work: take the maximum.",
    ["service", "step"],
)
BACKLOG_MEASURED: Final = Gauge(
    "parvis_backlog_measured_timestamp_seconds",
    "When a process last could measure what waits; stands still where the store cannot be read.",
    ["service"],
)
INBOX_PENDING: Final = Gauge("parvis_inbox_pending", "Events received and not yet applied.", ["service"])
INBOX_PARKED: Final = Gauge(
    "parvis_inbox_parked",
    "Events parked for a person to look at, in the process that applies; should be 0.",
    ["service"],
)
JOURNAL_WENT_BACK: Final = Gauge(
    "parvis_journal_went_back",
    "Whether a journal of `source` tells another past than was heard of it (`parvis heard list`); should be 0.",
    ["service", "source", "journal"],
)
CLOCK_AHEAD: Final = Gauge(
    "parvis_clock_ahead_seconds",
    "How far another service, `source`, speaks of a time that has not come here; should be 0.",
    ["service", "source"],
)
CLOCK_DOUBTED: Final = Gauge(
    "parvis_clock_doubted_seconds",
    "How far the clock has leapt beyond what is believed of it: after a stop of more than an hour, for a day; else 0.",
    ["service"],
)
EVENTS_APPLIED: Final = Counter("parvis_events_applied_total", "Events applied.", ["service", "type"])
EVENT_SECONDS: Final = Histogram(
    "parvis_event_seconds",
    "Time that it took to apply an event, also in vain.",
    ["service", "type"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
EVENTS_MISSED: Final = Counter(
    "parvis_events_missed_total",
    "Times that a service found events of another one missing and asked for them; rises when the broker loses something.",
    ["service", "source"],
)
EVENTS_SENT_AGAIN: Final = Counter(
    "parvis_events_sent_again_total", "Events told again from the journals.", ["service"]
)
BROKER_LOSSES: Final = Counter("parvis_broker_losses_total", "Times that a consumer lost its queue or found it away.")
TASKS: Final = Gauge("parvis_tasks", "Tasks of the event loop when this was asked; flat under an even load.")
TASK_UP: Final = Gauge("parvis_task_up", "Whether a long-lived task of the process is at work.", ["task"])
TASK_RESTARTS: Final = Counter(
    "parvis_task_restarts_total", "Times that a long-lived task ended by itself and was started again.", ["task"]
)
DEPENDENCY_UP: Final = Gauge(
    "parvis_dependency_up", "Whether what the process depends on worked when it was last asked.", ["dependency"]
)
PORT_SECONDS: Final = Histogram(
    "parvis_port_seconds",
    "Time that a call to a store, the broker, the objects, mail server, scanner or ENT took; service is a store's own.",
    ["port", "service", "operation"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
PORT_ERRORS: Final = Counter(
    "parvis_port_errors_total",
    "Calls that the world did not do; error is the type of the failure.",
    ["port", "service", "operation", "error"],
)
OUTBOXES: Final = Gauge("parvis_outbox_documents", "Documents with events that are not yet journaled.", ["service"])
LEASE_HELD: Final = Gauge(
    "parvis_lease_held", "Whether this process holds a lease of its service.", ["service", "lease"]
)
MAILS: Final = Gauge("parvis_mails", "Mails that are queued, under way, failed, or of unknown fate.", ["state"])
UPLOADS: Final = Counter(
    "parvis_uploads_total",
    "Uploads, by what came of them: `stored`, `repeated`, a refusal's slug, or `error`.",
    ["outcome"],
)
LOG_UNDECLARED: Final = Counter(
    "parvis_log_undeclared_total",
    "Lines of the log from which something was dropped that nobody declared; should be 0.",
)
BUILD: Final = Info("parvis_build", "What runs here.")
UNREADABLE_ROWS: Final = Counter(
    "parvis_unreadable_rows_total",
    "Times that a stored row was left out of a list because it cannot be read; should be 0.",
    ["service", "collection"],
)
ITEMS_FAILED: Final = Counter(
    "parvis_items_failed_total",
    "Items with which a work failed; they are tried again, and at last parked.",
    ["service", "work"],
)
ITEMS_PARKED: Final = Gauge(
    "parvis_items_parked", "Items that are parked for a person to look at (`parvis parked`); should be 0.", ["service"]
)
TIMER_FAILURES: Final = Counter("parvis_timer_failures_total", "Rounds of a timer that failed.", ["service", "timer"])
TIMER_LAST_RUN: Final = Gauge(
    "parvis_timer_last_run_timestamp_seconds", "When a timer last came to its end.", ["service", "timer"]
)
TIMER_SECONDS: Final = Histogram(
    "parvis_timer_seconds",
    "Time that a round of a timer took, also in vain.",
    ["service", "timer"],
    buckets=(0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300),
)
TIMER_LAG: Final = Histogram(
    "parvis_timer_lag_seconds",
    "Time from when an item was due (`due_at`) to when a timer took it up, again and again if it fails.",
    ["service", "timer"],
    buckets=(1, 5, 15, 60, 300, 900, 3600, 21600, 86400),
)
TIMER_RUNS: Final = Counter("parvis_timer_runs_total", "Rounds of a timer.", ["service", "timer"])
OBJECTS_DAMAGED: Final = Counter(
    "parvis_objects_damaged_total",
    "Times that somebody asked for bytes that are missing or not those that were stored; should be 0.",
    ["service"],
)
PRE_ENROLMENTS_DIFFERENT: Final = Gauge(
    "parvis_pre_enrolments_different",
    "People who were handed over and are not the same in the student records, by the last comparison; should be 0.",
    ["campaign", "what"],
)
PRE_ENROLMENTS_COMPARED: Final = Gauge(
    "parvis_pre_enrolments_compared_timestamp_seconds",
    "When the student records could last be compared; stands still where they do not say whom they hold.",
    ["campaign"],
)
PLACES_REFUSED: Final = Counter(
    "parvis_places_refused_total",
    "Requests, uploads and downloads refused because all places are taken, or a person's or a network's share of them.",
    ["kind", "why"],
)
CONNECTIONS: Final = Gauge("parvis_connections", "Connections of clients.")
FOLLOWING: Final = Gauge("parvis_following", "Connections over which clients are told of changes.")
CONNECTIONS_CUT: Final = Counter(
    "parvis_connections_cut_total",
    "Connections cut: slow heads, answers not read, and idle or new ones where there are too many.",
    ["why"],
)
INSPECTIONS: Final = Counter("parvis_inspections_total", "Files looked into, by what was found.", ["outcome"])
PASSWORDS: Final = Counter(
    "parvis_passwords_hashed_total", "Passwords hashed or compared; each costs some 30 ms of a processor."
)
