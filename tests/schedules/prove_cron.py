"""cron: Debian's daemon runs the line of the crontab, once, at the next minute.

The daemon sees crontabs of its own only: they are mounted, for it alone, over those of the machine. So nothing of the
machine's is changed or run.
"""

import os
import shlex
import subprocess
from datetime import datetime, timedelta

from tests.schedules.bench import BARE, Bench, Failed, Ran, tool, wait_for
from tests.schedules.files import CHECKOUT, INSTALLED, cron_line

_SECONDS_FOR_A_LOAD = 420


def prove(bench: Bench) -> Ran:
    """Wait for the next minute and for the load."""
    if os.geteuid():
        raise Failed("cron is tried in a mount namespace, which needs root")
    cron, unshare = tool("cron", "cron"), tool("unshare", "util-linux")
    project = bench.project("cron")
    settings = bench.settings(project)
    ended = project / "ended"
    at = datetime.now().astimezone() + timedelta(seconds=65)  # cron looks at the beginning of each minute
    line = f"{at.minute} {at.hour} * * * {cron_line().command.replace(INSTALLED, str(CHECKOUT))}; echo > {ended}"
    crontab = project / "crontab"
    crontab.write_text("".join(f"{name}={value}\n" for name, value in settings.items()) + f'MAILTO=""\n{line}\n')

    quoted = shlex.quote(str(crontab))
    script = (
        "set -e; for folder in /var/spool/cron/crontabs /etc/cron.d /run; do mount -t tmpfs none $folder; done; "
        "mount --bind /dev/null /etc/crontab; "
        f"install -m 600 {quoted} /var/spool/cron/crontabs/root; exec {cron} -f"
    )
    daemon = subprocess.Popen([unshare, "--mount", "/bin/sh", "-c", script], env=BARE)  # noqa: S603  # our own line
    try:
        wait_for(ended, _SECONDS_FOR_A_LOAD)
    finally:
        daemon.terminate()
        daemon.wait()
    if "account default: " not in (log := (project / "outreach.log").read_text()):
        raise Failed(log)
    return Ran("cron -f with the line of the crontab", bench.rows(settings))
