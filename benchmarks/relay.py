"""Lets calls travel: a relay before the sandbox that delivers every byte later, requests and answers alike."""

import asyncio
import contextlib
import threading
from types import TracebackType
from typing import Final, Self

_HOST: Final = "127.0.0.1"
_MOST_AT_ONCE: Final = 1 << 20


class Relay:
    """Listens on 127.0.0.1 while its context is open and passes everything on.

    Args:
        port: Where the sandbox listens.
        seconds: What a call and its answer lose on the way, half of it in each direction.
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._half = seconds / 2
        self._listening = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        server = await asyncio.start_server(self._connected, _HOST, 0)
        self.url = f"http://{_HOST}:{server.sockets[0].getsockname()[1]}"
        self._listening.set()
        await self._stop.wait()
        server.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.CancelledError, ConnectionError):
            from_sandbox, to_sandbox = await asyncio.open_connection(_HOST, self._port)
            await asyncio.gather(self._pass_on(reader, to_sandbox), self._pass_on(from_sandbox, writer))

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Writes what was read half the delay ago, until there is no more."""
        on_the_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()
        delivering = asyncio.create_task(self._deliver(on_the_way, writer))
        while data := await reader.read(_MOST_AT_ONCE):
            on_the_way.put_nowait((self._loop.time() + self._half, data))
        on_the_way.put_nowait((self._loop.time() + self._half, b""))
        await delivering

    async def _deliver(self, on_the_way: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter) -> None:
        while True:
            due, data = await on_the_way.get()
            await asyncio.sleep(due - self._loop.time())
            if not data:
                writer.close()
                return
            writer.write(data)
            await writer.drain()
