"""Keeps secrets and people out of logs and errors: what is masked, and where the mask is applied.

`mask` is applied by the error classes to their own texts and, once `install` was called, to every log record of
the process at the moment it is made.
"""

import logging
import re
import threading
import traceback
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote, quote_plus

MASK: Final = "***"

# Shorter values would blank out half of every log line; the API's own secrets are far longer.
_SHORTEST_SECRET: Final = 8

_BEARER: Final = re.compile(r"\b(bearer)\s+[^\s\"',;)\]}]+", re.IGNORECASE)

# `name=value`, `"name": "value"` (also inside an escaped JSON text), the header pair `(b"Name", b"value")` and the
# header line `X-Api-Key: value`; not the prose "client_id: is missing".
_NAMED: Final = re.compile(
    r"(\b(?:access_token|refresh_token|client_secret|client_id|api[_-]?key|password|authorization|end_point"
    r"|endpoint_url)(?:\s*=\s*\\?[\"']?|\\?[\"']\s*[:,]\s*b?\\?[\"'])"
    r"|\b(?:authorization|x-api-key):\s*)"
    r"(?!bearer\b)[^\s\"'&,;\\)\]}]+",
    re.IGNORECASE,
)

# `postgresql://user:password@host`, and any other address with a password in it.
_IN_ADDRESS: Final = re.compile(r"(://[^\s/:@]{0,128}:)(?!password@)[^\s/@]{1,256}@")

# The lengths are bounded so that a long text without any address costs linear time.
_EMAIL: Final = re.compile(
    r"[\w.+%-]{1,64}(?:@|%40)[\w-]{1,63}(?:\.[\w-]{1,63})*\.[^\W\d_][\w-]{0,62}", re.IGNORECASE
)


class _Secrets:
    """The exact values that were registered, as one compiled pattern."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def add(self, value: str) -> None:
        """Adds a value in the forms it takes in a text: as it is, and encoded for a URL or a form."""
        forms = {value, quote(value, safe=""), quote_plus(value)}
        with self._lock:
            if not forms <= self._values:
                self._values |= forms
                longest_first = sorted(self._values, key=len, reverse=True)
                self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def mask(self, text: str) -> str:
        """Returns the text with every registered value replaced."""
        return self._pattern.sub(MASK, text) if self._pattern else text


_SECRETS: Final = _Secrets()


def register_secret(value: str) -> None:
    """Has this exact value masked from now on, wherever it turns up.

    Args:
        value: A client secret, an API key or an access token. Values under eight characters are left alone.
    """
    if len(value) >= _SHORTEST_SECRET:
        _SECRETS.add(value)


def mask(text: str) -> str:
    """Returns the text without secrets, bearer tokens, webhook addresses and e-mail addresses."""
    text = _SECRETS.mask(text)
    text = _BEARER.sub(rf"\1 {MASK}", text)
    text = _NAMED.sub(rf"\1{MASK}", text)
    text = _IN_ADDRESS.sub(rf"\1{MASK}@", text)
    if "@" in text or "%40" in text:
        text = _EMAIL.sub(MASK, text)
    return text


def install() -> None:
    """Masks every log record of this process from now on, at every level; calling it again changes nothing.

    It works where records are made. A filter on a logger does not see the records of its children, and a filter
    on a handler does not cover handlers that are added later; every record passes the record factory.
    """
    make = logging.getLogRecordFactory()
    if not isinstance(make, _MaskingFactory):
        logging.setLogRecordFactory(_MaskingFactory(make))


class _MaskingFactory:
    """Makes records through the factory that was there before, and masks what they carry."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __call__(self, *args: Any, **kwargs: Any) -> logging.LogRecord:
        record: logging.LogRecord = self._make(*args, **kwargs)
        mask_record(record)
        return record


def mask_record(record: logging.LogRecord) -> None:
    """Masks a record's message, its arguments and its traceback in place.

    Arguments are masked one by one, and numbers stay numbers, because some formatters (uvicorn's access log) read
    them instead of the message.

    Args:
        record: The record to change. Its `exc_info` becomes the masked text in `exc_text`, since a handler that
            formats the exception itself would show what it carries.
    """
    if isinstance(record.args, Mapping):
        record.args = {key: _masked_argument(value) for key, value in record.args.items()}
    elif record.args:
        record.args = tuple(_masked_argument(value) for value in record.args)
    _mask_message(record)
    if record.exc_info and record.exc_info[0]:
        record.exc_text = mask("".join(traceback.format_exception(*record.exc_info)).rstrip())
        record.exc_info = None


def _masked_argument(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    text = str(value)
    masked = mask(text)
    return value if masked == text else masked


def _mask_message(record: logging.LogRecord) -> None:
    try:
        text = record.getMessage()
    except (TypeError, ValueError):
        return  # a wrong call of the logger: logging reports it where the record is formatted
    masked = mask(text)
    if masked != text:
        record.msg, record.args = masked, ()
