"""Faults of the finished answer: its rows, its bytes, its way over the wire."""

import gzip
import random
from collections.abc import Callable
from typing import Any

from tests.sandbox.answers import Answer, Delivery
from tests.sandbox.spoiling import spoil


def _short_page(answer: Answer, chance: random.Random) -> None:
    """Only a random part of the page, from its beginning."""
    if isinstance(answer.payload, list) and len(answer.payload) > 1:
        del answer.payload[chance.randrange(1, len(answer.payload)) :]


def _spoiled_row(answer: Answer, _: random.Random, spoiler: str, row: int = 0) -> None:
    """Spoils one row of the page; `spoiler` is one of `spoiling.SPOILERS`."""
    if isinstance(answer.payload, list) and answer.payload:
        spoil(spoiler, answer.payload[row % len(answer.payload)])


def _reshaped(answer: Answer, _: random.Random, change: Callable[[Any], Any]) -> None:
    """What `change` makes of the payload; it may bear the markers of `spoiling.RAW`."""
    answer.payload = change(answer.payload)


def _truncated_json(answer: Answer, _: random.Random) -> None:
    body = answer.encoded()
    answer.body = body[: len(body) // 2]


def _broken_gzip(answer: Answer, _: random.Random) -> None:
    """A gzip header and then bytes that no decoder accepts."""
    answer.body = gzip.compress(answer.encoded())[:10] + b"\xff" * 50
    answer.headers["content-encoding"] = "gzip"


def _truncated_gzip(answer: Answer, _: random.Random) -> None:
    """A gzip stream that ends early: some decoders hand out its first part without a word."""
    packed = gzip.compress(answer.encoded())
    answer.body = packed[: len(packed) // 2]
    answer.headers["content-encoding"] = "gzip"


def _bom(answer: Answer, _: random.Random) -> None:
    answer.body = b"\xef\xbb\xbf" + answer.encoded()


def _drip(answer: Answer, _: random.Random, seconds: float = 1.0) -> None:
    answer.delivery, answer.seconds = Delivery.DRIP, seconds


def _cut_connection(answer: Answer, _: random.Random) -> None:
    answer.delivery = Delivery.CUT


def _wrong_content_type(answer: Answer, _: random.Random, content_type: str = "text/html") -> None:
    answer.headers["content-type"] = content_type


def _expires_in(answer: Answer, _: random.Random, value: Any = 0) -> None:
    if isinstance(answer.payload, dict) and "expires_in" in answer.payload:
        answer.payload["expires_in"] = value


ANSWER: dict[str, Callable[..., None]] = {
    "short_page": _short_page,
    "spoiled_row": _spoiled_row,
    "reshaped": _reshaped,
    "truncated_json": _truncated_json,
    "broken_gzip": _broken_gzip,
    "truncated_gzip": _truncated_gzip,
    "bom": _bom,
    "drip": _drip,
    "cut_connection": _cut_connection,
    "wrong_content_type": _wrong_content_type,
    "expires_in": _expires_in,
}
"""Name -> change of the answer, with the fault's own randomness; options are the keyword arguments."""
