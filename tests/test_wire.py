"""The client over a real socket: faults that only exist on the wire."""

import gzip
import json
import logging
import socket
import socketserver
import struct
import threading
from collections.abc import Iterator

import httpx
import pytest
import stamina

from sources.budget import Budget
from sources.errors import ApiError, Unreachable, WrongAnswer
from sources.http import HttpClient
from sources.rate_limit import RateLimiter

ROWS = json.dumps([{"id": 1}]).encode()
RESET = b""  # closes the connection with a reset instead of answering
HANG = b"hang"


def raw(body: bytes, *headers: str, length: int | None = None) -> bytes:
    lines = [
        "HTTP/1.1 200 OK",
        "Content-Type: application/json",
        f"Content-Length: {len(body) if length is None else length}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


GOOD = raw(ROWS)


class RawServer(socketserver.ThreadingTCPServer):
    """Answers connections with scripted bytes; the last script stays."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), RawHandler)
        self.script: list[bytes] = [GOOD]
        self.done = threading.Event()

    @property
    def url(self) -> str:
        """The base URL."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class RawHandler(socketserver.StreamRequestHandler):
    """Reads one request and writes the next scripted bytes."""

    def handle(self) -> None:
        """Answers one connection."""
        assert isinstance(self.server, RawServer)
        while self.rfile.readline().strip():
            pass
        script = self.server.script
        answer = script.pop(0) if len(script) > 1 else script[0]
        if answer == RESET:
            self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.request.close()
        elif answer == HANG:
            self.server.done.wait(5.0)
        else:
            self.wfile.write(answer)

    def finish(self) -> None:
        """Closes what is still open."""
        if self.request.fileno() >= 0:
            super().finish()


@pytest.fixture
def server() -> Iterator[RawServer]:
    with RawServer() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.done.set()
        server.shutdown()
        thread.join()


@pytest.fixture
def http(server: RawServer) -> Iterator[HttpClient]:
    budget = Budget()
    limiter = RateLimiter(calls_per_minute=0, store=None, wait=budget.wait)
    with (
        stamina.set_testing(True, attempts=3),
        HttpClient(
            base_url=server.url,
            auth=httpx.Auth(),
            limiter=limiter,
            budget=budget,
            is_allowed=lambda *_: True,
            config_section="sources.example",
            timeout=httpx.Timeout(0.1),
        ) as http,
    ):
        yield http


FAULTS = {
    "reset": (RESET, Unreachable),
    "hang": (HANG, Unreachable),
    "body shorter than announced": (raw(ROWS, length=1000), Unreachable),
    "no HTTP": (b"SSH-2.0-server\r\n", Unreachable),
    "broken gzip": (raw(b"\x1f\x8b no gzip at all", "Content-Encoding: gzip"), WrongAnswer),
    "gzip cut off": (raw(gzip.compress(ROWS * 100)[:-20], "Content-Encoding: gzip"), WrongAnswer),
    "JSON cut off": (raw(ROWS[:-3]), WrongAnswer),
    "empty": (raw(b""), WrongAnswer),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_passes_costs_a_retry(server: RawServer, http: HttpClient, fault: str) -> None:
    server.script = [FAULTS[fault][0], GOOD]
    assert http.request("GET", "/rows", endpoint="rows") == [{"id": 1}]
    assert http.calls == {"rows": 2}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_that_stays_names_the_endpoint(server: RawServer, http: HttpClient, fault: str) -> None:
    answer, kind = FAULTS[fault]
    server.script = [answer]
    with pytest.raises(kind, match="rows: ") as caught:
        http.request("GET", "/rows", endpoint="rows")
    assert isinstance(caught.value, ApiError)
    assert http.calls == {"rows": 3}


def test_nobody_listens(server: RawServer, http: HttpClient) -> None:
    server.server_close()
    with pytest.raises(Unreachable, match="ConnectError"):
        http.request("GET", "/rows", endpoint="rows")


def test_a_compressed_page_is_unpacked(server: RawServer, http: HttpClient) -> None:
    server.script = [raw(gzip.compress(ROWS), "Content-Encoding: gzip")]
    assert http.request("GET", "/rows", endpoint="rows") == [{"id": 1}]


def test_debug_logs_of_the_network_hold_no_token(http: HttpClient, caplog: pytest.LogCaptureFixture) -> None:
    """Neither httpx nor httpcore logs a request's headers, at any level."""
    caplog.set_level(logging.DEBUG)
    http._client.headers["Authorization"] = "Bearer canary-token"  # noqa: SLF001  # any header will do
    http.request("GET", "/rows", endpoint="rows")
    assert {"httpx", "httpcore.http11"} <= {record.name for record in caplog.records}
    assert "canary-token" not in caplog.text
