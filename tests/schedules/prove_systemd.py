"""systemd: the units are checked by systemd itself, and the service's command runs with the unit's environment.

No service manager is needed, and none is started.
"""

import shlex
import shutil

from tests.schedules.bench import Bench, Failed, Ran, tool
from tests.schedules.files import CHECKOUT, FOLDER, INSTALLED, environment_of, unit

_MOST_EXPOSED = 35
"""Of the 100 that `systemd-analyze security` gives a service that is not hardened at all."""


def prove(bench: Bench) -> Ran:
    """Check the units, then load."""
    analyze = tool("systemd-analyze", "systemd")
    units = bench.folder / "units"
    shutil.copytree(FOLDER / "systemd", units)
    for file in units.iterdir():
        file.write_text(file.read_text().replace(INSTALLED, str(CHECKOUT)))
    said = bench.run([analyze, "verify", "--man=no", *sorted(units.iterdir())], {})
    if complaints := [line for line in said.splitlines() if "outreach" in line]:
        raise Failed("\n".join(complaints))
    service = units / "outreach@.service"
    bench.run([analyze, "security", "--offline=true", f"--threshold={_MOST_EXPOSED}", service], {})

    project = bench.project("systemd")
    found = unit("outreach@.service", "snovio", project)
    state = project / "lib" / "outreach"
    state.mkdir(parents=True)  # StateDirectory=
    (command,) = found["ExecStart"]
    environment = {**environment_of(found), "DLT_PROJECT_DIR": str(project)}
    bench.run(shlex.split(command.replace(INSTALLED, str(CHECKOUT))), environment)
    return Ran(f"systemd-analyze verify, security; {command.rpartition('/')[2]}", bench.rows(environment))
