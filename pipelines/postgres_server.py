"""The PostgreSQL server: connecting with errors that say what to do, locks that hold across machines, and rights."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from hashlib import sha256
from typing import Any, Final

import psycopg2
from dlt.destinations.impl.postgres.configuration import PostgresCredentials

from pipelines import postgres_queue
from pipelines.lock import AlreadyRunning
from sources.errors import ConfigurationError, OutreachError
from sources.redaction import mask, register_secret

_KEEPALIVE: Final = {"keepalives": 1, "keepalives_idle": 60, "keepalives_interval": 15, "keepalives_count": 4}
"""A session that only holds a lock is silent for as long as the API is read, which routers between forget."""
_WRONG_SETTINGS: Final = (
    "password authentication failed",
    "no password supplied",
    "does not exist",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "permission denied for database",
)
"""What the server says when the settings are wrong, as opposed to the server."""
_STAY: Final = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'
"""
_HOLDER: Final = """
    SELECT a.application_name, host(a.client_addr), a.backend_start
    FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        AND (l.classid::bigint << 32 | l.objid::bigint) = %s
"""
_RIGHTS: Final = """
    SELECT CASE WHEN to_regnamespace(quote_ident(%s)) IS NULL
        THEN has_database_privilege(current_database(), 'CREATE')
        ELSE has_schema_privilege(%s, 'CREATE') AND has_schema_privilege(%s, 'USAGE')
    END
"""


class ServerUnreachable(OutreachError):
    """The server cannot be reached, or ended a connection."""


class NotPermitted(OutreachError):
    """The user of the settings has not the rights that a load needs."""

    exit_code = ConfigurationError.exit_code


@dataclass(frozen=True, slots=True)
class Server:
    """A server, by its credentials.

    Args:
        key: The setting that holds them.
        credentials: Them.
    """

    key: str
    credentials: PostgresCredentials

    def __post_init__(self) -> None:
        register_secret(str(self.credentials.password))

    @property
    def where(self) -> str:
        """User, host, port and database: all but the password."""
        host = (self.credentials.query or {}).get("host") or self.credentials.host
        port = "" if str(host).startswith("/") else f":{self.credentials.port}"
        return f"postgresql://{self.credentials.username}@{host}{port}/{self.credentials.database}"

    def connect(self, purpose: str = "") -> Any:
        """Open a session outside of any transaction.

        Args:
            purpose: What it is for, shown to who looks at the server's sessions.

        Raises:
            ConfigurationError: The server refuses the settings.
            ServerUnreachable: There is no server, or it takes no sessions.
        """
        # the server cuts what is longer than 63 bytes
        name = f"outreach, process {os.getpid()} on {socket.gethostname()} {purpose}".strip()
        try:
            found = psycopg2.connect(self.credentials.to_native_representation(), application_name=name, **_KEEPALIVE)
        except psycopg2.Error as error:
            raise self._explained(error) from None
        found.autocommit = True
        return found

    def check(self) -> str:
        """Connect once; return the server's version.

        Raises:
            ConfigurationError: As for `connect`.
            ServerUnreachable: Likewise.
        """
        with closing(self.connect()) as session:
            return str(_value(session, "SHOW server_version"))

    def check_rights(self, schemas: Sequence[str]) -> None:
        """Refuse to load where the user may not.

        Args:
            schemas: What is written to; they need not exist.

        Raises:
            NotPermitted: The user may not.
        """
        user, database = self.credentials.username, self.credentials.database
        with closing(self.connect()) as session:
            for schema in schemas:
                if not _value(session, _RIGHTS, schema, schema, schema):
                    raise NotPermitted(
                        f"{self.where}: {user} may not create or use the schema {schema}. As its owner: "
                        f"GRANT CREATE ON DATABASE {database} TO {user}; or, where it is there already: "
                        f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {user};"
                    )

    @contextmanager
    def alone(self, name: str, dataset: str) -> Iterator[Callable[[], None]]:
        """Hold the lock of a pipeline against every machine; the server frees it when the session ends.

        Args:
            name: The pipeline.
            dataset: The dataset that it loads.

        Yields:
            What checks that the lock still holds; it raises `ServerUnreachable` if not.

        Raises:
            AlreadyRunning: Another session holds it; the message says what the server tells of that one.
        """
        with _freed(self.connect(name)) as session:
            _value(session, _STAY)
            key = _key("pipeline", dataset, name)
            if not _value(session, "SELECT pg_try_advisory_lock(%s)", key):
                raise AlreadyRunning(
                    f"another load of {name} into {self.where}, dataset {dataset}, is running"
                    f"{_holder(session, key)}. Nothing was touched; run again later."
                )

            def check() -> None:
                try:
                    _value(session, "SELECT 1")
                except psycopg2.Error as error:
                    raise ServerUnreachable(
                        f"{self.where} ended the session that keeps other loads away ({_line(error)}): what was read "
                        "since is not loaded. Run again. If it stays so, connect directly: a pooler of transactions "
                        "cannot hold a lock."
                    ) from None

            yield check

    @contextmanager
    def turn(self, dataset: str, wait: Callable[[float], None]) -> Iterator[None]:
        """Wait for other loads that write to a dataset, and keep them waiting meanwhile: tables are made once.

        Args:
            dataset: The dataset.
            wait: Called while others write; may raise to end the run.

        Raises:
            ServerUnreachable: The server went away.
        """
        with _freed(self.connect(f"writes {dataset}")) as session:
            _value(session, _STAY)
            postgres_queue.take(session, _key("writing", dataset), wait)
            try:
                yield
            except Exception as error:
                if lost := _connection_lost(error):
                    raise ServerUnreachable(
                        f"{self.where} went away: {_line(lost)}. Nothing is half-written; run again."
                    ) from error
                raise

    def _explained(self, error: psycopg2.Error) -> OutreachError:
        text = _line(error)
        if isinstance(error, psycopg2.ProgrammingError) or any(part in text for part in _WRONG_SETTINGS):
            return ConfigurationError(self.key, f"{self.where} does not take it: {text}.")
        return ServerUnreachable(
            f"{self.where} cannot be reached: {text}. Check that the server runs and that {self.key} names it."
        )


@contextmanager
def _freed(session: Any) -> Iterator[Any]:
    """Close a session with its locks freed: the server may come to notice a moment later that it is closed."""
    with closing(session):
        try:
            yield session
        finally:
            with suppress(psycopg2.Error):
                _value(session, "SELECT pg_advisory_unlock_all()")


def _value(session: Any, query: str, *arguments: Any) -> Any:
    """The first value of the first row, if there is one."""
    with session.cursor() as cursor:
        cursor.execute(query, arguments or None)
        row = cursor.fetchone()
    return row and row[0]


def _key(*what: str) -> int:
    """A lock's number, in 64 bits."""
    digest = sha256("\0".join(("outreach-elt", *what)).encode()).digest()
    return int.from_bytes(digest[:8], "big", signed=True)


def _holder(session: Any, key: int) -> str:
    """What the server tells of who holds a lock; little of other users' sessions."""
    with suppress(psycopg2.Error), session.cursor() as cursor:
        cursor.execute(_HOLDER, (key,))
        if row := cursor.fetchone():
            program, address, since = row
            began = since and f"since {since.astimezone(UTC).isoformat(timespec='seconds')}"
            told = [part for part in (program, address and f"from {address}", began) if part]
            return f": {', '.join(told)}" if told else ""
    return ""


def _line(error: BaseException) -> str:
    """What an error says, in one line, without secrets."""
    return mask(" ".join(str(error).split())).rstrip(".?")


def _connection_lost(error: BaseException) -> BaseException | None:
    """The error behind this one that tells of a lost connection."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, psycopg2.OperationalError | psycopg2.InterfaceError) and not seen.pgcode:
            break
        seen = seen.__cause__ or seen.__context__
    return seen
