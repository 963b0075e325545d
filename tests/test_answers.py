"""Answers: tolerant decoding, the messages of all known error bodies, and one error per meaning."""

import json
import math
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from sources import values
from sources.answers import TryAgain, decode, error_message, read_answer
from sources.errors import (
    ApiError,
    CredentialsRefused,
    NotFound,
    NotInPlan,
    OutreachError,
    Unreachable,
    WrongAnswer,
)

EXAMPLES = Path(__file__).parent / "examples" / "snovio"


def example(name: str) -> bytes:
    return (EXAMPLES / f"{name}.json").read_bytes()


def answer(content: bytes, status: int = 200, content_type: str = "application/json") -> httpx.Response:
    return httpx.Response(status, content=content, headers={"Content-Type": content_type})


def error_of(response: httpx.Response) -> Exception:
    with pytest.raises((OutreachError, TryAgain)) as caught:
        read_answer("emails_sent", response)
    return caught.value


@pytest.mark.parametrize(
    ("content", "value"),
    [
        (b'\xef\xbb\xbf[{"id": 1}]', [{"id": 1}]),
        (b'["\xff"]', ["\ufffd"]),
        (b'["\\ud800"]', ["\ud800"]),
        (b'["a\\u0000b"]', ["a\0b"]),
        (b"[17739963799960123456789]", [17739963799960123456789]),
        (b"[1" + b"0" * 5000 + b"]", ["1" + "0" * 5000]),
        (b"[Infinity, -Infinity]", [math.inf, -math.inf]),
        (b"0", 0),
    ],
)
def test_decode_is_tolerant(content: bytes, value: object) -> None:
    assert decode(content) == value


def test_decode_keeps_nan() -> None:
    assert math.isnan(decode(b"[NaN]")[0])


def levels(value: object) -> int:
    """How deep the first of each level is nested."""
    count = 0
    while isinstance(value, list | dict) and value:
        value = next(iter(value.values())) if isinstance(value, dict) else value[0]
        count += 1
    return count


@pytest.mark.parametrize(
    ("opening", "closing"),
    [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"a \\" ] } [":', b"}]"), (b' [\n"x", {"b":[]}, ', b"]")],
)
def test_what_is_nested_too_deeply_is_left_out_and_all_else_is_there(opening: bytes, closing: bytes) -> None:
    """Left out far below what any column takes: such a value is never loaded as if it were whole."""
    deep = opening * 20_000 + b'"inside"' + closing * 20_000
    found = decode(b'[{"id": 1, "deep": ' + deep + b', "after": "]}["}, {"id": 2}]')
    assert [row["id"] for row in found] == [1, 2]
    assert found[0]["after"] == "]}["
    with pytest.raises(ValueError, match="nested more than 64 levels"):
        values.text(found[0]["deep"])


def test_what_is_nested_less_deeply_is_there_whole() -> None:
    deep = b"[" * 195 + b'{"\xff": "]"}' + b"]" * 195
    too_deep = b"[" * 20_000 + b"]" * 20_000
    shallow, cut = decode(b"[" + deep + b", " + too_deep + b"]")
    assert levels(shallow) == 196
    assert levels(cut) == 199


@pytest.mark.parametrize("content", [b"", b"  ", b"<html>", b'[{"id": 1}, {"id', b"[" * 100_000])
def test_decode_refuses_what_is_no_json(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        decode(content)


def test_a_large_page_is_decoded_quickly() -> None:
    row = {"id": "0" * 32, "emailBody": "<p>body</p>" * 90, "campaignId": 1, "visitedAt": "2025-12-15 10:58:52"}
    content = json.dumps([row] * 10_000).encode()
    began = time.perf_counter()
    assert len(decode(content)) == 10_000
    assert len(content) > 10_000_000
    assert time.perf_counter() - began < 2.0


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("error_404", "Sorry, but url or entity not found"),
        ("error_422_string", "Prospect with same email already exists in your list"),
        ("error_200_success_false", "Example error text"),
        ("error_400_message", "Example prefix: you ran out of credits"),
        ("error_422_data_message", "Campaign not found"),
    ],
)
def test_message_of_every_documented_error_body(name: str, message: str) -> None:
    assert error_message(example(name)) == message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"rate is limited", "rate is limited"),
        (b"<html>\n  <h1>502</h1>\n</html>", "<html> <h1>502</h1> </html>"),
        (b'{"errors": {"code": 1}, "message": "second"}', "second"),
        (b'{"errors": [], "data": {"message": "last"}}', "last"),
        (b'{"success": false, "error": "a text"}', "a text"),
        (b'{"error": {"message": "inside"}}', "inside"),
        (b'{"error": "invalid_client", "message": "the longer text"}', "the longer text"),
        (b'{"errors": [{"title": "an object"}]}', "{'title': 'an object'}"),
        (b'{"message": "ann@example.com has no access"}', "*** has no access"),
        (b"x" * 299 + b" ann@example.com", "x" * 299),
        (b"y" * 1_000, "y" * 300),
        (b"[" * 100_000, "[" * 300),
        (b'"text"', '"text"'),
        (b"", "the body is empty"),
    ],
)
def test_message_of_any_other_body(content: bytes, message: str) -> None:
    assert error_message(content).rstrip() == message


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(b'{"message": "bad"}', 400), ApiError),
        (answer(b"{}", 401), CredentialsRefused),
        (answer(b"{}", 402), NotInPlan),
        (answer(b"{}", 403), NotInPlan),
        (answer(example("error_404"), 404), NotFound),
        (answer(example("error_422_data_message"), 422), NotFound),
        (answer(example("error_422_string"), 422), ApiError),
        (answer(example("error_200_success_false")), WrongAnswer),
        (answer(b'{"success": null}'), WrongAnswer),
        (answer(b'{"errors": {"title": "no"}}'), WrongAnswer),
        (httpx.Response(302, headers={"Location": "https://elsewhere.example.com/"}), ApiError),
    ],
)
def test_every_refusal_has_its_error(response: httpx.Response, kind: type[OutreachError]) -> None:
    error = error_of(response)
    assert type(error) is kind
    assert "emails_sent" in str(error)


@pytest.mark.parametrize(
    ("response", "kind"),
    [
        (answer(b"<html>", 500, "text/html"), Unreachable),
        (answer(b"<html>", 502, "text/html"), Unreachable),
        (answer(b"", 408), Unreachable),
        (answer(b"<html></html>", 200, "text/html"), WrongAnswer),
        (answer(b"[]", 200, "text/html"), WrongAnswer),
        (answer(b'[{"id": 1}, {"i'), WrongAnswer),
        (answer(b"[" * 100_000), WrongAnswer),
        (answer(b""), WrongAnswer),
        (answer(b"null"), WrongAnswer),
    ],
)
def test_what_may_pass_is_tried_again(response: httpx.Response, kind: type[ApiError]) -> None:
    again = error_of(response)
    assert isinstance(again, TryAgain)
    assert type(again.error) is kind


@pytest.mark.parametrize("make", [lambda: httpx.Response(200, content=b"[]"), lambda: answer(b"[]", 201)])
def test_an_answer_without_a_content_type_is_read(make: Callable[[], httpx.Response]) -> None:
    assert read_answer("emails_sent", make()) == []
