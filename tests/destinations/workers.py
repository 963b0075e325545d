"""Workers that take accounts from one queue and load them at once, as those of a scheduler do."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from tests.command_line import CommandLine
from tests.conftest import NOW
from tests.faults.phases import Death
from tests.faults.processes import KILLED, Ended, Loads
from tests.sandbox.canary import CANARY
from tests.sandbox.seed_account import seed_account
from tests.sandbox.world import World

_CAMPAIGNS = 2
_SIZE = 0.2
_PROSPECTS = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """A load of an account by a worker.

    Args:
        account: The account.
        worker: The worker's number.
        ended: How it ended.
    """

    account: str
    worker: int
    ended: Ended


def small_accounts(accounts: Sequence[str]) -> World:
    """A world of small accounts, of which each pair has campaigns, lists and people with the same ids and names.

    What they sent differs, so that a row of one that came to the other is seen.
    """
    world = World(1, NOW)
    for place, name in enumerate(accounts):
        twin = accounts[place - place % 2]
        account = seed_account(1, twin, world.now_seconds, _CAMPAIGNS, 1.0, _SIZE, world.serials())
        for found in account.lists.values():
            del found.prospects[_PROSPECTS:]
        client_id, client_secret = f"client of {name}", f"{CANARY}secret of {name}"
        world.accounts[name] = replace(account, name=name, client_id=client_id, client_secret=client_secret)
        move(world, name, place + 1)
    return world


def move(world: World, account: str, events: int) -> None:
    """Have the campaigns of an account that run send so many e-mails, and have these opened."""
    for campaign in world.account(account).campaigns.values():
        if campaign.started_at is not None:
            for table in ("emails_sent", "email_opens"):
                world.add_events(account, table, campaign.id, events)


def load_at_once(
    workers: Sequence[Loads],
    machines: Sequence[CommandLine],
    accounts: Sequence[str],
    arguments: Sequence[str],
    deaths: Mapping[str, Death],
    window_seconds: float,
) -> list[Turn]:
    """Load every account, each by the next worker that is free; return the loads in the order in which they ended.

    A worker whose load is killed is gone; the account is the next one that another takes, as when a scheduler tries
    again.

    Args:
        workers: The workers.
        machines: The command line of each worker.
        accounts: The accounts, in the order of the queue.
        arguments: Those of each load, `--account` aside.
        deaths: Accounts whose first load kills itself, and when.
        window_seconds: The window of the rate limit.
    """
    waiting, dying, turns = deque(accounts), dict(deaths), list[Turn]()

    def work(worker: int) -> None:
        for account in iter(_next_of(waiting), None):
            loaded = ("--account", account, *arguments)
            death = dying.pop(account, None)
            ended = workers[worker].run(machines[worker], loaded, death, window_seconds=window_seconds)
            turns.append(Turn(account, worker, ended))
            if ended.code == KILLED:
                waiting.appendleft(account)
                return

    with ThreadPoolExecutor(len(workers)) as pool:
        list(pool.map(work, range(len(workers))))
    return turns


def _next_of(waiting: deque[str]) -> Callable[[], str | None]:
    return lambda: waiting.popleft() if waiting else None
