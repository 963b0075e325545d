"""The page with the diagrams: which tables there are, and how they join."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from docs.generate.markdown import head
from sources.tables import KINDS, Column, Table

_JOINS: Final = re.compile(r"\bjoins? (.*)")
_PLACE: Final = re.compile(r"\b([a-z_]+)\.([a-z_]+)")
_MANY: Final = "}o--o{"
_LISTS: Final = frozenset({"list", "json"})
_LEAST_SHARED: Final = 2
_INTRODUCTION: Final = """\
Each table is shown with its key (PK) and what it joins by (FK). `account` is part of every key and of every join.
Tables with history hold a row for each version: join them where `_dlt_valid_to IS NULL`.
"""


class Join(NamedTuple):
    """A table's columns that name a row of another one, and how many rows of each may meet."""

    one: str
    other: str
    columns: tuple[str, ...]
    ends: str


def diagram_page(sources: Mapping[str, Mapping[str, Table]]) -> str:
    """The diagrams of all sources.

    Args:
        sources: The tables of each source, by name.
    """
    parts = [
        head("How the tables join", "the keys and the joins in sources/*/tables/"),
        _INTRODUCTION,
    ]
    for name, tables in sources.items():
        parts += [f"## {name}\n", f"Columns: [tables/{name}.md](tables/{name}.md).\n", _diagram(tables)]
    return "\n".join(parts)


def joins(tables: Mapping[str, Table]) -> list[Join]:
    """Every join of a source's tables, told by the meanings of columns and by keys that contain another one."""
    found = (join for table in tables.values() for join in (*_told(table, tables), *_shared(table, tables)))
    return sorted(set(found))


def _told(table: Table, tables: Mapping[str, Table]) -> Iterator[Join]:
    names = {column.name for column in table.columns}
    shared = {join.one for join in _shared(table, tables)}
    for column in table.columns:
        for one, place in _places(column):
            if one not in tables or one in {table.name, *shared}:
                continue
            others = tuple(name for name in tables[one].key if name != place)
            tells = place in tables[one].key and names.issuperset(others)
            columns = (*others, column.name) if tells else (column.name,)
            yield Join(one, table.name, columns, _ends(table, column) if tells else _MANY)


def _places(column: Column) -> list[tuple[str, str]]:
    told = _JOINS.search(column.meaning)
    return _PLACE.findall(told[1]) if told else []


def _ends(table: Table, column: Column) -> str:
    """How many rows may meet: of the table that is joined, and of the table that joins."""
    if column.kind in _LISTS:
        return _MANY
    least = "||" if column.name in table.key else "|o"
    return f"{least}--o|" if table.key == (column.name,) else f"{least}--o{{"


def _shared(table: Table, tables: Mapping[str, Table]) -> Iterator[Join]:
    """The table whose key, of two columns or more, this table's key begins with."""
    for one in tables.values():
        if _LEAST_SHARED <= len(one.key) < len(table.key) and table.key[: len(one.key)] == one.key:
            yield Join(one.name, table.name, one.key, "||--o{")


def _diagram(tables: Mapping[str, Table]) -> str:
    found = joins(tables)
    lines = ["erDiagram"]
    lines += [f'    {join.one} {join.ends} {join.other} : "{", ".join(join.columns)}"' for join in found]
    for table in tables.values():
        foreign = {column for join in found if join.other == table.name for column in join.columns}
        lines += [f"    {table.name} {{", *_attributes(table, foreign), "    }"]
    return "```mermaid\n" + "\n".join(lines) + "\n```\n"


def _attributes(table: Table, foreign: set[str]) -> Iterator[str]:
    for column in table.columns:
        roles = [role for role, names in (("PK", table.key), ("FK", foreign)) if column.name in names]
        if roles:
            yield f"        {KINDS[column.kind].data_type} {column.name} {', '.join(roles)}"
