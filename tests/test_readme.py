"""The README cannot rot: its tables, settings, commands and examples are held against the code, and run."""

import inspect
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import typer

from pipelines import configuration, warehouse
from pipelines.cli import app
from pipelines.registry import SOURCES
from sources.sendkit import sendkit_source
from sources.sendkit.tables import TABLES as SENDKIT
from sources.snovio import snovio_source
from sources.snovio.tables import TABLES as SNOVIO
from sources.tables import Table
from tests.conftest import MakeSandbox
from tests.warehouse import Warehouse

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS: list[tuple[str, str]] = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.MULTILINE | re.DOTALL)
CODE = [*(line for _, block in BLOCKS for line in block.splitlines()), *re.findall(r"`([^`\n]+)`", README)]
"""Every line of every block, and every piece of inline code."""
COMMANDS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]  # a group has them


def section(title: str) -> str:
    """The text under a heading."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README, flags=re.MULTILINE | re.DOTALL)
    assert found is not None, f"the README has no section {title!r}"
    return found[1]


def table_of(title: str) -> list[list[str]]:
    """The cells of a section's table, without its head."""
    lines = [line for line in section(title).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def code_in(cell: str) -> str:
    """The first piece of code in a cell."""
    found = re.match(r"`([^`]+)`", cell)
    return found[1] if found else ""


def python_block(start: str) -> str:
    """The Python example that begins with a line."""
    return next(block for language, block in BLOCKS if language == "python" and block.startswith(f"{start}\n"))


@pytest.mark.parametrize(("place", "tables"), [(1, SNOVIO), (2, SENDKIT)])
def test_the_tables_are_those_of_the_source(place: int, tables: Mapping[str, Table]) -> None:
    listed = [name for row in table_of("Tables") for name in re.findall(r"`(\w+)`", row[place])]
    assert sorted(listed) == sorted(tables)


@dataclass
class Asked:
    """Stands for dlt's configuration: knows nothing but credentials, and keeps the keys it was asked for."""

    keys: set[str] = field(default_factory=set)

    def get(self, key: str) -> str | None:
        """A made-up value for a credential, nothing for anything else."""
        self.keys.add(key)
        return "made-up" if key.endswith(("client_id", "client_secret", "api_key")) else None


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """The configuration as the commands see it."""
    seen = Asked()
    for module in (configuration, warehouse):
        monkeypatch.setattr(module, "dlt", SimpleNamespace(config=seen, secrets=seen))
    return seen


def test_the_settings_are_those_that_are_read(asked: Asked, tmp_path: Path) -> None:
    for source in SOURCES.values():
        source.configured("default")
        source.configured("name")
    warehouse.duckdb_file(tmp_path)
    parameters = {
        f"sources.{name}.{parameter}"
        for name, source in (("snovio", snovio_source), ("sendkit", sendkit_source))
        for parameter in inspect.signature(source).parameters
    }

    listed = [code_in(key) for key, _, _ in table_of("Settings")]

    assert {key.lower() for key in listed} == asked.keys
    assert parameters - {"sources.snovio.account", "sources.sendkit.account"} <= set(listed)
    for key, variable, _ in table_of("Settings"):
        assert code_in(variable) == code_in(key).upper().replace(".", "__")


@pytest.mark.usefixtures("asked")
def test_the_defaults_are_those_of_the_code(tmp_path: Path) -> None:
    found = SOURCES["snovio"].configured("default")
    of_the_commands: dict[str, str | float] = {
        "base_url": found.base_url,
        "requests_per_minute": found.requests_per_minute,
        "lookback_days": found.settings.lookback_days,
        "sweep_days": found.settings.sweep_days,
        "block_seconds": found.block_seconds,
    }
    of_the_source = {name: one.default for name, one in inspect.signature(snovio_source).parameters.items()}
    listed = {
        code_in(key).removeprefix("sources.snovio."): code_in(default) for key, _, default in table_of("Settings")
    }

    assert warehouse.duckdb_file(tmp_path).name == listed["destination.duckdb.credentials"]
    for name, value in of_the_commands.items():
        assert value == of_the_source[name] == type(value)(listed[name])


def test_every_other_key_and_variable_in_the_text_exists() -> None:
    """Outside the list of settings, and environment variables that are no settings."""
    listed = {code_in(cell) for row in table_of("Settings") for cell in row}
    code = text_of("pipelines", "sources")
    for found in re.findall(r"\b(?:sources\.snovio|destination\.duckdb)\.[A-Za-z_.]+", "\n".join(CODE)):
        assert found in listed
    for variable in (one for one in CODE if re.fullmatch(r"[A-Z]+(?:_+[A-Z]+)+", one)):
        assert variable in listed or variable in code


def text_of(*folders: str) -> str:
    """All Python code below some folders."""
    return "\n".join(path.read_text(encoding="utf-8") for one in folders for path in (ROOT / one).rglob("*.py"))


def invocations() -> Iterator[list[str]]:
    """The words after `outreach` wherever a command is shown."""
    for line in CODE:
        words = shlex.split(line.partition(">>")[0], comments=True) if re.search(r"\boutreach [a-z]", line) else []
        places = [place for place, word in enumerate(words) if word == "outreach" or word.endswith("/bin/outreach")]
        if places:
            yield words[places[0] + 1 :]


def test_every_command_shown_is_understood() -> None:
    """Each is parsed with its options and arguments, and not run; a name alone is a mention."""
    shown = list(invocations())
    assert {words[0] for words in shown} <= COMMANDS.keys()
    for name, *arguments in shown:
        COMMANDS[name].make_context(name, arguments, resilient_parsing=not arguments)


def test_every_option_in_the_text_exists() -> None:
    known = {option for command in COMMANDS.values() for one in command.params for option in one.opts} | {"--help"}
    named = {option for code in CODE if code.startswith("--") for option in re.findall(r"--[a-z-]+", code)}
    assert named
    assert named <= known


def test_every_make_target_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = {found[1] for code in CODE if (found := re.match(r"make ([a-z]+)", code))}
    assert named
    assert named <= targets


def test_every_path_named_exists() -> None:
    """A file that a user makes aside."""
    named = {code for code in CODE if re.fullmatch(r"(?:\.dlt|sources|tests|pipelines)/[\w./]+", code)}
    named -= {".dlt/secrets.toml"}
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_every_link_to_a_section_leads_there() -> None:
    titles = {title.lower().replace(" ", "-") for title in re.findall(r"^## (.+)$", README, flags=re.MULTILINE)}
    assert set(re.findall(r"\]\(#([^)]+)\)", README)) <= titles


@pytest.mark.slow
@pytest.mark.usefixtures("dlt_folder")
def test_the_examples_run_and_give_rows(
    sandbox: MakeSandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As they stand, in a process of their own: the plain dlt pipeline, then the first query over its rows."""
    server = sandbox()
    client_id, client_secret = server.credentials("default")
    for name, value in {"BASE_URL": server.url, "CLIENT_ID": client_id, "CLIENT_SECRET": client_secret}.items():
        monkeypatch.setenv(f"SOURCES__SNOVIO__{name}", value)
    monkeypatch.setenv("SOURCES__SNOVIO__REQUESTS_PER_MINUTE", "0")
    project = tmp_path / "project"

    run(python_block("import dlt"), project)
    assert Warehouse(project / "notebook.duckdb").differences(server) == {}

    shutil.copy(project / "notebook.duckdb", project / "outreach.duckdb")
    assert "replies" in run(python_block("import duckdb"), project)


def run(block: str, folder: Path) -> str:
    """What a Python example prints when it is run in a folder."""
    done = subprocess.run(  # noqa: S603  # the README's own code
        [sys.executable, "-c", block], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
