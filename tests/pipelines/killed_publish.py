"""Publishes that kill themselves: `python -m tests.pipelines.killed_publish TARGET FORMAT`.

Each line of its input names a function and a number, as in `os:replace 2`: a publish begins in a process of its own,
which SIGKILL ends before the second call of that function. So the instants are the same on any machine. Prints a line
for each: `killed`, or `ended`.
"""

import os
import signal
import sys
from contextlib import nullcontext
from importlib import import_module
from typing import Any
from unittest.mock import patch

from pipelines import project
from pipelines import publish as publishing


def killed_before(name: str, number: int) -> None:
    """Let this process be killed before the n-th call of a function."""
    module, _, function = name.partition(":")
    original, left = getattr(import_module(module), function), number

    def counted(*arguments: Any, **options: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **options)

    setattr(import_module(module), function, counted)


def main() -> None:
    """Publish once for each line."""
    folder = project.activate()
    # Whether a load is unfinished takes most of the time, and others test it.
    patch.object(publishing, "looking", lambda *_, **__: nullcontext()).start()
    for line in sys.stdin:
        name, number = line.split()
        child = os.fork()
        if not child:
            killed_before(name, int(number))
            publishing.publish(folder, sys.argv[1], publishing.What(sys.argv[2]))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        ended = "killed" if os.WIFSIGNALED(status) else "ended" if not status else "failed"
        os.write(1, f"{ended}\n".encode())


if __name__ == "__main__":
    main()
