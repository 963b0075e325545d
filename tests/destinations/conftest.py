"""A PostgreSQL server for all tests of a process, and an empty database for each."""

from collections.abc import Iterator

import pytest

from sources.sendkit.tables import DEFAULT_TABLES as SENDKIT_TABLES
from sources.snovio.tables import DEFAULT_TABLES
from tests.command_line import CommandLine
from tests.conftest import NOW
from tests.destinations.dataset import PostgresDataset
from tests.destinations.server import Server, running
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.warehouse import OBSERVATIONS

TO_POSTGRES = ("--destination", "postgres")
CREDENTIALS = "DESTINATION__POSTGRES__CREDENTIALS"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A server, started when the first test asks for it and stopped after the last one."""
    with running() as server:
        yield server


@pytest.fixture
def database(postgres: Server, outreach: CommandLine) -> str:
    """An empty database, which the command line loads into with `--destination postgres`."""
    name = postgres.database()
    outreach.environment[CREDENTIALS] = postgres.url(name)
    return name


@pytest.fixture
def snovio(postgres: Server, database: str) -> PostgresDataset:
    """What the database holds of Snov.io."""
    return PostgresDataset(postgres.url(database), "snovio", DEFAULT_TABLES, OBSERVATIONS)


@pytest.fixture
def sendkit(postgres: Server, database: str) -> PostgresDataset:
    """What it holds of SendKit."""
    return PostgresDataset(postgres.url(database), "sendkit", SENDKIT_TABLES, frozenset({"overview"}))


@pytest.fixture
def sendkit_server(outreach: CommandLine) -> Iterator[SendkitServer]:
    """A SendKit sandbox that the command line is pointed at."""
    with SendkitServer(World(1, NOW, campaigns=3, leads=60)) as running_server:
        outreach.environment |= {
            "SOURCES__SENDKIT__BASE_URL": running_server.url,
            "SOURCES__SENDKIT__REQUESTS_PER_MINUTE": "0",
            "SOURCES__SENDKIT__API_KEY": running_server.key(),
        }
        yield running_server
        assert [violation.reason for violation in running_server.violations] == []
