"""What loads cost in calls, as the sandbox counts them: a first one, a quiet one, one after some campaigns moved."""

import json
import logging
import random
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from benchmarks.options import Options
from benchmarks.outreach import Outreach
from benchmarks.worlds import ACCOUNT, RUNNING_OF, running, still_world
from sources.snovio.endpoints import ENDPOINTS
from sources.snovio.tables import TABLES
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World
from tests.warehouse import Warehouse

logger = logging.getLogger(__name__)

_CAMPAIGNS: Final = 300
_RUNNING: Final = _CAMPAIGNS // RUNNING_OF
_MOVED: Final = 20
_NEW_ROWS: Final = 3
_HOUR: Final = 3_600
_UNKNOWN_COMMAND: Final = 2


class WrongCount(RuntimeError):
    """The load and the sandbox do not agree; the figures would mean nothing."""


def run(_: Options) -> dict[str, Any]:
    """Loads from a server of 300 campaigns, 60 of them running; calls do not vary, so once is enough.

    The last event is older than the day of the first two loads.
    """
    world = still_world(_CAMPAIGNS)
    steps: tuple[tuple[str, Callable[[World], None]], ...] = (
        ("first", lambda _: None),
        ("nothing new", lambda _: None),
        (f"{_MOVED} of {_CAMPAIGNS} campaigns moved", _move),
        ("nothing new on a day with events", lambda _: None),
        (f"{_MOVED} moved again", _move),
    )
    with SandboxServer(world) as server, tempfile.TemporaryDirectory(prefix="outreach-bench-") as folder:
        outreach = Outreach(Path(folder), server.url, *server.credentials(ACCOUNT))
        loads = []
        for name, move in steps:
            with server.lock:
                move(world)
            loads.append({"load": name, **_load(outreach, server)})
            logger.info("%s: %d calls, %.1f s", name, loads[-1]["calls"], loads[-1]["seconds"])
    return {"campaigns": _CAMPAIGNS, "running": _RUNNING, "blind": blind(_CAMPAIGNS), "loads": loads}


def blind(campaigns: int) -> int:
    """What a load costs that asks every endpoint of the default tables once: for each campaign where it is about one.

    It is less than a load can do without knowing what moved: lists, pipelines and further pages count once, the
    token not at all.
    """
    documented = {f"{method} {path.replace('{}', '{id}')}" for method, path in ENDPOINTS.values()}
    asked = {table.endpoint: "campaign_id" in table.key for table in TABLES.values() if table.default}
    return sum(campaigns if each else 1 for endpoint, each in asked.items() if endpoint in documented)


def _move(world: World) -> None:
    """An hour passes, and some campaigns send and are opened."""
    world.advance(_HOUR)
    for campaign_id in random.Random(_MOVED).sample(running(world), _MOVED):  # noqa: S311  # which ones is no secret
        for table in ("emails_sent", "email_opens"):
            world.add_events(ACCOUNT, table, campaign_id, _NEW_ROWS)


def _load(outreach: Outreach, server: SandboxServer) -> dict[str, Any]:
    """One load, what was planned for it, and whether it left what the sandbox shows."""
    planned = _planned(outreach)
    server.reset_counts()
    _, account = outreach.load()
    calls = server.calls.total()
    if calls != account["calls"] or server.violations:
        raise WrongCount(f"the sandbox counted {calls} calls, the load {account['calls']}; {server.violations}")
    with closing(Warehouse(outreach.warehouse)) as warehouse:
        if wrong := warehouse.differences(server):
            raise WrongCount(f"the warehouse differs: {wrong}")
    return {"calls": calls, "by_endpoint": server.calls, "seconds": account["seconds"], **planned}


def _planned(outreach: Outreach) -> dict[str, int | None]:
    """The least and the most calls that `outreach plan` foresees; none, if there is no such command."""
    found = outreach.run("plan", "snovio", "--json", codes=(0, _UNKNOWN_COMMAND))
    plan = json.loads(found.output) if found.code == 0 else {}
    return {"least": plan.get("least"), "most": plan.get("most")}


def tables(result: dict[str, Any]) -> Iterable[Table]:
    """One grid."""
    table = Table(
        title=f"calls of a load, {result['campaigns']} campaigns, {result['running']} running",
        title_justify="left",
    )
    table.add_column("load")
    for column in ("calls", "planned least", "most", "blind", "share of blind", "seconds"):
        table.add_column(column, justify="right")
    for load in result["loads"]:
        planned = ["" if load[bound] is None else f"{load[bound]:,}" for bound in ("least", "most")]
        share = f"{load['calls'] / result['blind']:.1%}"
        table.add_row(
            load["load"], f"{load['calls']:,}", *planned, f"{result['blind']:,}", share, f"{load['seconds']:.1f}"
        )
    yield table
