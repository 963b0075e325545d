"""What the fault tests share beside `tests/conftest.py`."""

from collections.abc import Iterator

import pytest

from tests.faults.processes import Loads


@pytest.fixture(scope="session")
def loads(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loads]:
    """Starts loads that are to die."""
    with Loads(tmp_path_factory.mktemp("loads")) as started:
        yield started
