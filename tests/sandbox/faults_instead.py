"""Faults that answer instead of the API, and those that take tokens or credentials away."""

from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any, Protocol

from tests.sandbox.answers import Answer, Delivery, error, not_found, rate_limited, text, unauthorized
from tests.sandbox.calls import Call

_HTML = "<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"


class Surroundings(Protocol):
    """What these faults need of the sandbox."""

    @property
    def clock(self) -> datetime:
        """The server's clock."""

    @property
    def other_url(self) -> str:
        """The base URL of another host."""

    def expire_tokens(self) -> None:
        """Ends every token now."""

    def revoke_secret(self, account: str | None) -> None:
        """Makes the credentials of an account (None: of all) wrong and ends all tokens."""


def _rate_limited(around: Surroundings, retry_after: str | float | None = None, in_seconds: float = 0) -> Answer:
    """429. `retry_after` is the header as it stands, or `date` for an HTTP date `in_seconds` from now."""
    answer = rate_limited()
    if retry_after == "date":
        moment = around.clock + timedelta(seconds=in_seconds)
        retry_after = format_datetime(moment, usegmt=True)
    if retry_after is not None:
        answer.headers["retry-after"] = str(retry_after)
    return answer


def _redirect(around: Surroundings, status: int = 302) -> Answer:
    return Answer({}, status, headers={"location": f"{around.other_url}/v1/get-user-campaigns"})


def _success_false(_: Surroundings, message: str = "Something went wrong") -> Answer:
    return Answer({"success": False, "data": [], "errors": [message]})


def _hang(_: Surroundings, seconds: float = 30.0) -> Answer:
    return Answer({}, delivery=Delivery.HANG, seconds=seconds)


def _payload(_: Surroundings, payload: Any = None, status: int = 200) -> Answer:
    """Any JSON with any status."""
    return Answer(payload, status)


INSTEAD: dict[str, Callable[..., Answer]] = {
    "rate_limited": _rate_limited,
    "server_error": lambda _, status=500: Answer({"message": "Server Error"}, status),
    "bad_gateway": lambda _: text(_HTML, 502, "text/html"),
    "html": lambda _: text(_HTML, 200, "text/html; charset=utf-8"),
    "reset": lambda _: Answer({}, delivery=Delivery.RESET),
    "hang": _hang,
    "empty_body": lambda _: Answer(body=b""),
    "null": lambda _: Answer(None),
    "success_false": _success_false,
    "object_for_list": lambda _: Answer({"message": "OK", "rows": {}}),
    "list_for_object": lambda _: Answer(["a", "b"]),
    "empty_list": lambda _: Answer([]),
    "unauthorized": lambda _: unauthorized(),
    "not_in_plan": lambda _, status=403: Answer({"message": "Not available on your plan"}, status),
    "not_found": lambda _: not_found(),
    "unprocessable": lambda _: error(422, "error_422_data_message"),
    "unprocessable_text": lambda _: error(422, "error_422_string"),
    "redirect": _redirect,
    "payload": _payload,
}
"""Name -> the answer; options are the keyword arguments."""


EFFECT: dict[str, Callable[[Surroundings, Call], None]] = {
    "expire_tokens": lambda around, _: around.expire_tokens(),
    "revoke_secret": lambda around, call: around.revoke_secret(call.account),
}
"""Name -> what happens before the call is judged."""
