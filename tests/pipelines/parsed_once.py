"""dbt for tests that build marts more than once: it reads the project once, which is most of what it does."""

from collections.abc import Sequence
from typing import Any, ClassVar

from dbt.cli.main import dbtRunner, dbtRunnerResult
from dbt.contracts.graph.manifest import Manifest


class ParsedOnce:
    """Stands in for `dbtRunner` where the warehouse's file and the schema of the marts have one name throughout.

    Args:
        callbacks: Called with what dbt says.
    """

    _parsed: ClassVar[dict[str, Manifest]] = {}

    def __init__(self, callbacks: Sequence[Any]) -> None:
        self._callbacks = list(callbacks)

    def invoke(self, arguments: list[str]) -> dbtRunnerResult:
        """Run a command of dbt."""
        variables = arguments[arguments.index("--vars") + 1]
        if variables not in self._parsed:
            options = arguments[1 : arguments.index("--vars") + 2]
            parsed = dbtRunner().invoke(["parse", *options])
            assert isinstance(parsed.result, Manifest), parsed.exception
            self._parsed[variables] = parsed.result
        return dbtRunner(self._parsed[variables], self._callbacks).invoke(arguments)
