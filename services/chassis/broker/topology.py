"""The exchanges and queues of a suite, by what its services listen to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.chassis.broker import signals
from services.chassis.broker.topics import queue_of
from services.chassis.ports import Binding, Topology
from services.contracts.events.catalogue import Audience, Event


def topology(subscriptions: Mapping[str, Iterable[type[Event]]]) -> Topology:
    """The suite's exchanges, and a queue per service bound to the types and signals that it listens to."""
    keys = signals.keys(subscriptions)
    queues = {
        queue_of(service): (
            *(Binding(event.AUDIENCE.value, event.TYPE) for event in events),
            *(Binding(signals.EXCHANGE, key) for key in keys[service]),
        )
        for service, events in subscriptions.items()
    }
    return Topology((*(audience.value for audience in Audience), signals.EXCHANGE), queues)
