"""What can go wrong on purpose: a `Fault` names a kind of fault, an endpoint and the calls it hits.

The kinds are functions in four registries, by the moment they act: `INSTEAD` of answering, as an `EFFECT` on
tokens and credentials before the call is judged, on the `ASKED` question, or on the finished `ANSWER`.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.sandbox.answers import Answer
from tests.sandbox.calls import Call
from tests.sandbox.faults_answer import ANSWER
from tests.sandbox.faults_asked import ASKED
from tests.sandbox.faults_instead import EFFECT, INSTEAD, Surroundings
from tests.sandbox.model import EVENT_TABLES
from tests.sandbox.questions import Question

FAULTS = (*INSTEAD, *EFFECT, *ASKED, *ANSWER)
"""The name of every kind of fault."""


@dataclass(eq=False)
class Fault:
    """A fault on some calls. Without further conditions it hits every call of its endpoint.

    Attributes:
        name: One of `FAULTS`.
        endpoint: A table's name or `token`; `*` is every endpoint but `token`.
        times: Hits at most so many calls.
        every: Hits every nth of the calls that match (3: the third, sixth...).
        on_calls: Hits only these of the calls that match, counted from 1.
        probability: Hits a call by chance, drawn from `seed`.
        campaign_id: Only calls about this campaign.
        where: Any other condition.
        options: What the kind of fault takes, by name.
    """

    name: str
    endpoint: str = "*"
    times: int | None = None
    every: int = 1
    on_calls: tuple[int, ...] = ()
    probability: float = 1.0
    seed: int = 0
    campaign_id: int | None = None
    where: Callable[[Call], bool] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    matched: int = field(default=0, init=False)
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"unknown fault {self.name!r}; known: {', '.join(FAULTS)}")
        self.on_calls = tuple(self.on_calls)
        self.random = random.Random(self.seed)

    def strikes(self, call: Call) -> bool:
        """Whether this call is hit; counts it."""
        if not self._matches(call):
            return False
        self.matched += 1
        hit = (
            (self.times is None or self.hits < self.times)
            and self.matched % self.every == 0
            and (not self.on_calls or self.matched in self.on_calls)
            and self.random.random() < self.probability
        )
        self.hits += hit
        return hit

    def _matches(self, call: Call) -> bool:
        endpoint = call.endpoint != "token" if self.endpoint == "*" else call.endpoint == self.endpoint
        campaign = self.campaign_id is None or self.campaign_id == call.campaign_id
        return endpoint and campaign and (self.where is None or self.where(call))


class Faults:
    """The faults that are switched on."""

    def __init__(self) -> None:
        self._active: list[Fault] = []

    def __iter__(self) -> Iterator[Fault]:
        return iter(list(self._active))

    def add(self, fault: Fault) -> Fault:
        """Switches a fault on and returns it, to look at its `hits`."""
        self._active.append(fault)
        return fault

    def remove(self, fault: Fault) -> None:
        """Switches one fault off."""
        self._active.remove(fault)

    def clear(self) -> None:
        """Switches all faults off."""
        self._active.clear()

    def hitting(self, call: Call) -> "Hits":
        """The faults that hit this call; counts it."""
        return Hits([fault for fault in self._active if fault.strikes(call)])

    def hidden(self, name: str) -> dict[str, int]:
        """Table -> n of the active `hidden_rows` or `hidden_days`, which the truth must know."""
        return {
            table: fault.options["every"]
            for fault in self
            if fault.name == name
            for table in (EVENT_TABLES if fault.endpoint == "*" else (fault.endpoint,))
        }


@dataclass
class Hits:
    """The faults of one call, applied at the moments where they act."""

    faults: list[Fault]

    def instead(self, around: Surroundings, call: Call) -> Answer | None:
        """Applies effects, then gives the answer of the first fault that replaces the real one."""
        for fault in self.faults:
            if fault.name in EFFECT:
                EFFECT[fault.name](around, call)
        for fault in self.faults:
            if fault.name in INSTEAD:
                return INSTEAD[fault.name](around, **fault.options)
        return None

    def on_question(self, question: Question) -> None:
        """Changes what is asked or by which rules it is answered."""
        for fault in self.faults:
            if fault.name in ASKED:
                ASKED[fault.name](question, **fault.options)

    def on_answer(self, answer: Answer) -> Answer:
        """Changes the finished answer."""
        for fault in self.faults:
            if fault.name in ANSWER:
                ANSWER[fault.name](answer, fault.random, **fault.options)
        return answer
