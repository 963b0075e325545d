"""What every test may use: dlt in a folder of its own, sandboxes, and a warehouse."""

import logging
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import certifi
import pytest
from dlt.common import validation
from dlt.common.configuration.container import Container
from dlt.common.configuration.providers import environ
from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext
from dlt.common.pipeline import PipelineContext
from dlt.extract import extract
from hypothesis import settings

from tests.canaries import _no_canary_got_out, pytest_runtest_logreport  # noqa: F401  # found here by pytest
from tests.command_line import CommandLine
from tests.properties import QUICK
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import build_world
from tests.warehouse import Warehouse

NOW = datetime(2025, 6, 18, 15, tzinfo=UTC)
"""The clock of the worlds of the tests: in the past of any runner, far from midnight."""

MakeSandbox = Callable[..., SandboxServer]

settings.register_profile("quick", max_examples=QUICK)


@pytest.fixture(autouse=True, scope="session")
def _dlt_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps dlt out of the checkout and of the home folder, whatever a test does."""
    with pytest.MonkeyPatch.context() as patch:
        _point_dlt_at(tmp_path_factory.mktemp("dlt"), patch)
        yield


@pytest.fixture(autouse=True, scope="session")
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Spares each client the reading of all certificates of the world: no test leaves the machine."""
    file = tmp_path_factory.mktemp("certificates") / "one.pem"
    first, end, _ = Path(certifi.where()).read_text(encoding="utf-8").partition("-----END CERTIFICATE-----\n")
    file.write_text(first + end, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(file))
        yield


@pytest.fixture(autouse=True, scope="session")
def _dlt_remembers() -> Iterator[None]:
    """Spares each load half of its time: what dlt reads from its own type hints, again and again, never changes.

    The hints of resources go into dlt's trace as YAML, which is written in C here. Processes of their own have dlt
    as it is.
    """
    hints_of = cache(partial(_hints, vars(validation)["get_type_hints"]))
    yaml = vars(extract)["yaml"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "get_type_hints", lambda spec, **_: hints_of(spec))
        patch.setattr(environ, "is_secret_hint", cache(vars(environ)["is_secret_hint"]))
        patch.setattr(extract, "yaml", SimpleNamespace(dump=partial(yaml.dump, Dumper=yaml.CDumper)))
        yield


def _hints(read: Callable[..., dict[str, Any]], spec: type) -> dict[str, Any]:
    return read(spec, globalns=vars(sys.modules[spec.__module__]))


@pytest.fixture(autouse=True)
def _dlt_put_away() -> Iterator[None]:
    """Leaves no active pipeline and no logger of dlt's to the next test."""
    yield
    Container()[PipelineContext].deactivate()
    _forget_logging("dlt")


@pytest.fixture
def dlt_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keeps dlt's state and configuration of this test apart from other tests'."""
    return _point_dlt_at(tmp_path, monkeypatch)


def _point_dlt_at(folder: Path, patch: pytest.MonkeyPatch) -> Path:
    project, data = folder / "project", folder / "dlt"
    project.mkdir()
    patch.setenv("DLT_PROJECT_DIR", str(project))
    patch.setenv("DLT_LOCAL_DIR", str(project))
    patch.setenv("DLT_DATA_DIR", str(data))
    patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    patch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    patch.setenv("EXTRACT__FUTURES_POLL_INTERVAL", "0.001")  # as the command line has it
    Container()[PluggableRunContext].reload_providers()
    return data


def _forget_logging(name: str) -> None:
    """Undoes what dlt does to its logger when a pipeline is made; its handler holds this test's stderr."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.setLevel(logging.NOTSET)
    logger.propagate = True


@pytest.fixture
def sandbox() -> Iterator[MakeSandbox]:
    """Makes sandboxes that run until the test ends; the arguments are those of `build_world`, for a small world.

    No test may make a call that is not on the allow-list, or show a token in a URL.
    """
    running: list[SandboxServer] = []
    with ExitStack() as stack:

        def make(*, most_prospects: int = 50, **world: Any) -> SandboxServer:
            arguments = {"seed": 1, "now": NOW, "campaigns": 8, "scale": 0.15, **world}
            built = pickle.loads(_world(most_prospects, **arguments))  # noqa: S301  # our own, a moment ago
            server = stack.enter_context(SandboxServer(built))
            running.append(server)
            return server

        yield make
        assert [violation.reason for one in running for violation in one.violations] == []


@cache
def _world(most_prospects: int, **arguments: Any) -> bytes:
    """A world, pickled: to read it takes a fifth of what it takes to build one, and no test sees another's."""
    world = build_world(**arguments)
    for account in world.accounts.values():
        for found in account.lists.values():
            del found.prospects[most_prospects:]
    return pickle.dumps(world)


@pytest.fixture
def warehouse(tmp_path: Path, dlt_folder: Path) -> Iterator[Warehouse]:  # noqa: ARG001  # what loads into it is dlt
    """An empty warehouse."""
    with closing(Warehouse(tmp_path / "warehouse.duckdb")) as empty:
        yield empty


@pytest.fixture
def outreach(tmp_path: Path, dlt_folder: Path) -> CommandLine:
    """The command line with an empty project folder."""
    project, elsewhere = tmp_path / "project", tmp_path / "elsewhere"
    (project / ".dlt").mkdir()
    elsewhere.mkdir()
    (project / ".dlt" / "config.toml").write_text("")
    return CommandLine(project, elsewhere, dlt_folder)
