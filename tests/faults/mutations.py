"""Bodies of answers that no server should send: valid ones with a few things wrong, and any others."""

import json
from typing import Any, Final

from hypothesis import strategies as st

PIECES: Final = (
    b'"', b"[", b"]", b"{", b"}", b",", b":", b"\\", b"null", b"NaN", b"-Infinity", b"1e999", b"-0", b"\x00", b"\xff",
    b"\xef\xbb\xbf", b'"\\ud800"', b'"\\u0000"', b"9" * 25, b"9" * 5_000, b"[" * 3_000,
    b"]" * 3_000, b'{"a":' * 3_000, b'"a":1,', b'"id":null,', b"[" * 300 + b"]" * 300, b"[" * 30_000 + b"]" * 30_000,
)  # fmt: skip
"""Bytes that mean something to a decoder."""

TEXTS: Final = st.text(max_size=8) | st.sampled_from(
    ("\ud800", "\x00", "0000-00-00 00:00:00", "9999-12-31 23:59:59", "2999-01-01", "NaN", "1e400", "9" * 30, "true")
)
SCALARS: Final[st.SearchStrategy[Any]] = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | TEXTS | st.just(10**400) | st.just([])
)
VALUES: Final[st.SearchStrategy[Any]] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)


@st.composite
def _with_bytes_wrong(draw: st.DrawFn, body: bytes) -> bytes:
    """Bytes changed, taken away, doubled or put in between, or the end cut off."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(body)))
        end = min(len(body), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(PIECES) | st.binary(max_size=6))
        body = draw(
            st.sampled_from(
                (
                    body[:start],
                    body[:start] + piece + body[start:],
                    body[:start] + piece + body[end:],
                    body[:end] + body[start:],
                )
            )
        )
    return body


@st.composite
def _with_values_wrong(draw: st.DrawFn, answer: Any) -> bytes:
    """Values changed, taken away, doubled or nested, anywhere in the JSON."""
    answer = json.loads(json.dumps(answer))
    for _ in range(draw(st.integers(1, 4))):
        if not (places := _places(answer)):
            break
        holder, key = draw(st.sampled_from(places))
        kind = draw(st.sampled_from(("value", "gone", "twice", "new", "nested")))
        if kind == "gone":
            del holder[key]
        elif kind == "twice" and isinstance(holder, list):
            holder.append(holder[key])
        elif kind == "new" and isinstance(holder, dict):
            holder[draw(TEXTS)] = draw(VALUES)
        elif kind == "nested":
            holder[key] = [holder[key], {"again": holder[key]}]
        else:
            holder[key] = draw(VALUES)
    return json.dumps(answer).encode()


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every place of a structure, as what holds it and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, key) for key in keys]
    return found + [place for _, key in found for place in _places(value[key])]


def bodies(answer: Any) -> st.SearchStrategy[bytes]:
    """Bodies made of a valid answer, and others."""
    body = json.dumps(answer).encode()
    anything = st.binary(max_size=30) | VALUES.map(lambda value: json.dumps(value).encode())
    return _with_bytes_wrong(body) | _with_values_wrong(answer) | anything
