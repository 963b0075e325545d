"""A call on its way to an answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.sandbox.calls import Call
from tests.sandbox.model import Account, Campaign
from tests.sandbox.rules import Rules


@dataclass
class Question:
    """A call that may be answered: of whom, with which parameters, under which rules.

    Attributes:
        call: The call as it arrived.
        account: The account of its token.
        rules: How to answer; a fault may have changed them for this call.
        parameters: The call's parameters; a fault may have changed them.
        today: The UTC day of the world.
        number: Counts all calls, so that unstable ids differ between any two.
    """

    call: Call
    account: Account
    rules: Rules
    parameters: dict[str, Any]
    today: date
    number: int

    def campaign(self) -> Campaign | None:
        """The campaign asked for, if it exists."""
        return self.account.campaigns.get(self.call.campaign_id or 0)

    def number_of(self, name: str, default: int) -> int:
        """A whole-number parameter; an absent or empty one is `default`.

        Raises:
            ValueError: It is not a whole number of 0 or more.
        """
        value = str(self.parameters.get(name) or default)
        if not value.isdecimal():
            raise ValueError(f"{name} is not a number: {value}")
        return int(value)

    def day(self, name: str) -> date:
        """A required `yyyy-mm-dd` parameter.

        Raises:
            ValueError: It is absent or no day.
        """
        return date.fromisoformat(str(self.parameters.get(name)))

    def texts(self, name: str) -> set[str]:
        """The parts of a comma list; none when it is absent."""
        return {part for part in str(self.parameters.get(name) or "").split(",") if part}

    @property
    def salt(self) -> str:
        """Goes into the ids of event rows."""
        return f"call {self.number}" if self.rules.unstable_ids else ""
