"""Every fault has a test that proves what a load makes of it, and a defence without which that test fails."""

import ast
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import tests
from tests.faults.defences import DEFENCES, Change, Defence
from tests.faults.scenarios import PROVEN_BY, ROWS, Row, proves, row_of

ROOT = Path(tests.__file__).parents[1]


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


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.group}, {row.fault[:40]}")
def test_every_fault_has_a_defence_to_remove(row: Row) -> None:
    assert [one for one in DEFENCES if one.row == row], "without a defence in tests/faults/defences.py"


@pytest.mark.parametrize("defence", DEFENCES, ids=lambda defence: defence.removed)
def test_what_is_removed_stands_in_the_product_and_is_what_a_scenario_tests(defence: Defence) -> None:
    """`python -m tests.faults defences` removes it, and sees the scenario fail."""
    for change in defence.changes:
        made = change.made_to((ROOT / change.file).read_text(encoding="utf-8"))
        assert ast.parse(made).body
    assert defence.tests
    for test in defence.tests:
        place, case, _ = test.partition("[")
        file, _, name = place.partition("::")
        module = file.removesuffix(".py").replace("/", ".")
        assert f"{module}.{name}" in PROVEN_BY[defence.row]
        marks = getattr(getattr(import_module(module), name), "pytestmark", ())
        assert not case or "parametrize" in {mark.name for mark in marks}, f"{name} has no cases"


def test_a_text_that_is_not_there_or_twice_cannot_be_removed() -> None:
    change = Change("a.py", "one", "another")
    assert change.made_to("one\ntwo\n") == "another\ntwo\n"
    for content in ("two\n", "one, one\n"):
        with pytest.raises(ValueError, match="times"):
            change.made_to(content)
