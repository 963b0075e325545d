"""The sandbox in a process of its own, with the event rows encoded before anything is measured.

Run as `python -m benchmarks.server ROWS FOLDER`: it writes the pages of the opens into the folder, prints one JSON
line that says where it listens, and serves until its stdin ends, so it never outlives who started it.
"""

import gc
import json
import sys
import time
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import orjson

from benchmarks.worlds import ACCOUNT, OPENS, opens_world
from sources.snovio.endpoints import ENDPOINTS
from tests.sandbox.answers import Answer
from tests.sandbox.client import DirectClient
from tests.sandbox.sandbox import Sandbox
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World

_PAGE: Final = 10_000
_PATH: Final = ENDPOINTS[OPENS].path


class EncodedList:
    """The rows of one list as JSON text, of which any page is a copy: offsets need not be known beforehand.

    Args:
        rows: The rows as the API shows them, in its order.
    """

    def __init__(self, rows: Iterator[Any]) -> None:
        text = bytearray()
        self._starts = array("Q", [0])
        for row in rows:
            text += orjson.dumps(row)
            text += b","
            self._starts.append(len(text))
        self._text = bytes(text)

    def __len__(self) -> int:
        """How many rows."""
        return len(self._starts) - 1

    def page(self, offset: int) -> bytes:
        """The JSON array of at most 10,000 rows from an offset on."""
        first, last = min(offset, len(self)), min(offset + _PAGE, len(self))
        text = memoryview(self._text)[self._starts[first] : max(self._starts[first], self._starts[last] - 1)]
        return b"".join((b"[", text, b"]"))


class EncodedServer(SandboxServer):
    """A sandbox that answers the pages of the opens from memory and everything else as ever.

    Args:
        world: What it shows; its opens must not move.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        client = DirectClient(Sandbox(world))
        self.opens = {
            campaign_id: EncodedList(_rows(client, campaign_id)) for campaign_id in world.account(ACCOUNT).campaigns
        }

    def answer(
        self, method: str, path: str, query: Mapping[str, str], form: Mapping[str, Any], authorization: str | None
    ) -> Answer:
        """Answers one API call."""
        found = self.opens.get(int(query["campaignId"])) if path == _PATH else None
        if found is not None and self.tokens.account_of(authorization, time.monotonic()) == ACCOUNT:
            return Answer(body=found.page(int(query.get("offset") or 0)))
        return super().answer(method, path, query, form, authorization)


def _rows(client: DirectClient, campaign_id: int) -> Iterator[Any]:
    offset = 0
    while page := client.ask("GET", _PATH, campaignId=campaign_id, offset=offset).payload:
        yield from page
        offset += len(page)


def main(rows: int, pages: Path) -> None:
    """Serves until stdin ends."""
    with EncodedServer(opens_world(rows)) as server:
        for campaign_id, found in server.opens.items():
            for offset in range(0, len(found), _PAGE):
                (pages / f"{campaign_id}_{offset:09}.json").write_bytes(found.page(offset))
        gc.freeze()
        client_id, client_secret = server.credentials(ACCOUNT)
        total = sum(map(len, server.opens.values()))
        served = {"url": server.url, "client_id": client_id, "client_secret": client_secret, "rows": total}
        sys.stdout.write(json.dumps({**served, "pages": str(pages)}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
