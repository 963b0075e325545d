"""An answer on its way: status, JSON or bytes, headers, and how the wire treats it."""

import json
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any

import orjson

from tests.sandbox.spoiling import RAW

_EXAMPLES = Path(__file__).parent.parent / "examples" / "snovio"


class Delivery(Enum):
    """What happens to the bytes of an answer."""

    WHOLE = "whole"
    RESET = "reset"
    """The connection is reset without an answer."""
    HANG = "hang"
    """Nothing comes for `Answer.seconds`, then the connection is closed."""
    DRIP = "drip"
    """The body comes in small pieces over `Answer.seconds`."""
    CUT = "cut"
    """Half the body comes, then the connection is closed; Content-Length promised all of it."""


@dataclass
class Answer:
    """What the sandbox answers. `payload` is JSON until `body` is set."""

    payload: Any = None
    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=lambda: {"content-type": "application/json"})
    delivery: Delivery = Delivery.WHOLE
    seconds: float = 0.0

    def encoded(self) -> bytes:
        """The bytes of the body."""
        if self.body is None:
            self.body = orjson.dumps(self.payload)
            if b"@@" in self.body:
                for marker, raw in RAW.items():
                    self.body = self.body.replace(marker, raw)
        return self.body


def text(body: str, status: int, content_type: str = "text/plain; charset=utf-8") -> Answer:
    """An answer that is not JSON."""
    return Answer(status=status, body=body.encode(), headers={"content-type": content_type})


def error(status: int, example: str) -> Answer:
    """An error with the body of an example file, without its ending."""
    return Answer(json.loads((_EXAMPLES / f"{example}.json").read_bytes()), status)


def not_found() -> Answer:
    """404 for unknown paths and entities alike."""
    return error(404, "error_404")


def bad_request(message: str) -> Answer:
    """400 with a message."""
    return Answer({"message": message}, 400)


def unauthorized() -> Answer:
    """401; its body is not documented."""
    return Answer({"message": "Unauthenticated."}, 401)


def rate_limited() -> Answer:
    """429 as observed: plain text, no Retry-After."""
    return text("rate is limited", 429)
