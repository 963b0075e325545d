"""The error tree: exit codes, texts that name place and remedy, and nothing secret in them."""

import pickle

import pytest

from sources import errors
from sources.errors import (
    ApiError,
    CallNotAllowed,
    ConfigurationError,
    CredentialsRefused,
    NotFound,
    NotInPlan,
    OutreachError,
    RateLimited,
    Stopped,
    StopReason,
    Unreachable,
    WrongAnswer,
)

API_ERRORS = (ApiError, NotFound, NotInPlan, WrongAnswer, RateLimited, Unreachable)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (ConfigurationError("sources.snovio.client_id", "It is missing."), 2),
        (CredentialsRefused("no"), 4),
        (CallNotAllowed("DELETE /v2/webhooks/1"), 1),
        *((kind("emails_sent", "no"), 1) for kind in API_ERRORS),
    ],
)
def test_exit_code_follows_the_tree(error: OutreachError, exit_code: int) -> None:
    assert error.exit_code == exit_code


def test_docstring_draws_every_error() -> None:
    kinds = [
        value.__name__ for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert [kind for kind in kinds if f" {kind} " not in f"{errors.__doc__}"] == []


def test_configuration_error_names_the_key_and_the_variable() -> None:
    text = str(ConfigurationError("sources.snovio.base_url", "http:// is for loopback only."))
    assert "sources.snovio.base_url: http:// is for loopback only." in text
    assert "SOURCES__SNOVIO__BASE_URL" in text


def test_api_error_says_what_where_and_what_next() -> None:
    text = str(WrongAnswer("emails_sent", "expected a list, the API sent nothing", 200))
    assert text.startswith("emails_sent: expected a list, the API sent nothing (HTTP 200). ")
    assert "run again" in text


@pytest.mark.parametrize("kind", API_ERRORS)
def test_api_error_is_masked_and_survives_pickling(kind: type[ApiError]) -> None:
    error = kind("emails_sent", "no access for ann@example.com", 400)
    copy = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert "ann@example.com" not in str(error) + repr(error)
    assert (str(copy), copy.status) == (str(error), 400)


def test_stopped_is_no_error_of_ours() -> None:
    stopped = Stopped(StopReason.SIGTERM)
    assert not isinstance(stopped, OutreachError)
    assert str(stopped) == "stopped: SIGTERM"
