"""The phases of a load, seen from outside: each call of a wrapped function is an event of its phase.

A process that is to die is told an event, say the third of `merging`, and a delay after it.
"""

import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, Final, NamedTuple

import dlt
from dlt.common.storages.load_storage import LoadStorage
from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob
from dlt.destinations.impl.duckdb.sql_client import DuckDbSqlClient
from dlt.destinations.impl.postgres.sql_client import Psycopg2SqlClient
from dlt.destinations.insert_job_client import InsertValuesLoadJob
from dlt.destinations.job_client_impl import SqlJobClientBase, SqlLoadJob
from dlt.extract.extract import Extract
from dlt.extract.extractors import ArrowExtractor, Extractor
from dlt.normalize import normalize
from dlt.normalize.normalize import Normalize

from pipelines import comments
from pipelines.pipeline import Place
from pipelines.postgres import CopyJob
from sources.slices import Slice
from sources.transport import GatedTransport

ANY_TIME: Final = "any time"
"""No event, but so long after the start."""

_STATE: Final = "_dlt_pipeline_state"


class Death(NamedTuple):
    """When a process kills itself.

    Args:
        phase: One of `PHASES`, or `ANY_TIME`.
        event: Which of the phase's events, from 1.
        delay: Seconds after it.
    """

    phase: str
    event: int
    delay: float


def _always(*_: Any, **__: Any) -> bool:
    return True


def _is_of_token(_: Any, request: Any) -> bool:
    return bool(request.extensions.get("endpoint") == "token")


def _is_not_of_token(_: Any, request: Any) -> bool:
    return not _is_of_token(_, request)


def _is_of_state(job: Any) -> bool:
    return _STATE in str(job.file_name())


def _is_of_rows(job: Any) -> bool:
    return not _is_of_state(job)


def _one_by_one(client: DuckDbSqlClient, statements: Sequence[str], *_: Any, **__: Any) -> list[Any]:
    """Run the statements of a merge each by itself, where dlt runs them in one call: a kill may lie between two."""
    for statement in statements:
        _run_alone(client, f"{statement};")
    return []


def _run_alone(client: DuckDbSqlClient, statement: str) -> None:
    client.execute_sql(statement)


def _is_of_merge(_: Any, statement: str) -> bool:
    return statement.startswith(("DELETE", "INSERT", "UPDATE"))


class _Place(NamedTuple):
    """Where a phase shows: before and after the calls of a function that `counts` tells."""

    phase: str
    owner: Any
    name: str
    counts: Callable[..., bool] = _always


_PLACES: Final = (
    _Place("beginning afresh", Place, "fresh_pipeline"),
    _Place("taking the state from the warehouse", dlt.Pipeline, "sync_destination"),
    _Place("signing in", GatedTransport, "handle_request", _is_of_token),
    _Place("asking", GatedTransport, "handle_request", _is_not_of_token),
    _Place("extracting rows", Extractor, "write_items"),
    _Place("extracting pages", ArrowExtractor, "write_items"),
    _Place("ending the extract", Extract, "commit_packages"),
    _Place("normalizing", normalize, "w_normalize_files"),
    _Place("ending the normalizing", Normalize, "spool_files"),
    _Place("changing tables", SqlJobClientBase, "update_stored_schema"),
    _Place("staging", DuckDbCopyJob, "run", _is_of_rows),
    _Place("staging", CopyJob, "run"),
    _Place("staging", InsertValuesLoadJob, "run", _is_of_rows),
    _Place("writing the state", DuckDbCopyJob, "run", _is_of_state),
    _Place("writing the state", InsertValuesLoadJob, "run", _is_of_state),
    _Place("merging", SqlLoadJob, "run"),
    _Place("within a merge", sys.modules[__name__], "_run_alone", _is_of_merge),
    _Place("committing a merge", DuckDbSqlClient, "commit_transaction"),
    _Place("committing a merge", Psycopg2SqlClient, "commit_transaction"),
    _Place("noting the load as complete", SqlJobClientBase, "complete_load"),
    _Place("putting the package away", LoadStorage, "complete_load_package"),
    _Place("cleaning up", Place, "forget_loaded"),
    _Place("beginning a slice", Slice, "begin"),
    _Place("describing the tables", comments, "describe"),
)

PHASES: Final = tuple(dict.fromkeys(place.phase for place in _PLACES))
"""Every phase, in the order of a load."""


class Announcer:
    """Counts the events of this process's phases, and kills the process when its time has come.

    Args:
        death: When; None: never.
    """

    def __init__(self, death: Death | None) -> None:
        self.events: Counter[str] = Counter()
        self._death = death
        self._counting = threading.Lock()
        setattr(DuckDbSqlClient, "execute_many", _one_by_one)  # noqa: B010  # its own has another signature
        for place in _PLACES:
            self._wrap(place)
        if death is not None and death.phase == ANY_TIME:
            _die(death.delay)

    def _wrap(self, place: _Place) -> None:
        wrapped = getattr(place.owner, place.name)

        @wraps(wrapped)
        def announced(*arguments: Any, **named: Any) -> Any:
            if not place.counts(*arguments, **named):
                return wrapped(*arguments, **named)
            self._note(place.phase)
            result = wrapped(*arguments, **named)
            self._note(place.phase)
            return result

        setattr(place.owner, place.name, announced)

    def _note(self, phase: str) -> None:
        with self._counting:
            self.events[phase] += 1
            is_it = self._death is not None and (phase, self.events[phase]) == (self._death.phase, self._death.event)
        if is_it and self._death is not None:
            _die(self._death.delay)


def _die(delay: float) -> None:
    """Kill this process: at once, in the middle of what it does, or a little later, whatever it does then."""

    def later() -> None:
        time.sleep(delay)
        os.kill(os.getpid(), signal.SIGKILL)

    if delay:
        threading.Thread(target=later, daemon=True).start()
    else:
        os.kill(os.getpid(), signal.SIGKILL)
