"""Redaction: what is masked, what stays readable, and that no logger or handler goes around it."""

import io
import logging
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator

import pytest

from sources.redaction import install, mask, register_secret

SECRET = "canary/secret+value=1"
register_secret(SECRET)


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Authorization: Bearer abc.def-1", "Authorization: Bearer ***"),
        ("(b'Authorization', b'bearer abc')", "(b'Authorization', b'bearer ***')"),
        ("(b'X-Api-Key', b'sk_user_1')", "(b'X-Api-Key', b'***')"),
        ("X-Api-Key: sk_user_1", "X-Api-Key: ***"),
        ("/v1/lists?access_token=abc&page=1", "/v1/lists?access_token=***&page=1"),
        ("grant_type=x&client_secret=abc", "grant_type=x&client_secret=***"),
        ('{"access_token": "abc", "expires_in": 3600}', '{"access_token": "***", "expires_in": 3600}'),
        (r'"{\"access_token\":\"abc\"}"', r'"{\"access_token\":\"***\"}"'),
        ("{'client_secret': 'abc'}", "{'client_secret': '***'}"),
        ('{"end_point": "https://hooks.example.com/catch/1/x/"}', '{"end_point": "***"}'),
        ("postgresql://loader:pa$s%20word@db.example.com/x", "postgresql://loader:***@db.example.com/x"),
        ("sent to Ann.Lee+1@mail.example.co.uk twice", "sent to *** twice"),
        (
            "GET /recipient?emails[]=a%40example.com&emails[]=b%40example.com",
            "GET /recipient?emails[]=***&emails[]=***",
        ),
        ("анна@example.com", "***"),
        (f"wrong {SECRET}!", "wrong ***!"),
        ("client_secret=canary%2Fsecret%2Bvalue%3D1", "client_secret=***"),
        ("retried canary%2Fsecret%2Bvalue%3D1", "retried ***"),
    ],
)
def test_mask_hides(text: str, masked: str) -> None:
    assert mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "sources.snovio.client_id: It is missing. Set SOURCES__SNOVIO__CLIENT_ID",
        "emails_sent: 10000 rows at offset 20000",
        "dlt@1.31.0",
        "give it as postgresql://user:password@host:5432/database",
        "2025-12-15 10:58:52+00:00",
        "the token was renewed",
        "",
    ],
)
def test_mask_leaves_ordinary_texts_alone(text: str) -> None:
    assert mask(text) == text


def test_short_values_are_not_registered() -> None:
    register_secret("snovio")
    assert mask("snovio") == "snovio"


def test_mask_is_linear() -> None:
    """A long text without an address, the worst case of a naive pattern, takes no minutes."""
    began = time.perf_counter()
    mask("a" * 100_000 + "@")
    mask("a.1" * 30_000 + "@a" + ".1" * 30_000)
    assert time.perf_counter() - began < 5.0


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a handler at DEBUG level on the root logger writes while records are masked."""
    factory, root, text = logging.getLogRecordFactory(), logging.getLogger(), io.StringIO()
    level, handler = root.level, logging.StreamHandler(text)
    install()
    install()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(level)
    logging.setLogRecordFactory(factory)


class Holder:
    """An argument whose text has the secret."""

    def __str__(self) -> str:
        return f"<holder of {SECRET}>"


@pytest.mark.parametrize("name", ["httpx", "httpcore.http11", "dlt", "urllib3.connectionpool", "anything.else"])
def test_messages_and_arguments_are_masked_for_every_logger(log: io.StringIO, name: str) -> None:
    logger = logging.getLogger(name)
    logger.debug("message ann@example.com")
    logger.debug("arguments %s %r %d", SECRET, [SECRET], 7)
    logger.debug("a mapping %(who)s", {"who": "ann@example.com"})
    logger.debug("an object %s", Holder())
    logger.debug("client_%s=%s", "secret", "split")
    assert log.getvalue().splitlines() == [
        "message ***",
        "arguments *** \"['***']\" 7",
        "a mapping ***",
        "an object <holder of ***>",
        "client_secret=***",
    ]


def test_tracebacks_are_masked(log: io.StringIO) -> None:
    try:
        int(f"Bearer {SECRET}")
    except ValueError:
        logging.getLogger("dlt").exception("failed for %s", "ann@example.com")
    assert "'Bearer ***'" in log.getvalue()
    assert "failed for ***" in log.getvalue()
    assert SECRET not in log.getvalue()
    assert "ann@" not in log.getvalue()


def test_formatters_that_read_arguments_still_find_them(log: io.StringIO) -> None:
    """The access log of uvicorn takes the arguments apart instead of using the message."""
    seen: list[object] = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append(record.args)  # type: ignore[method-assign]  # the smallest handler
    logger = logging.getLogger("access")
    logger.addHandler(handler)
    logger.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", "/?emails[]=a%40example.com", "1.1", 200)
    logger.removeHandler(handler)
    assert seen == [("127.0.0.1:1", "GET", "/?emails[]=***", "1.1", 200)]
    assert "a%40" not in log.getvalue()


def test_a_wrong_call_of_a_logger_stays_logging_s_own_affair(log: io.StringIO) -> None:
    record = logging.getLogRecordFactory()("x", logging.INFO, "f", 1, "%d", ("no number",), None)
    assert record.args == ("no number",)
    assert log.getvalue() == ""


def test_import_is_light() -> None:
    """Neither dlt nor pendulum comes with the modules that talk to the API."""
    code = """
        import sys
        import sources.http
        import sources.rate_limit
        print(sorted({"dlt", "pendulum", "duckdb", "pyarrow"} & set(sys.modules)))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # our own code
    assert result.stdout == "[]\n"
