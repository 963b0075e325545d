"""A warehouse with marts, built once for all tests of the page, and larger and odder ones made of it."""

import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, Page, sync_playwright

from pipelines import marts_build
from pipelines.dashboard.marts import Marts
from tests.command_line import CommandLine
from tests.conftest import NOW
from tests.pipelines.parsed_once import ParsedOnce
from tests.sandbox.sendkit.server import SendkitServer
from tests.sandbox.sendkit.world import World
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world

ACCOUNTS = ("north", "south")
TABLES = "campaigns,emails_sent,email_opens,email_clicks,email_replies,recipient_activity,sender_accounts,warmups"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A DuckDB file with two accounts of Snov.io, one of SendKit, and their marts; made by the first who asks."""
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own  # the parent outlives a run of one process
    file = shared / "marts-of-the-dashboard.duckdb"
    with FileLock(f"{file}.lock"):
        if not file.exists():
            made = _build(tmp_path_factory.mktemp("built"))
            shutil.copy(made, file)
    return file


def _build(folder: Path) -> Path:
    for name in ("project/.dlt", "elsewhere"):
        (folder / name).mkdir(parents=True)
    (folder / "project" / ".dlt" / "config.toml").touch()
    outreach = CommandLine(folder / "project", folder / "elsewhere", folder / "dlt")
    world = build_world(seed=1, now=NOW, campaigns=5, scale=0.4, accounts=ACCOUNTS)
    with SandboxServer(world) as snovio, SendkitServer(World(1, NOW)) as sendkit:
        outreach.use(snovio, *ACCOUNTS)
        outreach.environment |= {
            "SOURCES__SENDKIT__BASE_URL": sendkit.url,
            "SOURCES__SENDKIT__API_KEY": sendkit.key(),
            "SOURCES__SENDKIT__REQUESTS_PER_MINUTE": "0",
        }
        outreach.run("load", "snovio", "--account", "all", "--select", TABLES)
        outreach.run("load", "sendkit", "--select", "campaigns,campaign_analytics,campaign_daily_analytics")
    untested = partial(marts_build.build, tested=False)
    with patch.multiple(marts_build, build=untested, dbtRunner=ParsedOnce):
        outreach.run("marts")
    return outreach.project / "outreach.duckdb"


@pytest.fixture
def warehouse_file(built: Path, tmp_path: Path) -> Path:
    """A copy of it that a test may change."""
    return Path(shutil.copy(built, tmp_path / "outreach.duckdb"))


@pytest.fixture
def marts(built: Path) -> Marts:
    """Its marts, read as a published copy."""
    return marts_of(built)


def marts_of(file: Path) -> Marts:
    """The marts of a file."""
    return Marts(file.parent, "duckdb", "marts", file)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),  # None: that of Playwright
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield found
        found.close()


@pytest.fixture
def tab(browser: Browser) -> Iterator[Page]:
    """An empty page of a laptop's width; whatever goes wrong in it fails the test."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
    yield page
    page.close()
    assert wrong == []
