"""What belongs to the workspace as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import dlt
from dlt.extract import DltResource

from sources.outcomes import Outcome
from sources.sendkit.api import SendkitApi
from sources.sendkit.paging import Listing
from sources.sendkit.reading import WorkspaceReading, lower
from sources.sendkit.tables import DO_NOT_CONTACT, MAILBOXES, OVERVIEW, WORKSPACES
from sources.tables import Row, Table
from sources.writing import history, observations

_WHOLE_LISTS: tuple[tuple[Table, Callable[[SendkitApi], Listing]], ...] = (
    (MAILBOXES, SendkitApi.mailboxes),
    (DO_NOT_CONTACT, SendkitApi.do_not_contact),
    (WORKSPACES, SendkitApi.workspaces),
)


def whole_lists(reading: WorkspaceReading) -> list[DltResource]:
    """Lists of the whole account, as history; an empty one after rows is asked for again and then not believed."""

    def resource(table: Table, begin: Callable[[SendkitApi], Listing]) -> DltResource:
        def read(_: Outcome) -> Iterator[list[Row]]:
            state = dlt.current.resource_state(table.name)
            known = bool(state.get("rows")) and not reading.settings.full_refresh
            payloads = reading.listed(table, begin(reading.api))
            if known and not payloads:
                payloads = reading.listed(table, begin(reading.api))
                if not payloads:
                    raise reading.emptied(table)
            rows = [row for payload in payloads if (row := _converted(reading, table, payload))]
            state["rows"] = len(rows)
            yield rows

        return history(reading, table, read)

    return [resource(table, begin) for table, begin in _WHOLE_LISTS]


def overview(reading: WorkspaceReading) -> DltResource:
    """The counters of the whole workspace, one observation a load."""

    def read(outcome: Outcome) -> Iterator[list[Row]]:
        payload = reading.api.overview()
        known = {"observed_at": reading.now, "workspace_id": reading.settings.workspace_id}
        rows = reading.convert_object(OVERVIEW, payload, **known)
        outcome.read += 1
        outcome.saw(reading.now)
        yield rows

    return observations(reading, OVERVIEW, read)


def _converted(reading: WorkspaceReading, table: Table, payload: Row) -> Row | None:
    if table is DO_NOT_CONTACT:
        return reading.as_it_came(table, payload, email_lower=lower(payload.get("email")))
    return reading.as_it_came(table, payload)
