"""The page of promises is true: what it names exists, and what must stand there does."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tests.faults.scenarios import ROWS, Row

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
PROMISES = {
    int(number): cells
    for number, *cells in re.findall(r"^\| (\d) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", PAGE, flags=re.MULTILINE)
}
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)


def test_every_promise_is_there_with_its_tests_and_its_command() -> None:
    assert sorted(PROMISES) == [1, 2, 3, 4, 5, 6, 7]
    for _, proofs, command in PROMISES.values():
        assert re.search(r"`tests/[\w/]+\.py::test_\w+`", proofs)
        assert re.search(r"`(\.venv/bin/pytest tests|make )[^`]*`", command)


@pytest.mark.parametrize(("file", "name"), NAMED, ids=[name for _, name in NAMED])
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    module = import_module(file.removesuffix(".py").replace("/", "."))
    assert callable(getattr(module, name, None)), f"docs/reliability.md names {file}::{name}, which is not there"


def test_every_file_of_a_command_exists() -> None:
    for _, _, command in PROMISES.values():
        for path in re.findall(r"tests/[\w/]+(?:\.py)?", command):
            assert (ROOT / path).exists(), path


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group}, {row.fault[:40]}")
def test_every_fault_is_on_the_page(row: Row) -> None:
    assert f"| {row.group} | {row.fault} | {row.outcome} |" in PAGE


def test_no_fault_is_on_the_page_that_no_test_knows() -> None:
    table = PAGE.partition("## Faults")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| (?!group|---)", table, flags=re.MULTILINE)) == len(ROWS)
