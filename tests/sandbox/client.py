"""A bare client for tests of the sandbox itself: no retries, no limits, no HTTP unless asked."""

from typing import Any

import orjson

from tests.sandbox.answers import Answer
from tests.sandbox.sandbox import Sandbox


class DirectClient:
    """Asks a sandbox without the wire, with a token of its own.

    Args:
        sandbox: Whom to ask.
        account: Whose token to get.
    """

    def __init__(self, sandbox: Sandbox, account: str = "default") -> None:
        self._sandbox = sandbox
        self._account = account
        self.renew()

    def renew(self) -> Answer:
        """Gets a token through the token endpoint; keeps the old one when refused."""
        client_id, client_secret = self._sandbox.credentials(self._account)
        answer = self.ask(
            "POST",
            "/v1/oauth/access_token",
            {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret},
        )
        if answer.status == 200 and isinstance(answer.payload, dict):
            self.token = answer.payload["access_token"]
        return answer

    def ask(self, method: str, path: str, form: dict[str, Any] | None = None, **query: Any) -> Answer:
        """One call; the answer as it would be sent."""
        texts = {name: value if isinstance(value, list) else str(value) for name, value in query.items()}
        authorization = f"Bearer {self.token}" if hasattr(self, "token") else None
        return self._sandbox.answer(method, path, texts, form or {}, authorization)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET that must succeed."""
        return _json(self.ask("GET", path, **query))

    def post(self, path: str, **form: Any) -> Any:
        """The JSON of a POST that must succeed."""
        return _json(self.ask("POST", path, form))


def _json(answer: Answer) -> Any:
    if answer.status != 200:
        raise AssertionError(f"{answer.status}: {answer.encoded()[:200]!r}")
    return orjson.loads(answer.encoded())
