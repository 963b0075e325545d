"""A published schema of PostgreSQL: a copy in the same database, which BI users may read and nothing else.

Rows are replaced within one transaction, in tables that stay. So the server itself shows every reader the old copy or
the new one, whole: a statement sees one of them in all tables, and so does a transaction that asked for REPEATABLE
READ. Nobody waits for anybody, views on the copy and rights that others gave stay as they are, and a publish that is
killed was none. Schemas that change places by renaming would spare the vacuum, but statements that begin meanwhile
could join tables of two copies, a transaction could find those of the later one empty, and views would keep the old.

Tables in which nothing changed are left alone. One whose columns changed is locked from then to the commit, so it
comes last.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import psycopg2
from dlt.common.data_writers.escape import escape_postgres_literal
from psycopg2.errors import LockNotAvailable

from pipelines.marts_profile import SCHEMA, holds_marts
from pipelines.publishable import MARK, RECORD, Column, Content, Publishable, PublishFailed, PublishRefused, named
from pipelines.publishable_postgres import place, run, stored
from pipelines.published_table import drop, fill, is_reshaped, shape
from pipelines.registry import SOURCES

logger = logging.getLogger(__name__)

Tables = Mapping[tuple[str, str], Publishable]
"""Tables of the copy by schema and name."""

_NAME: Final = re.compile(r"(?!pg_|public$|information_schema$)[a-z_][a-z0-9_]*")
_LONGEST: Final = 63
"""So many characters PostgreSQL takes in a name."""
_STAGING: Final = tuple(f"{source}_staging" for source in SOURCES)
_RECORD: Final = Publishable(
    SCHEMA,
    RECORD,
    "One row per table of this copy.",
    (
        Column("dataset", "character varying", "The schema of the warehouse that the table is in."),
        Column("table_name", "character varying", "The table."),
        Column("rows", "bigint", "How many rows were copied."),
        Column("published_at", "timestamp with time zone", "When the copy was made."),
    ),
)
_SCHEMAS: Final = "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = ANY(%s)"
_MARKED: Final = "SELECT nspname FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') = %s"
_READERS: Final = """
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END AS reader
    FROM pg_default_acl AS d
    JOIN pg_namespace AS n ON n.oid = d.defaclnamespace, aclexplode(d.defaclacl) AS a
    WHERE n.nspname = %s AND d.defaclobjtype = 'r' AND a.privilege_type = 'SELECT'
    ORDER BY reader
"""


class PublishedSchema:
    """A copy: the schema NAME, which holds the marts, and NAME_DATASET for every other dataset.

    Args:
        session: A session outside of any transaction.
        name: The copy's name.
    """

    def __init__(self, session: Any, name: str) -> None:
        self._session = session
        self._name = name
        self._mark = MARK + name
        self._rewritten: list[str] = []

    def refuse(self, readers: Sequence[str]) -> None:
        """Refuse a name that is not for copies, and readers whom the server does not know.

        Args:
            readers: Roles.

        Raises:
            PublishRefused: The name is none, or something else has it; or there is no such role.
        """
        if not _NAME.fullmatch(self._name):
            raise PublishRefused(
                f"{self._name!r}: on PostgreSQL a copy is a schema; give a name such as bi, of lower-case letters, "
                "digits and _, that is neither public nor begins with pg_."
            )
        if self._name in SOURCES or holds_marts(self._name) or self._name.startswith(_STAGING):
            raise PublishRefused(f"{self._name}: loads or marts are written there; choose another name.")
        self._refuse_others([self._name])
        known = {role for (role,) in run(self._session, "SELECT rolname FROM pg_roles")} | {"public"}
        if unknown := [role for role in readers if role not in known]:
            made = " ".join(f"CREATE ROLE {named(role)} LOGIN PASSWORD '...';" for role in unknown)
            raise PublishRefused(f"--readers: the server knows no role {', '.join(unknown)}. To make it: {made}")

    def schemas(self, tables: Iterable[Publishable]) -> list[str]:
        """The schemas that some tables are copied to, and that of the copy's record.

        Raises:
            PublishRefused: One is too long a name, or is something else than an earlier copy of this name.
        """
        found = sorted({self._schema(table) for table in (*tables, _RECORD)})
        if longest := [schema for schema in found if len(schema) > _LONGEST]:
            raise PublishRefused(f"{longest[0]}: PostgreSQL takes {_LONGEST} characters; choose a shorter name.")
        self._refuse_others(found)
        return found

    def write(
        self, tables: Sequence[Publishable], moment: datetime, readers: Sequence[str]
    ) -> dict[Publishable, Content]:
        """Replace the copy, all at once or not at all; compare each table with the warehouse's.

        Args:
            tables: What is copied, all of it as it is at one instant.
            moment: When.
            readers: Roles that may read the copy from now on, beside those who may already.

        Raises:
            PublishFailed: It could not be made, or is not what the warehouse holds; the old one is there still.
        """
        schemas = self.schemas(tables)
        self._session.set_session(isolation_level="REPEATABLE READ", autocommit=False)
        try:
            with self._session:
                found = self._written(tables, moment, schemas)
                if readers:
                    self._let_in(schemas, readers)
                    places = ", ".join(map(self._place, (*tables, _RECORD)))
                    self._run(f"GRANT SELECT ON {places} TO {_listed(readers)}")
        except LockNotAvailable:
            raise PublishFailed(
                f"{self._name} was not published, what was there is untouched: somebody reads a table whose columns "
                "changed, or that is not to be published any more. Run again."
            ) from None
        except psycopg2.Error as error:
            raise PublishFailed(
                f"{self._name} was not published, what was there is untouched: {_line(error)}"
            ) from error
        self._session.set_session(isolation_level="DEFAULT", autocommit=True)
        return found

    def tidy(self) -> None:
        """Give the room of the old rows to the next copy, and let the planner know the new ones; nobody waits."""
        if not self._rewritten:
            return
        try:
            # to give room back to the disk, a table would have to be locked
            self._run(f"VACUUM (ANALYZE, TRUNCATE false) {', '.join(self._rewritten)}")
        except psycopg2.Error as error:  # the copy is in place, and the server does the same by and by
            logger.warning("%s is published, but not vacuumed: %s", self._name, _line(error))

    def readers(self) -> list[str]:
        """The roles that `write` let in."""
        return [role for (role,) in self._run(_READERS, self._name)]

    def size(self, tables: Iterable[Publishable]) -> int:
        """The bytes that copied tables take, and what belongs to them."""
        query = "SELECT sum(pg_total_relation_size(CAST(name AS regclass))) FROM unnest(%s) AS names(name)"
        [(size,)] = self._run(query, [self._place(table) for table in tables])
        return int(size)

    def _written(
        self, tables: Sequence[Publishable], moment: datetime, schemas: Sequence[str]
    ) -> dict[Publishable, Content]:
        there = {(table.dataset, table.name): table for table in stored(self._session, self._marked())}
        self._make(schemas)
        shape(self._session, self._place(_RECORD), _RECORD, self._earlier(_RECORD, there))
        filled = {}
        for table in sorted(tables, key=lambda table: is_reshaped(table, self._earlier(table, there))):
            shape(self._session, self._place(table), table, self._earlier(table, there))
            filled[table] = fill(self._session, self._place(table), table)
        self._drop(tables, there)
        self._rewritten = [self._place(table) for table, found in filled.items() if found.is_rewritten]
        contents = {table: filled[table].content for table in tables}
        self._keep_record(contents, moment)
        return contents

    def _make(self, schemas: Sequence[str]) -> None:
        """Make the schemas that are not there yet; who may read the copy may read what comes into them."""
        marked = self._marked()
        new = [schema for schema in schemas if schema not in marked]
        for schema in new:
            self._run(f"CREATE SCHEMA {named(schema)}")
            self._run(f"COMMENT ON SCHEMA {named(schema)} IS {escape_postgres_literal(self._mark)}")
        if new and (readers := self.readers()):
            self._let_in(new, readers)

    def _let_in(self, schemas: Sequence[str], readers: Sequence[str]) -> None:
        self._run(f"GRANT USAGE ON SCHEMA {_listed(schemas)} TO {_listed(readers)}")
        where = f"IN SCHEMA {_listed(schemas)}"
        self._run(f"ALTER DEFAULT PRIVILEGES {where} GRANT SELECT ON TABLES TO {_listed(readers)}")

    def _drop(self, tables: Sequence[Publishable], there: Tables) -> None:
        """Drop what the last publish copied and this one does not; what others put beside it is theirs."""
        recorded = self._run(f"SELECT dataset, table_name FROM {self._place(_RECORD)}")  # noqa: S608  # quoted name
        kept = {(table.dataset, table.name) for table in tables}
        for dataset, name in sorted({*recorded} - kept):
            gone = Publishable(dataset, name, None, ())
            if self._earlier(gone, there):
                drop(self._session, self._place(gone))

    def _keep_record(self, found: Mapping[Publishable, Content], moment: datetime) -> None:
        where = self._place(_RECORD)
        self._run(f"DELETE FROM {where}")  # noqa: S608  # quoted name
        for table, copied in found.items():
            row = (table.dataset, table.name, copied.rows, moment)
            self._run(f"INSERT INTO {where} VALUES (%s, %s, %s, %s)", *row)  # noqa: S608  # likewise

    def _refuse_others(self, schemas: Sequence[str]) -> None:
        for schema, comment in self._run(_SCHEMAS, [*schemas]):
            if comment != self._mark:
                raise PublishRefused(
                    f"the schema {schema} exists and is no published copy of the name {self._name}; choose another."
                )

    def _marked(self) -> list[str]:
        return [schema for (schema,) in self._run(_MARKED, self._mark)]

    def _schema(self, table: Publishable) -> str:
        return self._name if table.dataset == SCHEMA else f"{self._name}_{table.dataset}"

    def _place(self, table: Publishable) -> str:
        return place(self._schema(table), table.name)

    def _earlier(self, table: Publishable, there: Tables) -> Publishable | None:
        return there.get((self._schema(table), table.name))

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        return run(self._session, statement, *values)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(named, names))


def _line(error: psycopg2.Error) -> str:
    return " ".join(str(error).split())
