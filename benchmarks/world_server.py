"""The sandbox in a process of its own, so that the process that measures stays small.

Run as `python -m benchmarks.world_server KIND SIZE`: it prints one JSON line that says where it listens and which
accounts it has, and serves until its stdin ends. It is moved through the sandbox's control port.
"""

import gc
import json
import sys
from collections.abc import Callable, Mapping
from typing import Final

from benchmarks.worlds import ACCOUNT, accounts_world, running, still_world
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World

_FURTHER: Final = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_CAMPAIGNS: Final = 12

WORLDS: Final[Mapping[str, Callable[[int], World]]] = {
    "accounts": lambda size: accounts_world((ACCOUNT, *_FURTHER[: size - 1])),
    "campaigns": still_world,
    "events": lambda size: still_world(_CAMPAIGNS, size),
}
"""By what grows: the world of a size."""


def main(kind: str, size: int) -> None:
    """Serves until stdin ends."""
    world = WORLDS[kind](size)
    with SandboxServer(world) as server:
        gc.freeze()
        accounts = {name: server.credentials(name) for name in world.accounts}
        told = {"url": server.url, "accounts": accounts, "running": running(world)}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
