"""Waiting for a lock of the PostgreSQL server in its queue, where who came first is first."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import wait as until_done
from typing import Any, Final

_SECONDS_BETWEEN_LOOKS: Final = 0.5
_PATIENT: Final = """
    SELECT set_config(name, '0', false) FROM pg_settings
    WHERE name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout')
"""
_TAKE_AT_ONCE: Final = "SELECT pg_try_advisory_lock(%s)"
_TAKE: Final = "SELECT pg_advisory_lock(%s)"


def take(session: Any, key: int, wait: Callable[[float], None]) -> None:
    """Take an advisory lock when it is this session's turn; the server passes it on the moment that it is free.

    Trying again and again would leave it free between two tries, and to who happens to try next: with many loads some
    would wait for very long.

    Args:
        session: A session outside of any transaction.
        key: The lock's number.
        wait: Called now and then while others are first, with no seconds to sleep; may raise to end the run.

    Raises:
        psycopg2.Error: The session was ended.
    """
    if _asked(session, _TAKE_AT_ONCE, key):
        return
    _asked(session, _PATIENT)
    with ThreadPoolExecutor(1) as line:
        place = line.submit(_asked, session, _TAKE, key)
        try:
            while not place.done():
                wait(0.0)
                until_done([place], _SECONDS_BETWEEN_LOOKS)
        except BaseException:
            session.cancel()
            raise
        place.result()


def _asked(session: Any, query: str, *arguments: Any) -> Any:
    with session.cursor() as cursor:
        cursor.execute(query, arguments or None)
        row = cursor.fetchone()
    return row and row[0]
