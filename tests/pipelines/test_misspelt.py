"""Settings that nobody reads: a slip of the pen is pointed out, with what was meant."""

import pytest

from tests.command_line import CommandLine

pytestmark = pytest.mark.slow


def test_a_slip_of_the_pen_is_pointed_out(outreach: CommandLine) -> None:
    settings, north = outreach.project / ".dlt", "sources.snovio.accounts.north"
    written = "[sources.snovio]\nlookback_day = 2\nmax_table_nesting = 1\n"
    (settings / "config.toml").write_text(written, encoding="utf-8")
    secrets = settings / "secrets.toml"
    secrets.write_text('[sources.snovio.accounts.north]\nclient_id = "a"\nclient_secrets = "b"\n', encoding="utf-8")
    outreach.environment["SOURCES__SNOVIO__REQUEST_PER_MINUTE"] = "10"
    shown = outreach.run("load", "snovio", "--account", "north", expect=2).stderr
    slips = [line.rpartition("WARNING ")[2].split(" ") for line in shown.splitlines() if "did you mean" in line]
    assert [(words[0], words[-1]) for words in slips] == [
        (f"{north}.client_secrets", f"{north}.client_secret?"),
        ("sources.snovio.lookback_day", "sources.snovio.lookback_days?"),
        ("sources.snovio.request_per_minute", "sources.snovio.requests_per_minute?"),
    ]


def test_settings_in_their_places_bring_no_warning(outreach: CommandLine) -> None:
    outreach.environment |= {
        "SOURCES__SENDKIT__ACCOUNTS__NORTH__WORKSPACE_ID": "w",
        "SOURCES__SENDKIT__OWN_LIMIT": "true",
        "SOURCES__SENDKIT__EXTRACT__WORKERS": "2",
    }
    assert "did you mean" not in outreach.run("load", "sendkit", "--account", "north", expect=2).stderr
