"""The sandbox over real HTTP: the wire, the control port, starting and stopping."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.sandbox.faults import Fault
from tests.sandbox.server import SandboxServer
from tests.sandbox.world import World, build_world

OPENS = "/v1/get-emails-opened"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(campaigns=8, scale=0.3)


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[SandboxServer]:
    with SandboxServer(world) as running:
        yield running


@pytest.fixture
def sandbox(server: SandboxServer) -> Iterator[SandboxServer]:
    """The running server, undisturbed and with nothing counted."""
    server.faults.clear()
    server.reset_counts()
    yield server
    server.faults.clear()


@pytest.fixture
def http(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """A client that carries a token."""
    client_id, client_secret = sandbox.credentials()
    form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    with httpx.Client(base_url=sandbox.url, timeout=2.0) as client:
        answer = client.post("/v1/oauth/access_token", data=form).raise_for_status()
        client.headers["authorization"] = f"Bearer {answer.json()['access_token']}"
        yield client


def test_the_port_answers_and_is_closed_afterwards(world: World) -> None:
    threads = threading.active_count()
    with SandboxServer(world) as sandbox:
        port = int(sandbox.url.rpartition(":")[2])
        assert httpx.get(f"{sandbox.url}/v1/get-balance").status_code == 401
    assert threading.active_count() == threads
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=1)


def test_a_waiting_answer_does_not_keep_the_server_from_stopping(world: World) -> None:
    with SandboxServer(world) as sandbox:
        sandbox.faults.add(Fault("hang", options={"seconds": 60}))
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{sandbox.url}/v1/get-balance", timeout=0.05)
        waiting = threading.Thread(target=_ask_and_fail, args=(sandbox.url,))
        waiting.start()
        while len(sandbox.log) < 2:
            time.sleep(0.005)
        before = time.monotonic()
    waiting.join()
    assert time.monotonic() - before < 2


def _ask_and_fail(url: str) -> None:
    with pytest.raises(httpx.TransportError):
        httpx.get(f"{url}/v1/get-balance", timeout=20)


def test_a_taken_port_is_an_error(sandbox: SandboxServer, world: World) -> None:
    with pytest.raises(OSError, match="in use"), SandboxServer(world, port=sandbox.port):
        pass


def test_answers_carry_the_real_date(http: httpx.Client) -> None:
    shown = parsedate_to_datetime(http.get("/v1/get-balance").headers["date"])
    assert abs((datetime.now(UTC) - shown).total_seconds()) < 5


def test_form_and_json_bodies_are_read_alike(http: httpx.Client, world: World) -> None:
    list_id = next(found.id for found in world.account("default").lists.values() if found.prospects)
    wanted = {"listId": list_id, "page": 1, "perPage": 5}
    form, json = (http.post("/v1/prospect-list", **{kind: wanted}) for kind in ("data", "json"))  # type: ignore[arg-type]
    assert form.json() == json.json()
    assert len(form.json()["prospects"]) == 5


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("reset", {}, httpx.ReadError),
        ("cut_connection", {}, httpx.RemoteProtocolError),
        ("hang", {"seconds": 0.05}, httpx.ReadError),
        ("broken_gzip", {}, httpx.DecodingError),
    ],
)
def test_the_wire_breaks_as_told_and_works_again(
    sandbox: SandboxServer, http: httpx.Client, name: str, options: dict[str, Any], error: type[Exception]
) -> None:
    sandbox.faults.add(Fault(name, times=1, options=options))
    with pytest.raises(error):
        http.get("/v1/get-balance")
    assert http.get("/v1/get-balance").status_code == 200


def test_a_dripping_answer_is_whole_but_slow(sandbox: SandboxServer, http: httpx.Client) -> None:
    whole = http.get("/v1/get-balance").content
    sandbox.faults.add(Fault("drip", options={"seconds": 0.2}))
    before = time.monotonic()
    assert http.get("/v1/get-balance").content == whole
    assert time.monotonic() - before >= 0.15


def test_a_redirect_leads_to_a_host_that_remembers_what_it_saw(sandbox: SandboxServer, http: httpx.Client) -> None:
    sandbox.faults.add(Fault("redirect"))
    answer = http.get("/v1/get-balance")
    assert (answer.status_code, answer.has_redirect_location) == (302, True)
    http.get(answer.headers["location"])
    assert [headers.get("authorization") for headers in sandbox.strangers] == [http.headers["authorization"]]
    assert sandbox.calls == {"token": 1, "account_balance": 1}


def test_the_world_moves_between_two_pages_under_the_lock(
    sandbox: SandboxServer, http: httpx.Client, world: World
) -> None:
    opens = world.account("default").events["email_opens"]
    busy = max(opens, key=lambda campaign_id: len(opens[campaign_id]))
    before = len(http.get(OPENS, params={"campaignId": busy}).json())
    with sandbox.lock:
        world.add_events("default", "email_opens", busy, 2)
    assert len(http.get(OPENS, params={"campaignId": busy}).json()) == before + 2


def test_control_moves_breaks_counts_and_tells_the_truth(
    sandbox: SandboxServer, http: httpx.Client, world: World
) -> None:
    def post(path: str, **body: Any) -> httpx.Response:
        return http.post(f"/_sandbox/{path}", json=body)

    campaign_id = next(iter(world.account("default").campaigns))
    rows = len(sandbox.true_rows("emails_sent"))
    day = world.now.date().isoformat()
    post("move", action="add_events", account="default", table="emails_sent", campaign_id=campaign_id)
    post(
        "move",
        action="add_late_events",
        account="default",
        table="emails_sent",
        campaign_id=campaign_id,
        day=day,
    )
    truth = http.get("/_sandbox/truth", params={"account": "default"}).json()
    assert len(truth["emails_sent"]) == rows + 2
    assert post("faults", name="server_error", endpoint="account_balance").status_code == 200
    assert http.get("/v1/get-balance").status_code == 500
    post("faults/clear")
    post("tokens/expire")
    assert http.get("/v1/get-balance").status_code == 401
    http.delete("/v2/campaigns/1")
    counts = http.get("/_sandbox/counts").json()
    assert counts["calls"] == {"token": 1, "account_balance": 2, "unknown": 1}
    assert http.get("/_sandbox/violations").json()[0]["reason"] == "not on the allow-list"
    post("reset")
    assert http.get("/_sandbox/counts").json()["total"] == 0
    assert campaign_id in http.get("/_sandbox/accounts").json()["default"]["campaigns"]
    assert post("move", action="move", seed=4).status_code == 200


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("move", {"action": "explode"}, "unknown action"),
        ("move", {"action": "delete_list", "account": "default", "list_id": 0}, "KeyError"),
        ("faults", {"name": "typo"}, "unknown fault"),
        ("rules", {"colour": "red"}, "unknown rules: colour"),
    ],
)
def test_control_says_what_makes_no_sense(http: httpx.Client, path: str, body: dict[str, Any], message: str) -> None:
    answer = http.post(f"/_sandbox/{path}", json=body)
    assert answer.status_code == 400
    assert message in answer.json()["message"]


def test_control_sets_rules(http: httpx.Client, world: World) -> None:
    assert http.post("/_sandbox/rules", json={"page_size": 3}).status_code == 200
    assert world.page_size == 3
    world.page_size = 10_000
    assert http.get("/_sandbox/nothing").status_code == 404


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_forever_ends_cleanly_on_a_signal(number: signal.Signals) -> None:
    script = (
        "from tests.sandbox.server import serve_forever\n"
        "from tests.sandbox.world import build_world\n"
        "serve_forever(0, build_world(scale=0.1), on_ready=lambda url: print(url, flush=True))\n"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    root = Path(__file__).parent.parent
    with subprocess.Popen(  # noqa: S603  # our own script
        command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert httpx.get(f"{url}/_sandbox/counts").json()["total"] == 0
        os.kill(process.pid, number)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_package_does_not_need_pytest() -> None:
    script = "import sys, tests.sandbox.server; sys.exit('pytest' in sys.modules)"
    command = [sys.executable, "-c", script]
    subprocess.run(command, cwd=Path(__file__).parent.parent, check=True)  # noqa: S603  # our own script
