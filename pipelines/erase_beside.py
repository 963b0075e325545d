"""What lies in the warehouse beside a source's tables and may hold a person: copies, marts, state, and free text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from typing import Final

from dlt.common.versioned_state import decompress_state

from pipelines.erase_identities import Identities
from pipelines.erase_sql import Rows, Where
from pipelines.erase_tables import Changed
from pipelines.marts_profile import holds_marts
from pipelines.publishable import MARK
from pipelines.registry import SOURCES
from sources.erased import ErasedPeople
from sources.persons import out_of_reach
from sources.tables import Table

_IDS: Final = re.compile(r"(?:\w+_)?id")
_STATE: Final = "_dlt_pipeline_state"
_KEPT_BY_DLT: Final = "_dlt_"


def empty_staging(rows: Rows, dataset: str) -> list[Changed]:
    """Empty what loads left where they put rows before they merge them; nobody reads it again."""
    found: dict[str, Changed] = {}
    for schema, table in rows.elsewhere():
        if schema.startswith(f"{dataset}_staging") and not table.startswith(_KEPT_BY_DLT):
            removed = rows.remove(rows.place(table, schema), Where("1 = 1", ()))
            found.setdefault(schema, Changed(schema)).removed += removed
    return [one for one in found.values() if one.removed]


def remove_from_marts(rows: Rows, erased: ErasedPeople) -> list[Changed]:
    """Remove the rows of marts that name somebody erased; they are built anew from the tables."""
    found = []
    for schema, table in rows.elsewhere():
        where = _naming(rows, schema, table, erased) if holds_marts(schema) else None
        if where is not None:
            found.append(Changed(f"{schema}.{table}", removed=rows.remove(rows.place(table, schema), where)))
    return [one for one in found if one.removed]


def _naming(rows: Rows, schema: str, table: str, erased: ErasedPeople) -> Where | None:
    """Rows of a table of unknown columns: with an address or page anywhere, or with an id where ids stand."""
    found = []
    for name in rows.text_columns(schema, table):
        values = [str(value) for (value,) in rows.different_texts(schema, table, name) if value]
        may_be_told = (value for value in values if _IDS.fullmatch(name) or "@" in value or "/" in value)
        if theirs := list(filter(erased.names, may_be_told)):
            found.append(rows.is_one_of(name, theirs))
    return reduce(or_, found) if found else None


def published_schemas(rows: Rows) -> list[str]:
    """The names of the copies that were published in the same PostgreSQL database, which may hold the person."""
    comment = "obj_description(oid, 'pg_namespace')"
    query = f"SELECT DISTINCT {comment} FROM pg_namespace WHERE POSITION(%s IN {comment}) = 1"  # noqa: S608  # our own
    return sorted(str(found).removeprefix(MARK) for (found,) in rows.run(query, MARK))


def left(rows: Rows, dataset: str, tables: Iterable[Table], who: Identities, *, everywhere: bool) -> Iterator[str]:
    """What could not be reached in the warehouse, in words.

    Args:
        rows: The dataset, with the person erased.
        dataset: Its name.
        tables: Its tables.
        who: The person.
        everywhere: Look into every schema; else into those of ours, where others may keep much more.
    """
    needles = sorted(who.emails)
    for table in tables:
        for column, count in rows.mentioning(dataset, table.name, needles).items():
            yield f"{table.name}.{column}: {_rows(count)} of other people mention the address in free text"
        if names := [name for name in out_of_reach(table) if name in rows.columns(table.name)]:
            yield f"{table.name}.{', '.join(names)}: a name without an address; nobody can be told by it"
    ours = {place for place in rows.elsewhere() if place[0] in SOURCES or holds_marts(place[0])}
    for schema, name in rows.elsewhere() if everywhere else sorted(ours):
        for column, count in rows.mentioning(schema, name, needles).items():
            yield f"{schema}.{name}.{column}: {_rows(count)} mention the address"
    if rows.columns(_STATE) and any(_is_named(state, needles) for (state,) in rows.different(_STATE, "state")):
        yield (
            "the state that dlt keeps: it names what sender_analytics was asked for; take the address out of "
            "campaign_owners, if it is there"
        )


def _is_named(state: str, needles: Iterable[str]) -> bool:
    text = str(decompress_state(state)).lower()
    return any(needle in text for needle in needles)


def _rows(count: int) -> str:
    return f"{count} row" if count == 1 else f"{count} rows"
