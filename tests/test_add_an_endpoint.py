"""The page on adding an endpoint: what it says is done to a copy of the project, word for word, and works."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "add-an-endpoint.md").read_text(encoding="utf-8")
COPIED = ("sources", "pipelines", "tests", "docs", "README.md", "Makefile", "pyproject.toml", ".dlt")
AFFECTED = (
    "tests/snovio/test_things.py",
    "tests/snovio/test_examples.py",
    "tests/snovio/test_api.py",
    "tests/test_sandbox_shapes.py",
    "tests/test_tables.py",
    "tests/test_docs.py",
    "tests/test_readme.py::test_the_tables_are_those_of_the_source",
)
"""The tests that see a new table first; the page runs all."""

CHANGED = ("sources", "tests/sandbox", "tests/snovio")
"""Where the steps change code."""
MADE: dict[str, Sequence[Sequence[str]]] = {
    "make docs": [("-m", "docs.generate")],
    "make lint": [("-m", "ruff", "check", *CHANGED), ("-m", "ruff", "format", "--check", *CHANGED)],
    "make test": [("-m", "pytest", "-q", *AFFECTED)],
}
"""What this Python runs in place of make, which would set up the copy."""


def blocks(language: str) -> list[str]:
    """The page's blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def new_files() -> list[tuple[str, str]]:
    """The files that the page makes, named in the sentence before their content."""
    return re.findall(r"`([\w./]+)`:\n\n```(?:json|python)\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


def apply(block: str, project: Path) -> None:
    """Do what a block of lines to add and to remove says."""
    head, _, body = block.partition("\n")
    file = project / head.removeprefix("--- ")
    text = file.read_text(encoding="utf-8")
    for part in re.split(r"^@@\n", body, flags=re.MULTILINE):
        lines = part.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        assert f"\n{text}".count(f"\n{old}") == 1, f"{head}: this is not there once:\n{old}"
        text = f"\n{text}".replace(f"\n{old}", f"\n{new}")[1:]
    file.write_text(text, encoding="utf-8")


def run(line: str, project: Path) -> None:
    """Run a line of the page's last block in the copy, with the Python of this test."""
    words = shlex.split(line)
    variables = dict(word.split("=", 1) for word in words if "=" in word)
    program = words[len(variables)].removeprefix(".venv/bin/")
    environment = {**os.environ, **variables, "PYTHONPATH": str(project)}
    for arguments in MADE.get(line, [("-m", program, *words[len(variables) + 1 :])]):
        done = subprocess.run(  # noqa: S603  # the page's own commands
            [sys.executable, *arguments],
            cwd=project,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout[-4_000:]}\n{done.stderr[-2_000:]}"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the project in which what the page says was done."""
    copy = tmp_path / "copy"
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__", "secrets.toml"))
        else:
            shutil.copy(ROOT / name, copy / name)
    for name, content in new_files():
        assert not (copy / name).exists()
        (copy / name).write_text(content, encoding="utf-8")
    for block in blocks("diff"):
        apply(block, copy)
    return copy


@pytest.mark.slow
def test_the_steps_add_a_table_that_is_loaded_documented_and_tested(project: Path) -> None:
    for line in blocks("sh")[-1].splitlines():
        run(line, project)
    assert "\n## things\n" in (project / "docs" / "tables" / "snovio.md").read_text(encoding="utf-8")
    assert '"maker_name": "VARCHAR"' in (project / "tests" / "snovio" / "schema.json").read_text(encoding="utf-8")


def test_every_name_and_path_of_the_page_exists() -> None:
    made = {"things", "things.json", "mark", *(name for name, _ in new_files())}
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "sources").rglob("*.py"))
    for name in re.findall(r"`([\w./]+)`", re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)):
        assert name in made or (ROOT / name).exists() or re.search(rf"\b{re.escape(name)}\b", code), name
