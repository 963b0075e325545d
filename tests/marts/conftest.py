"""What the tests of the marts share: dbt reads the project once for all of them."""

import pytest

from pipelines import marts_build
from tests.pipelines.parsed_once import ParsedOnce


@pytest.fixture(autouse=True)
def _project_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marts_build, "dbtRunner", ParsedOnce)
