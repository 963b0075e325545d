"""The sandbox itself, without HTTP: it judges a call, answers it and remembers it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from tests.sandbox import endpoints
from tests.sandbox.answers import Answer, not_found, rate_limited, unauthorized
from tests.sandbox.calls import UNKNOWN, Call, CallLog, Violation, endpoint_of
from tests.sandbox.faults import Faults
from tests.sandbox.limits import RateLimits, Tokens
from tests.sandbox.questions import Question
from tests.sandbox.truth import Tables, truth
from tests.sandbox.world import World

Step = Callable[[Call, World], None]


class Sandbox:
    """A world behind an API.

    Args:
        world: What it shows; may be moved at any time under `lock`.
        calls_per_minute: The limit over all calls, the token's included; None = no limit.
        block_seconds: How long a breach blocks; a call inside the block prolongs it.
        time_scale: With 60 a minute lasts a second, for the window and the block.
        limit_each: Whether each account has the limit and the block to itself.
    """

    def __init__(
        self,
        world: World,
        calls_per_minute: int | None = None,
        block_seconds: float = 300.0,
        time_scale: float = 1.0,
        *,
        limit_each: bool = False,
    ) -> None:
        self.world = world
        self.lock = threading.RLock()
        self.faults = Faults()
        self.limits = RateLimits(calls_per_minute, block_seconds, time_scale, each=limit_each)
        self.tokens = Tokens()
        self.port = 0
        self.other_url = ""
        self.strangers: list[Mapping[str, str]] = []
        """Headers of every call that reached the other host, to see whether they carry a token."""
        self._record = CallLog()
        self._steps: list[Step] = []
        self._revoked: set[str] = set()
        self._answered = 0
        self._began = time.monotonic()

    @property
    def clock(self) -> datetime:
        """The server's clock (`Date` of every answer): the world's, running on from when the sandbox was made."""
        return self.world.now + timedelta(seconds=time.monotonic() - self._began)

    @property
    def calls(self) -> Counter[str]:
        """Calls by endpoint, the refused ones included."""
        return self._record.calls

    @property
    def log(self) -> list[Call]:
        """Every call, oldest first."""
        return self._record.log

    @property
    def violations(self) -> list[Violation]:
        """Calls that a read-only client must never make, each with the reason."""
        return self._record.violations

    @property
    def rate_limited(self) -> int:
        """How many calls the rate limit refused."""
        return self.limits.rate_limited

    @property
    def token_lifetime(self) -> float:
        """Seconds a new token holds."""
        return self.tokens.lifetime

    @token_lifetime.setter
    def token_lifetime(self, seconds: float) -> None:
        self.tokens.lifetime = seconds

    def most_calls_in_a_window(self, account: str | None = None) -> int:
        """The highest number of calls in any sliding minute (a scaled one), refused and token calls included.

        Args:
            account: Whose calls alone; a token call that was refused is nobody's.
        """
        with self.lock:
            return self._record.most_in(self.limits.window, account)

    def credentials(self, account: str = "default") -> tuple[str, str]:
        """Client id and secret of an account."""
        owner = self.world.account(account)
        return owner.client_id, owner.client_secret

    def truth(self, account: str = "default", only: Collection[str] = ()) -> Tables:
        """Table -> the rows a warehouse must hold of an account, now; `only` of these tables if any is named."""
        with self.lock:
            rules = self.world.copy_rules(
                hidden={**self.world.hidden, **self.faults.hidden("hidden_rows")},
                hidden_days={**self.world.hidden_days, **self.faults.hidden("hidden_days")},
            )
            return truth(self.world.account(account), rules, self.world.now.date(), only)

    def true_rows(self, table: str, account: str = "default") -> list[dict[str, Any]]:
        """The rows a warehouse must hold of one table of an account, now."""
        return self.truth(account, (table,))[table]

    def before_each_call(self, step: Step) -> Callable[[], None]:
        """Runs `step(call, world)` under the lock before every API call is answered; returns its remover."""
        with self.lock:
            self._steps.append(step)
        return lambda: self._steps.remove(step)

    def expire_tokens(self) -> None:
        """Ends every token now."""
        self.tokens.expire()

    def revoke_secret(self, account: str | None = "default") -> None:
        """Makes the credentials of an account (None: of all) wrong and ends all tokens."""
        self._revoked.update(self.world.accounts if account is None else (account,))
        self.tokens.expire()

    def restore_secret(self, account: str = "default") -> None:
        """Makes revoked credentials right again."""
        self._revoked.discard(account)

    def reset_counts(self) -> None:
        """Forgets all calls, violations and the rate limit's window and block."""
        with self.lock:
            self._record = CallLog()
            self.strangers.clear()
            self.limits.clear()

    def answer(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        form: Mapping[str, Any],
        authorization: str | None,
    ) -> Answer:
        """Answers one API call and records it.

        Args:
            method: HTTP verb.
            path: Path without query.
            query: Query parameters.
            form: Parameters of a form or JSON body.
            authorization: The header, if there is one.
        """
        at = time.monotonic()
        with self.lock:
            endpoint, ids = endpoint_of(method, path)
            holder = self.tokens.account_of(authorization, at)
            call = Call(at, endpoint, method, path, query, form, ids, holder)
            secrets = [account.client_secret for account in self.world.accounts.values()]
            self._record.add(call, self.tokens.issued, secrets)
            for step in list(self._steps):
                step(call, self.world)
            answer = self._judged(call, authorization)
            call.status = answer.status
            return answer

    def _judged(self, call: Call, authorization: str | None) -> Answer:
        if not self.limits.admits(call.at, call.account or self._client(call)):
            return rate_limited()
        hits = self.faults.hitting(call)
        replaced = hits.instead(self, call)
        if replaced is not None:
            return replaced
        if call.endpoint == "token":
            return hits.on_answer(self._token(call))
        account = self.tokens.account_of(authorization, call.at)
        if account is None:
            return unauthorized()
        if call.endpoint == UNKNOWN:
            return not_found()
        self._answered += 1
        rules = self.world.copy_rules()
        question = Question(
            call, self.world.account(account), rules, call.parameters, self.world.now.date(), self._answered
        )
        hits.on_question(question)
        return hits.on_answer(endpoints.answer(question))

    def _client(self, call: Call) -> str | None:
        """The account that asks for a token, right or wrong as its secret may be."""
        clients = {account.client_id: account.name for account in self.world.accounts.values()}
        return clients.get(str(call.form.get("client_id")))

    def _token(self, call: Call) -> Answer:
        """OAuth client credentials, as a form or as JSON."""
        for account in self.world.accounts.values():
            right = (account.client_id, account.client_secret)
            given = (call.form.get("client_id"), call.form.get("client_secret"))
            if given == right and account.name not in self._revoked:
                call.account = account.name
                break
        else:
            return Answer({"error": "invalid_client", "message": "Client authentication failed"}, 401)
        if call.form.get("grant_type") != "client_credentials":
            return Answer({"error": "unsupported_grant_type", "message": "Unsupported grant type"}, 400)
        return Answer(
            {
                "access_token": self.tokens.issue(account.name, call.at),
                "token_type": "Bearer",
                "expires_in": int(self.tokens.lifetime),
            }
        )
