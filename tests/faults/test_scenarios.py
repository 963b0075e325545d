"""Every fault has a test that proves what a load makes of it."""

from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import tests
from tests.faults.scenarios import PROVEN_BY, ROWS, Row, proves, row_of


@pytest.fixture(scope="module", autouse=True)
def _every_test_file_is_imported() -> None:
    for module in walk_packages([str(Path(tests.__file__).parent)], "tests."):
        if module.name.rpartition(".")[2].startswith("test_"):
            import_module(module.name)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group}, {row.fault[:40]}")
def test_every_fault_has_a_scenario(row: Row) -> None:
    assert PROVEN_BY[row], f"no test is marked with @proves({row.group!r}, {row.fault!r})"


def test_a_scenario_of_an_unknown_fault_is_refused() -> None:
    with pytest.raises(KeyError, match="0 rows"):
        proves("process", "the moon falls")
    with pytest.raises(KeyError, match="3 rows"):
        row_of("process", "a ")
