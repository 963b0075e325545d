"""Runs the sandbox on a real port: in a thread for tests, or blocking for `outreach sandbox`."""

import asyncio
import contextlib
import signal
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self

import uvicorn
from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from tests.sandbox.answers import Answer
from tests.sandbox.app import SandboxApp, form_of
from tests.sandbox.control import PREFIX, control
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.world import World

_HOST = "127.0.0.1"


class _Protocol(H11Protocol):
    """Hands the application its connection, to reset or cut it, and the port it came in by."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Puts the connection into the state that every request's scope gets a copy of."""
        port = transport.get_extra_info("sockname")[1]
        self.app_state = {**self.app_state, "transport": transport, "port": port}
        super().connection_made(transport)


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the process's signals alone and says when it listens."""

    def __init__(self, config: uvicorn.Config, listening: threading.Event, stopping: asyncio.Event) -> None:
        super().__init__(config)
        self._listening = listening
        self._stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen."""
        await super().startup(sockets)
        self._listening.set()

    async def main_loop(self) -> None:
        """Ends at once when it is to stop, not at the next tick."""
        await self.on_tick(0)
        await self._stopping.wait()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Installs no handlers: who started the server stops it."""
        yield


class Listener(ABC):
    """Listens on 127.0.0.1, and on the port of another host, while its context is open.

    Args:
        port: 0 takes a free one.

    Attributes:
        port: Where it listens.
        other_url: The base URL of the other host.
        strangers: Headers of every call that reached the other host, to see whether they carry a token.
    """

    def __init__(self, port: int) -> None:
        self.port = 0
        self.other_url = ""
        self.strangers: list[Mapping[str, str]] = []
        self._wanted_port = port
        self._thread: threading.Thread | None = None
        self._listening = threading.Event()

    @property
    @abstractmethod
    def clock(self) -> datetime:
        """The server's clock."""

    @abstractmethod
    def respond(self, request: Request, body: bytes) -> Answer:
        """Answers one request."""

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://{_HOST}:{self.port}"

    def __enter__(self) -> Self:
        sockets = [_listen(self._wanted_port), _listen(0)]
        self.port = sockets[0].getsockname()[1]
        self.other_url = f"http://{_HOST}:{sockets[1].getsockname()[1]}"
        self._thread = threading.Thread(target=self._run, args=(sockets,), name="sandbox", daemon=True)
        self._thread.start()
        self._listening.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop)
        if self._thread is not None:
            self._thread.join()

    def _run(self, sockets: list[socket.socket]) -> None:
        try:
            asyncio.run(self._serve(sockets))
        finally:
            self._listening.set()  # also when it could not start: nobody waits for ever

    async def _serve(self, sockets: list[socket.socket]) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopping = asyncio.Event()
        config = uvicorn.Config(
            SandboxApp(self, self._stopping),
            http=_Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=2,
        )
        self._server = _Server(config, self._listening, self._stopping)
        await self._server.serve(sockets)

    def _stop(self) -> None:
        self._stopping.set()
        self._server.should_exit = True


class SandboxServer(Sandbox, Listener):
    """A sandbox that listens on 127.0.0.1 while its context is open; see `Sandbox` for the arguments.

    Args:
        world: What it shows.
        port: 0 takes a free one.
        **limits: `calls_per_minute`, `block_seconds`, `time_scale`, `limit_each`.
    """

    def __init__(self, world: World, *, port: int = 0, **limits: Any) -> None:
        Listener.__init__(self, port)
        Sandbox.__init__(self, world, **limits)

    def respond(self, request: Request, body: bytes) -> Answer:
        """Answers one request, of the API or of the control port."""
        if request.url.path.startswith(PREFIX):
            return control(self, request, body)
        query, authorization = _query(request), request.headers.get("authorization")
        return self.answer(request.method, request.url.path, query, form_of(body), authorization)


def _listen(port: int) -> socket.socket:
    # asyncio sets TCP_NODELAY only on sockets that name the protocol; without it every answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_HOST, port))
    except OSError:
        listener.close()
        raise
    return listener


def serve_forever(
    port: int,
    world: World,
    *,
    on_ready: Callable[[str], None] | None = None,
    **limits: Any,
) -> None:
    """Serves a world until SIGINT or SIGTERM; prints nothing. Call it in the main thread.

    Args:
        port: Where to listen on 127.0.0.1; 0 takes a free port.
        world: What to show.
        on_ready: Called with the base URL once it listens.
        **limits: `calls_per_minute`, `block_seconds`, `time_scale`, as for `Sandbox`.

    Raises:
        OSError: The port is taken.
    """
    stop = threading.Event()
    previous = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        with SandboxServer(world, port=port, **limits) as sandbox:
            if on_ready is not None:
                on_ready(sandbox.url)
            stop.wait()
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)


def _query(request: Request) -> dict[str, Any]:
    """The parameters of the URL; those named as PHP names arrays are lists."""
    shown = request.query_params
    return {name: shown.getlist(name) if name.endswith("[]") else shown[name] for name in shown}
