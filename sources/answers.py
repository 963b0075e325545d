"""From an HTTP response to decoded JSON, or to the error that says what is wrong with it.

Pure: nothing is sent here. All facts about error bodies were observed in public clients unless marked otherwise.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final

import httpx
import msgspec

from sources.errors import (
    ApiError,
    CredentialsRefused,
    NotFound,
    NotInPlan,
    OutreachError,
    Unreachable,
    WrongAnswer,
)
from sources.redaction import mask

_MESSAGE_CHARACTERS: Final = 300
_RAW_BYTES: Final = 4_000
_MOST_NESTING: Final = 200
"""Levels: more than any column takes (`values.MOST_NESTING`), and less than any decoder gives up at."""
_STRUCTURE: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[{]++|[\]}]++', re.DOTALL)
"""Brackets of a kind in a row, or a string whole, whose brackets are none; each is read once, however it ends."""

_TRANSIENT: Final = frozenset({httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_EARLY})
_NOT_IN_PLAN: Final = frozenset({httpx.codes.PAYMENT_REQUIRED, httpx.codes.FORBIDDEN})


class TryAgain(Exception):
    """The call may succeed when it is made again.

    Args:
        error: What to raise when it does not.
    """

    def __init__(self, error: ApiError) -> None:
        super().__init__(str(error))
        self.error = error


def as_it_is(answer: Any) -> Any:
    """Converts nothing."""
    return answer


def check_status(endpoint: str, response: httpx.Response) -> None:
    """Raises what the status of an answer means, if that is not success.

    Args:
        endpoint: The endpoint by its table's name, for the errors.
        response: The response, its body read.

    Raises:
        TryAgain: The server failed.
        NotFound: 404, or a 422 whose message says "not found".
        NotInPlan: 402 or 403.
        CredentialsRefused: 401.
        ApiError: Any other status.
    """
    if not response.is_success:
        raise _error_of(endpoint, response)


def read_answer(endpoint: str, response: httpx.Response) -> Any:
    """Returns the decoded JSON of an answer; raises what `check_status` and `read_body` raise."""
    check_status(endpoint, response)
    return read_body(endpoint, response.content, content_type=response.headers.get("Content-Type", ""))


def read_body(endpoint: str, content: bytes, *, content_type: str, convert: Callable[[Any], Any] = as_it_is) -> Any:
    """Returns what the decoded JSON of a successful answer is converted to.

    Args:
        endpoint: The endpoint by its table's name, for the errors.
        content: The body.
        content_type: What the server calls it; empty: nothing.
        convert: Makes of the JSON what is returned.

    Raises:
        TryAgain: The body is empty, cut off, `null` or no JSON.
        WrongAnswer: `success` is not true, or there are `errors`.
    """
    try:
        answer = decode(content)
    except ValueError as error:
        raise _bad_body(endpoint, f"the body is no JSON ({error})") from None
    if answer is None:
        raise _bad_body(endpoint, "the body is null")
    if content_type and "json" not in content_type.lower():
        raise _bad_body(endpoint, f"the content type is {content_type}")
    if isinstance(answer, dict) and _is_failure(answer):
        raise WrongAnswer(endpoint, error_message(content), httpx.codes.OK)
    return convert(answer)


def decode(content: bytes) -> Any:
    """Returns the value of a JSON text, as tolerantly as is safe.

    A byte order mark is skipped and invalid UTF-8 replaced. NaN and Infinity become floats, lone surrogates stay in
    the strings, integers of any size stay integers (of thousands of digits, text): judging values is not done here.
    The standard library's decoder does all this; msgspec's, which is three times as fast, refuses the texts that
    need it.

    What is nested too deeply for both is left out at a depth that no column takes, so that its row is rejected and
    not the whole answer.

    Args:
        content: The body.

    Raises:
        ValueError: It is no JSON.
    """
    try:
        return _decoded(content)
    except RecursionError:
        return _decoded(_without_depths(content))


def _decoded(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return json.loads(content.decode("utf-8-sig", errors="replace"), parse_int=_integer)


def _integer(digits: str) -> int | str:
    """Python refuses to read numbers of thousands of digits: such a one must not cost the whole answer."""
    try:
        return int(digits)
    except ValueError:
        return digits


def _without_depths(content: bytes) -> bytes:
    """Puts null for what is nested more than so many levels deep."""
    kept: list[bytes] = []
    depth = start = 0
    for found in _STRUCTURE.finditer(content):
        first, levels = content[found.start()], found.end() - found.start()
        if first in b"[{":
            if depth <= _MOST_NESTING < depth + levels:
                kept += content[start : found.start() + _MOST_NESTING - depth], b"null"
            depth += levels
        elif first in b"]}":
            if depth - levels <= _MOST_NESTING < depth:
                start = found.start() + depth - _MOST_NESTING
            depth -= levels
    return b"".join(kept) if depth > _MOST_NESTING else b"".join((*kept, content[start:]))


def error_message(content: bytes) -> str:
    """Returns what an error body says, masked, on one line, in at most 300 characters.

    The first that exists of `errors.title`, `errors` as a text, `errors[0]`, `message`, `data.message`, `error` as a
    text, `error.message`, and else the beginning of the body, which may be plain text or HTML.

    Args:
        content: The body.
    """
    try:
        message = _message_in(decode(content))
    except ValueError:
        message = None
    text = message or content[:_RAW_BYTES].decode("utf-8", errors="replace")
    # Masked before it is cut: half an address is still an address.
    return " ".join(mask(text).split())[:_MESSAGE_CHARACTERS] or "the body is empty"


def _message_in(body: Any) -> str | None:
    if not isinstance(body, dict):
        return None
    errors, error, data = body.get("errors"), body.get("error"), body.get("data")
    candidates = (
        errors.get("title") if isinstance(errors, dict) else None,
        errors if isinstance(errors, str) else None,
        errors[0] if isinstance(errors, list) and errors else None,
        body.get("message"),
        data.get("message") if isinstance(data, dict) else None,
        error if isinstance(error, str) else None,
        error.get("message") if isinstance(error, dict) else None,
    )
    return next((str(candidate) for candidate in candidates if candidate), None)


def _is_failure(answer: dict[str, Any]) -> bool:
    """Documented: `success` is false. Inferred: so is a 200 with top-level `errors`."""
    return answer.get("success", True) not in (True, "true") or bool(answer.get("errors"))


def _bad_body(endpoint: str, problem: str) -> TryAgain:
    return TryAgain(WrongAnswer(endpoint, problem, httpx.codes.OK))


def _error_of(endpoint: str, response: httpx.Response) -> OutreachError | TryAgain:
    status, message = response.status_code, error_message(response.content)
    if response.is_server_error or status in _TRANSIENT:
        return TryAgain(Unreachable(endpoint, message, status))
    if status == httpx.codes.UNAUTHORIZED:
        return CredentialsRefused(f"{endpoint}: the API refuses the credentials: {message}")
    if status in _NOT_IN_PLAN:
        return NotInPlan(endpoint, message, status)
    if status == httpx.codes.NOT_FOUND or _is_unknown_parent(status, message):
        return NotFound(endpoint, message, status)
    if response.has_redirect_location:
        message = "the API redirects elsewhere, which is not followed because the token must not leave its host"
    return ApiError(endpoint, message, status)


def _is_unknown_parent(status: int, message: str) -> bool:
    return status == httpx.codes.UNPROCESSABLE_ENTITY and "not found" in message.lower()
