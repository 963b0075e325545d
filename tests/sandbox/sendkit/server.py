"""Runs the SendKit sandbox on a real port."""

from typing import Any

from starlette.requests import Request

from tests.sandbox.answers import Answer
from tests.sandbox.app import form_of
from tests.sandbox.sendkit.sandbox import SendkitSandbox
from tests.sandbox.sendkit.world import World
from tests.sandbox.server import Listener


class SendkitServer(SendkitSandbox, Listener):
    """A sandbox that listens on 127.0.0.1 while its context is open; see `SendkitSandbox` for the arguments.

    Args:
        world: What it shows.
        port: 0 takes a free one.
        **limits: `calls_per_minute`, `block_seconds`, `time_scale`.
    """

    def __init__(self, world: World, *, port: int = 0, **limits: Any) -> None:
        Listener.__init__(self, port)
        SendkitSandbox.__init__(self, world, **limits)

    def respond(self, request: Request, body: bytes) -> Answer:
        """Answers one request."""
        query, headers = dict(request.query_params), dict(request.headers)
        return self.answer(request.method, request.url.path, query, form_of(body), headers)
