"""The sandbox as an ASGI application: reads the request, lets the sandbox answer, delivers the bytes."""

import asyncio
import socket
import struct
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Protocol
from urllib.parse import parse_qsl

import orjson
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from tests.sandbox.answers import Answer, Delivery

_PIECES = 10
"""In so many pieces a dripping body comes."""


class Answering(Protocol):
    """What answers the calls.

    Attributes:
        port: Where it listens.
        strangers: Takes the headers of every call that reached the other host.
    """

    port: int
    strangers: list[Mapping[str, str]]

    @property
    def clock(self) -> datetime:
        """The server's clock."""

    def respond(self, request: Request, body: bytes) -> Answer:
        """Answers one request."""


class SandboxApp:
    """The ASGI application.

    Args:
        sandbox: Answers the calls.
        stopping: Set when the server goes down; ends every answer that still waits.
    """

    def __init__(self, sandbox: Answering, stopping: asyncio.Event) -> None:
        self._sandbox = sandbox
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers one request."""
        request = Request(scope, receive)
        body = await request.body()
        if scope["state"]["port"] != self._sandbox.port:
            self._sandbox.strangers.append(dict(request.headers))
            answer = Answer([])
        else:
            answer = self._sandbox.respond(request, body)
        await self._deliver(answer, scope["state"]["transport"], receive, send)

    async def _deliver(self, answer: Answer, transport: asyncio.Transport, receive: Receive, send: Send) -> None:
        if answer.delivery is Delivery.HANG:
            await self._pause(answer.seconds, receive)
        if answer.delivery in {Delivery.HANG, Delivery.RESET}:
            _reset(transport)
            await receive()
            return
        body = answer.encoded()
        await send(
            {
                "type": "http.response.start",
                "status": answer.status,
                "headers": [
                    (b"date", format_datetime(self._sandbox.clock, usegmt=True).encode()),
                    *((name.encode(), value.encode("latin-1")) for name, value in answer.headers.items()),
                    (b"content-length", str(len(body)).encode()),
                ],
            }
        )
        if answer.delivery is Delivery.CUT:
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            transport.close()
            await receive()
            return
        if answer.delivery is Delivery.DRIP:
            body = await self._drip(body, answer.seconds, receive, send)
        await send({"type": "http.response.body", "body": body})

    async def _drip(self, body: bytes, seconds: float, receive: Receive, send: Send) -> bytes:
        """Sends all but the last piece; returns that."""
        size = max(1, len(body) // _PIECES)
        while len(body) > size:
            await send({"type": "http.response.body", "body": body[:size], "more_body": True})
            body = body[size:]
            await self._pause(seconds / _PIECES, receive)
        return body

    async def _pause(self, seconds: float, receive: Receive) -> None:
        """Waits, but not after the client went away or when the server stops."""
        ends = [asyncio.ensure_future(self._stopping.wait()), asyncio.ensure_future(receive())]
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        for end in ends:
            end.cancel()
        await asyncio.gather(*ends, return_exceptions=True)


def form_of(body: bytes) -> dict[str, Any]:
    """The parameters of a form or JSON body, whatever its content type says."""
    if body.lstrip().startswith(b"{"):
        try:
            return dict(orjson.loads(body))
        except orjson.JSONDecodeError:
            return {}
    return dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))


def _reset(transport: asyncio.Transport) -> None:
    """Closes the connection with a TCP reset."""
    raw = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
