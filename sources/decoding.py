"""Where answers are decoded: one at a time, and large ones in a process of their own.

Decoding holds the interpreter's lock. In one thread, only one answer is in memory as objects; in another process,
calls, the merge and the writing of files go on meanwhile.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import pickle
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any, Final

logger = logging.getLogger(__name__)

Read = Callable[[bytes], Any]
"""Makes of the bytes of an answer what is returned."""

_LARGE: Final = 500_000
"""Bytes; below that, carrying an answer to another process costs more than it saves."""


class Decoder:
    """Decodes answers; safe to share between threads.

    Args:
        processes: Decode large ones; None: they are decoded here too.
    """

    def __init__(self, processes: DecodingProcesses | None = None) -> None:
        self._processes = processes
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="decoder")

    def decode(self, content: bytes, read: Read, *, portable: bool) -> Any:
        """Returns what `read` makes of an answer, and raises what it raises.

        Args:
            content: The bytes of the answer.
            read: Decodes and converts them.
            portable: Whether `read` can be carried to another process.
        """
        if self._processes is not None and portable and len(content) >= _LARGE:
            found = self._processes.decode(content, read)
            if found is not None:
                return found
        return self._thread.submit(read, content).result()

    def close(self) -> None:
        """Decode nothing more."""
        self._thread.shutdown(wait=False)


class DecodingProcesses:
    """Copies of this process that decode for it, as long as it lives. Make them before there are threads.

    What they cannot decode is left to the process that asks, where errors arise as if there were no other.

    Args:
        number: How many.
    """

    def __init__(self, number: int = 2) -> None:
        context = multiprocessing.get_context("fork")
        self._free: SimpleQueue[tuple[Connection, int]] = SimpleQueue()
        self._ways: list[tuple[Connection, int]] = []
        self._processes: list[Any] = []
        for _ in range(number):
            ours, theirs = context.Pipe()
            shared = _memory()
            self._ways.append((ours, shared))
            open_here = tuple(connection for connection, _ in self._ways)
            process = context.Process(target=_serve, args=(theirs, shared, open_here), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._free.put((ours, shared))

    def decode(self, content: bytes, read: Read) -> Any | None:
        """Returns what `read` makes of an answer, None if that fails, for whatever reason."""
        connection, shared = way = self._free.get()
        try:
            connection.send((pickle.dumps(read), _put(shared, content)))
            return pickle.loads(_take(shared, connection.recv()))  # noqa: S301  # of a copy of this process
        except Exception as error:  # noqa: BLE001  # there is always the other way
            logger.debug("the load decodes an answer itself: %s", error)
            return None
        finally:
            self._free.put(way)

    def close(self) -> None:
        """End the processes."""
        for (connection, shared), process in zip(self._ways, self._processes, strict=True):
            connection.close()
            process.join()
            os.close(shared)


def _memory() -> int:
    """A file without a name, shared with a process that takes turns with this one: half the work of a pipe."""
    if sys.platform == "linux":
        return os.memfd_create("answers")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


def _put(shared: int, content: bytes) -> int:
    """Lays bytes into the shared file, and says how many.

    Raises:
        OSError: There is no room for all of them.
    """
    os.ftruncate(shared, len(content))
    if os.pwrite(shared, content, 0) != len(content):
        raise OSError(f"no room for {len(content)} bytes")
    return len(content)


def _take(shared: int, length: int) -> bytes:
    return os.pread(shared, length, 0)


def _serve(connection: Connection, shared: int, others: Sequence[Connection]) -> None:
    """Decode until the other process closes its end, or dies."""
    for other in others:
        other.close()  # copies of the asking process's ends, which would keep them open
    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, signal.SIG_IGN)  # the load decides when to end
    gc.freeze()  # what was there before is not looked through for garbage again and again
    while True:
        try:
            read, length = connection.recv()
        except (OSError, EOFError):
            return
        connection.send(_put(shared, _read(read, _take(shared, length))))


def _read(read: bytes, content: bytes) -> bytes:
    gc.disable()  # a page is a hundred thousand objects and not one cycle
    try:
        found = pickle.loads(read)(content)  # noqa: S301  # of the process that this one is a copy of
        return pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001  # whatever it is, it arises again where it can be handled
        return pickle.dumps(None)
    finally:
        gc.enable()
