"""The error tree: what the operator must do about each.

    Exception
    ├── OutreachError              exit 1   something went wrong
    │   ├── ConfigurationError     exit 2   set the key that the message names
    │   ├── CredentialsRefused     exit 4   put working credentials in place
    │   ├── CallNotAllowed         exit 1   a bug of ours: the call was not sent
    │   └── CannotBeRead           exit 1   a table, campaign or list; the others can be
    │       └── ApiError                    one call failed for good; names the endpoint
    │           ├── NotFound                404: the campaign or list is gone
    │           ├── NotInPlan               402, 403: the plan lacks this method
    │           ├── WrongAnswer             an answer that is not what the endpoint documents
    │           ├── RateLimited             429 more often than a run accepts
    │           └── Unreachable             network errors or 5xx to the last retry
    └── Stopped                             nothing went wrong: the run must end now

Every text is masked where it enters an error, so that an error may be printed, logged and stored as it is.
"""

from enum import Enum
from typing import ClassVar

from sources.redaction import mask


class OutreachError(Exception):
    """Base of everything that can go wrong here.

    Attributes:
        exit_code: What the command line exits with when this error ends it.
    """

    exit_code: ClassVar[int] = 1


class ConfigurationError(OutreachError):
    """A setting is missing or wrong.

    Args:
        key: The setting's name in dlt's configuration, such as `sources.snovio.base_url`.
        problem: What is wrong with it, and what would be right.
    """

    exit_code = 2

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(key, mask(problem))
        self.key = key

    @property
    def environment(self) -> str:
        """The environment variable that sets the key, by dlt's rule."""
        return self.key.upper().replace(".", "__")

    def __str__(self) -> str:
        return f"{self.key}: {self.args[1]} Set it in .dlt/config.toml, .dlt/secrets.toml or as {self.environment}."


class CredentialsRefused(OutreachError):
    """The API does not accept the credentials; asking again with the same ones is pointless."""

    exit_code = 4

    def __init__(self, message: str) -> None:
        super().__init__(mask(message))


class CallNotAllowed(OutreachError):
    """A call that is not on the allow-list was about to leave: a bug, and it was not sent."""

    def __init__(self, message: str) -> None:
        super().__init__(mask(message))


class CannotBeRead(OutreachError):
    """A table, a campaign or a list cannot be read now; what was handed on before is right."""


class ApiError(CannotBeRead):
    """One call failed for good.

    Args:
        endpoint: The endpoint by its table's name, such as `emails_sent`.
        message: What the API said or what happened; it is masked here.
        status: The HTTP status, or None when there was no answer.
    """

    advice: ClassVar[str] = ""

    def __init__(self, endpoint: str, message: str, status: int | None = None) -> None:
        super().__init__(endpoint, mask(message), status)
        self.endpoint = endpoint
        self.message: str = self.args[1]
        self.status = status

    def __str__(self) -> str:
        status = "" if self.status is None else f" (HTTP {self.status})"
        return f"{self.endpoint}: {self.message.rstrip('.')}{status}. {self.advice}".rstrip()


class NotFound(ApiError):
    """The campaign, list or pipeline that was asked for is gone, or the account does not have this endpoint."""

    advice = "It was probably deleted since it was listed; the next run settles it."


class NotInPlan(ApiError):
    """The account's plan or balance does not include this method."""

    advice = "Leave the table out with --exclude, or change the plan."


class WrongAnswer(ApiError):
    """The API answered, but not with what the endpoint documents."""

    advice = "Nothing of this answer was loaded; run again, and report it when it stays."


class RateLimited(ApiError):
    """The API answered 429 more often than one run accepts."""

    advice = (
        "Something else uses the same account or address. Wait for the block to end, then run again with a lower"
        " requests_per_minute."
    )


class Unreachable(ApiError):
    """The API could not be reached, or failed on its side, to the last retry."""

    advice = "Check the network and the API's status, then run again."


class StopReason(Enum):
    """Why a run must end now although nothing went wrong."""

    SIGTERM = "SIGTERM"
    SIGINT = "SIGINT"
    MAX_REQUESTS = "max_requests"
    MAX_MINUTES = "max_minutes"


class Stopped(Exception):
    """The run must end now; what was read so far is good. Not an error, so no `OutreachError` either.

    Args:
        reason: What ends it.
    """

    def __init__(self, reason: StopReason) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return f"stopped: {self.reason.value}"
