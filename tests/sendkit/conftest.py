"""A SendKit sandbox and a warehouse to load it into."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import dlt
import pytest
from dlt.common.pipeline import LoadInfo

from sources.sendkit import sendkit_source
from sources.sendkit.tables import DEFAULT_TABLES
from tests.conftest import NOW
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.warehouse import RECORDS, Dataset

MakeSendkit = Callable[..., SendkitServer]


class Sendkit(Dataset):
    """A DuckDB file, loaded with SendKit the plain dlt way."""

    name = "sendkit"
    default_tables = DEFAULT_TABLES
    observations = frozenset({"overview"})

    def load(
        self, sandbox: SendkitServer, account: str = "default", tables: Sequence[str] = (), **settings: Any
    ) -> LoadInfo:
        """Loads a workspace of a sandbox once.

        Args:
            sandbox: The API.
            account: Whose rows; the workspace of that name.
            tables: Only these, and what the run says of itself; all if empty.
            **settings: Those of `sendkit_source`.
        """
        destination = dlt.destinations.duckdb(str(self.path), preferred_loader_file_format="parquet")
        pipeline = dlt.pipeline(f"sendkit_{account}", destination=destination, dataset_name=self.name)
        given = {"api_key": sandbox.key(account), "base_url": sandbox.url, "requests_per_minute": 0,
                 "account": account, **settings}  # fmt: skip
        source = sendkit_source(**given)
        with self.kept_open():
            return pipeline.run(source.with_resources(*tables, *RECORDS) if tables else source)


@pytest.fixture
def sendkit() -> Iterator[MakeSendkit]:
    """Makes sandboxes that run until the test ends; the arguments are those of `World`.

    No test may make a call that is not on the allow-list, or show a key in a URL.
    """
    running: list[SendkitServer] = []
    with ExitStack() as stack:

        def make(limits: dict[str, Any] | None = None, **world: Any) -> SendkitServer:
            server = stack.enter_context(SendkitServer(World(1, NOW, **world), **(limits or {})))
            running.append(server)
            return server

        yield make
        assert [violation.reason for one in running for violation in one.violations] == []


@pytest.fixture
def loaded(tmp_path: Path, dlt_folder: Path) -> Iterator[Sendkit]:  # noqa: ARG001  # what loads into it is dlt
    """An empty warehouse for SendKit."""
    with closing(Sendkit(tmp_path / "warehouse.duckdb")) as empty:
        yield empty
