"""The page on a port of this machine, and as a file."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from pipelines.dashboard import charts
from pipelines.dashboard.marts import Marts
from pipelines.dashboard.page import page

HOST: Final = "127.0.0.1"
"""Nobody but this machine is served: the page has no password."""
_HEADERS: Final = {
    # Vega compiles its expressions, hence the eval; nothing is loaded from elsewhere.
    "Content-Security-Policy": "default-src 'none'; script-src 'self' 'unsafe-eval'; style-src 'unsafe-inline'; "
    "img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_KEPT: Final = {"Cache-Control": "max-age=86400"}


def application(marts: Marts) -> Starlette:
    """The page, and the script of its charts, as an ASGI application.

    Args:
        marts: Where the numbers lie.
    """

    async def whole(request: Request) -> Response:
        found = await run_in_threadpool(page, marts, dict(request.query_params))
        return HTMLResponse(found.html, found.status, _HEADERS)

    async def script(_: Request) -> Response:
        text = await run_in_threadpool(charts.script)
        return Response(text, media_type="text/javascript", headers=_HEADERS | _KEPT)

    return Starlette(
        routes=[Route("/", whole), Route("/charts.js", script)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
    )


def serve(marts: Marts, port: int, on_ready: Callable[[str], None]) -> None:
    """Serve the page until SIGINT or SIGTERM.

    Args:
        marts: Where the numbers lie.
        port: Where to listen on 127.0.0.1; 0 takes a free one.
        on_ready: Called with the page's address once it can be opened.

    Raises:
        OSError: The port is taken.
    """
    threading.Thread(target=charts.script, daemon=True).start()  # takes a while; the numbers need not wait for it
    with socket.create_server((HOST, port)) as listening:
        server = uvicorn.Server(uvicorn.Config(application(marts), log_level="warning"))
        on_ready(f"http://{HOST}:{listening.getsockname()[1]}/")
        server.run(sockets=[listening])


def write(marts: Marts, query: Mapping[str, str], file: Path) -> None:
    """Write the page to a file that needs no server: its script is in it, and its filters are gone.

    Args:
        marts: Where the numbers lie.
        query: What the page shows; see `Filters.asked`.
        file: The file; it is replaced in one step.
    """
    part = file.with_name(f".{file.name}.part")
    part.write_text(page(marts, query, script=charts.script()).html, encoding="utf-8")
    part.replace(file)
