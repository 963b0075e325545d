"""Where answers are decoded: one at a time, and large ones in a process of their own.

Decoding holds the interpreter's lock. In one thread, only one answer is in memory as objects; in another process,
calls, the merge and the writing of files go on meanwhile.
"""

from __future__ import annotations

import gc
import logging
import multiprocessing
import pickle
import signal
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
        self._free: SimpleQueue[Connection] = SimpleQueue()
        self._connections: list[Connection] = []
        self._processes: list[Any] = []
        for _ in range(number):
            ours, theirs = context.Pipe()
            self._connections.append(ours)
            process = context.Process(target=_serve, args=(theirs, tuple(self._connections)), daemon=True)
            process.start()
            theirs.close()
            self._processes.append(process)
            self._free.put(ours)

    def decode(self, content: bytes, read: Read) -> Any | None:
        """Returns what `read` makes of an answer, None if that fails, for whatever reason."""
        connection = self._free.get()
        try:
            connection.send_bytes(pickle.dumps(read))
            connection.send_bytes(content)
            return connection.recv()
        except Exception as error:  # noqa: BLE001  # there is always the other way
            logger.debug("the load decodes an answer itself: %s", error)
            return None
        finally:
            self._free.put(connection)

    def close(self) -> None:
        """End the processes."""
        for connection, process in zip(self._connections, self._processes, strict=True):
            connection.close()
            process.join()


def _serve(connection: Connection, others: Sequence[Connection]) -> None:
    """Decode until the other process closes its end, or dies."""
    for other in others:
        other.close()  # copies of the asking process's ends, which would keep them open
    for stopping in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stopping, signal.SIG_IGN)  # the load decides when to end
    gc.freeze()  # what was there before is not looked through for garbage again and again
    while True:
        try:
            read, content = connection.recv_bytes(), connection.recv_bytes()
        except (OSError, EOFError):
            return
        connection.send_bytes(_read(read, content))


def _read(read: bytes, content: bytes) -> bytes:
    gc.disable()  # a page is a hundred thousand objects and not one cycle
    try:
        found = pickle.loads(read)(content)  # noqa: S301  # of the process that this one is a copy of
        return pickle.dumps(found, protocol=pickle.HIGHEST_PROTOCOL)
    except Exception:  # noqa: BLE001  # whatever it is, it arises again where it can be handled
        return pickle.dumps(None)
    finally:
        gc.enable()
