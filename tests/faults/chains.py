"""Loads of one warehouse that are killed again and again while the world moves, and what they must come to.

A chain goes in rounds: the world moves, a load is killed, and again; the next one is let be, and then the tables must
hold what the API shows. In every other round the last load reads only what is new, and the world's moves are those
that it must see then; in the others it reads everything again, and anything may have moved.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from sources.snovio.tables import DEFAULT_TABLES, TABLES
from tests.command_line import CommandLine
from tests.faults import history
from tests.faults.moves import move_in_sight
from tests.faults.phases import ANY_TIME, PHASES, Death
from tests.faults.processes import KILLED, Ended, Loads
from tests.sandbox.server import SandboxServer
from tests.sandbox.truth_events import UNSTABLE_COLUMNS
from tests.warehouse import Warehouse

MODES: Final[Mapping[str, Sequence[str]]] = {
    "a day replaced": ("emails_sent", "email_opens", "recipient_activity"),
    "a list or campaign replaced": (
        "list_prospects", "list_prospect_emails", "email_replies", "campaign_replies", "campaign_reply_messages",
    ),
    "counters replaced": ("campaign_analytics", "campaign_totals"),
    "history of the account": ("campaigns", "prospect_lists", "custom_fields", "sender_accounts"),
    "history of a campaign": ("campaign_details", "campaign_steps", "completed_prospects", "emails_sent"),
    "observations": ("emails_sent", "account_balance", "campaign_progress"),
    "all together": DEFAULT_TABLES,
}  # fmt: skip
"""By the way in which tables are written: the tables that a chain loads, and those that tell what moved."""

INSTANTS: Final = (*PHASES, ANY_TIME)
SWEEP: Final = "--full-refresh"
_ROWS_A_SLICE: Final = 100
_LONGEST_DELAY: Final = 0.03
_MAY_STAY: Final = UNSTABLE_COLUMNS | {"date_to"}
"""Columns that a load leaves where nothing else moved: ids, and the day on which totals were asked for."""
_FEW: Final = 2
"""Events that every phase has."""


@dataclass(slots=True)
class Kill:
    """A load that was to be killed.

    Args:
        mode: One of `MODES`.
        death: When.
        happened: Whether it was; if not, it was over before.
        again: Whether the load before it was killed too, so that its package was still there.
    """

    mode: str
    death: Death
    happened: bool
    again: bool


@dataclass(slots=True)
class Chain:
    """One warehouse and its world.

    Args:
        mode: One of `MODES`.
        seed: Decides the moves and the instants.
        server: The API.
        outreach: The command line.
        loads: Starts the loads.
        kills: Those so far.
        wrong: What was found wrong after a load that was let be.
    """

    mode: str
    seed: int
    server: SandboxServer
    outreach: CommandLine
    loads: Loads
    kills: list[Kill] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    _round: int = 0
    _usual: dict[bool, Ended] = field(default_factory=dict)
    _history: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    _rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._rng = random.Random(f"{self.mode}/{self.seed}")

    def round(self, instants: Sequence[str]) -> None:
        """Have a load killed at each of some instants while the world moves, and one more end in peace.

        Args:
            instants: Some of `INSTANTS`.
        """
        sweeps = bool(self._round % 2)
        for place, instant in enumerate(instants):
            self._move(sweeps=sweeps)
            all_again = sweeps and self._rng.random() < 0.5
            death = self._death(instant, self._usual.get(all_again))
            ended = self._load(death, sweeps=all_again)
            self.kills.append(Kill(self.mode, death, ended.code == KILLED, bool(place)))
            if ended.code not in {KILLED, 0}:
                self.wrong.append(f"{self._where()}: exit {ended.code} of a load that {death} did not kill")
        self._move(sweeps=sweeps)
        self._usual[sweeps] = self._load(sweeps=sweeps)
        self._check(self._usual[sweeps], exactly=sweeps)
        self._round += 1

    def _move(self, *, sweeps: bool) -> None:
        with self.server.lock:
            if sweeps:
                self.server.world.move(self._rng)
            move_in_sight(self.server.world, self._rng)

    def _death(self, instant: str, usual: Ended | None) -> Death:
        """An instant of a phase; of another one, if such a load has none of this."""
        delay = self._rng.choice((0.0, self._rng.uniform(0, _LONGEST_DELAY)))
        if instant == ANY_TIME:
            return Death(instant, 0, self._rng.uniform(0, usual.seconds if usual else 1))
        if usual is not None and instant not in usual.events:
            instant = self._rng.choice(list(usual.events))
        return Death(instant, self._rng.randint(1, usual.events[instant] if usual else _FEW), delay)

    def _load(self, death: Death | None = None, *, sweeps: bool) -> Ended:
        selected = ("--select", ",".join(MODES[self.mode]))
        options = [SWEEP] if sweeps else []
        return self.loads.run(self.outreach, (*selected, *options), death, _ROWS_A_SLICE)

    def _check(self, last: Ended, *, exactly: bool) -> None:
        if last.code:
            self.wrong.append(f"{self._where()}: exit {last.code}\n{last.output}")
            return
        warehouse = self.outreach.warehouse
        try:
            self.wrong += [f"{self._where()}: {line}" for line in self._found(warehouse, exactly=exactly)]
        finally:
            warehouse.close()

    def _found(self, warehouse: Warehouse, *, exactly: bool) -> Iterator[str]:
        ignored = () if exactly else _MAY_STAY
        for table, lines in warehouse.differences(self.server, ignore=ignored, tables=MODES[self.mode]).items():
            yield f"{table}: {'; '.join(lines)}"
        versions = history.versions(warehouse)
        yield from history.wrong_in(versions)
        yield from history.lost_from(self._history, versions)
        self._history = versions
        for table in {*MODES[self.mode], "sync_runs", "rejected_rows"}.difference(versions):
            yield from doubled(warehouse, table)

    def _where(self) -> str:
        deaths = [tuple(kill.death) for kill in self.kills[-3:]]
        return f"{self.mode}, seed {self.seed}, round {self._round}, after {deaths}"


def doubled(warehouse: Warehouse, table: str) -> Iterator[str]:
    """Rows of a table without history that have one key."""
    key = ", ".join(("account", *TABLES[table].key))
    query = f"SELECT {key}, count(*) AS copies FROM {table} GROUP BY ALL HAVING copies > 1"  # noqa: S608  # our names
    yield from (f"{table}: {row} is there {row['copies']} times" for row in warehouse.query(query))


def project_in(folder: Path) -> CommandLine:
    """A command line with a project folder of its own."""
    project, elsewhere = folder / "project", folder / "elsewhere"
    (project / ".dlt").mkdir(parents=True)
    elsewhere.mkdir()
    (project / ".dlt" / "config.toml").write_text("")
    return CommandLine(project, elsewhere, folder / "dlt", {"RUNTIME__DLTHUB_TELEMETRY": "false"})
