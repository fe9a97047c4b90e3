"""Lists that are made into files in the background: when they are tried again (acceptance 103)."""

from datetime import UTC, datetime, timedelta

from services.applications.domain.exports import Export, ExportState, claim, defer

NOW = datetime(2027, 2, 1, 11, tzinfo=UTC)


def test_what_the_world_undoes_is_tried_again_after_pauses_that_grow_to_minutes() -> None:
    """A store that is away for an hour is not asked every half a minute by all that wait; it counts for nothing."""
    export = Export("kim", "csv", {}, "fr", NOW, 0, 0, due_at=NOW)
    now, pauses = NOW, []
    for _ in range(7):
        held = claim(export, "worker", now)
        assert held.state is ExportState.RUNNING
        export = defer(held, "worker", now, wasted=True)
        assert export.due_at is not None and export.state is ExportState.WAITING
        pauses.append(export.due_at - now)
        now = export.due_at
    assert pauses == [timedelta(seconds=each) for each in (30, 60, 120, 240, 300, 300, 300)]


def test_what_is_wrong_with_an_export_itself_is_tried_again_soon() -> None:
    held = claim(Export("kim", "csv", {}, "fr", NOW, 0, 0, due_at=NOW), "worker", NOW)
    assert defer(held, "worker", NOW, wasted=False).due_at == NOW + timedelta(seconds=30)
