"""Erases people from the tables of a source, by what the columns are marked to tell of a person."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from pipelines.erase_sql import Rows, Where
from sources.erased import ErasedPeople
from sources.persons import Told, raw_columns, told_by
from sources.tables import Table


@dataclass(slots=True)
class Changed:
    """What erasing came to in one table.

    Args:
        table: The table, with its schema where that is not the source's dataset.
        changed: Rows that stay without the person.
        removed: Rows that are gone.
    """

    table: str
    changed: int = 0
    removed: int = 0


def erase_from(rows: Rows, tables: Iterable[Table], erased: ErasedPeople, needles: Collection[str]) -> list[Changed]:
    """Take erased people out of tables; every version of their rows, of every account.

    Args:
        rows: The dataset.
        tables: Its tables.
        erased: Who is erased.
        needles: Their addresses and pages, to be looked for in raw text.
    """
    found = [_table(rows, table, erased, sorted(needles)) for table in tables if rows.columns(table.name)]
    return [one for one in found if one.changed or one.removed]


def _table(rows: Rows, table: Table, erased: ErasedPeople, needles: list[str]) -> Changed:
    result = Changed(table.name)
    for told in told_by(table):
        where = _where(rows, table, told, erased)
        if where is None:
            continue
        if table.asked_by_person:
            result.removed += rows.remove(rows.place(table.name), where)
        else:
            result.changed += _emptied(rows, table, told, erased, where)
    result.changed += _raw(rows, table, erased, needles)
    return result


def _where(rows: Rows, table: Table, told: Told, erased: ErasedPeople) -> Where | None:
    """Which rows are of erased people, as `erasing.is_of_erased` tells of one; None: no row."""
    there = rows.columns(table.name)

    def naming(names: Iterable[str]) -> list[Where]:
        found = []
        for name in there.intersection(names):
            theirs = [value for (value,) in rows.different(table.name, name) if erased.names(value)]
            found += [rows.is_one_of(name, theirs)] if theirs else []
        return found

    told_by_themselves, by_hints = naming((*told.emails, *told.ids)), naming(told.hints)
    if by_hints:
        no_email = [rows.is_empty(name) for name in told.emails if name in there]
        told_by_themselves.append(reduce(and_, no_email, reduce(or_, by_hints)))
    return reduce(or_, told_by_themselves) if told_by_themselves else None


def _emptied(rows: Rows, table: Table, told: Told, erased: ErasedPeople, where: Where) -> int:
    there = rows.columns(table.name)
    pseudonyms: dict[str, dict[str, str]] = {}
    for name in there.intersection(told.emails):
        found = rows.run(
            f"SELECT DISTINCT {rows.quoted(name)} FROM {rows.place(table.name)} WHERE {where.text}",  # noqa: S608  # quoted names
            *where.values,
        )
        known = {value: erased.pseudonym(value) for (value,) in found if value}
        pseudonyms[name] = {old: new for old, new in known.items() if new and new != old}
    emptied = sorted(there.intersection(told.emptied)) + told.undeclared(table, sorted(there))
    return rows.change(table.name, pseudonyms, emptied, where)


def _raw(rows: Rows, table: Table, erased: ErasedPeople, needles: list[str]) -> int:
    """Empty the raw texts of rows in which one names an erased person."""
    names = [name for name in raw_columns(table) if name in rows.columns(table.name)]
    found = []
    for name in names:
        theirs = [text for text in rows.texts_mentioning(table.name, name, needles) if erased.mentions(text)]
        found += [rows.is_one_of(name, theirs)] if theirs else []
    return rows.change(table.name, {}, names, reduce(or_, found)) if found else 0
