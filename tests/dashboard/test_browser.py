"""What a person does with the page, in a real browser."""

import re
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from playwright.sync_api import Page, ViewportSize, expect

from pipelines.dashboard.marts import Marts
from pipelines.dashboard.server import HOST, application
from tests.command_line import CommandLine
from tests.dashboard.conftest import ACCOUNTS, marts_of
from tests.dashboard.multiplied import multiplied

pytestmark = pytest.mark.slow
PHONE: ViewportSize = {"width": 390, "height": 844}


@contextmanager
def served(marts: Marts) -> Iterator[str]:
    """The page at a free port."""
    with socket.create_server((HOST, 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(application(marts), log_level="warning"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}/"
        finally:
            server.should_exit = True
            thread.join()


def tile(tab: Page, title: str) -> str:
    """The number of a headline."""
    return tab.locator(".tiles li", has_text=title).locator("b").inner_text()


def drawn(tab: Page) -> int:
    """How many charts there are; all are drawn."""
    charts = tab.locator("[data-chart]")
    expect(tab.locator("[data-drawn]")).to_have_count(charts.count(), timeout=30_000)
    expect(tab.locator("[data-drawn] svg").first).to_be_visible()
    return charts.count()


def is_wider_than_the_screen(tab: Page) -> bool:
    return bool(tab.evaluate("document.documentElement.scrollWidth > window.innerWidth"))


def test_a_person_narrows_the_page_down_and_widens_it_again(marts: Marts, tab: Page) -> None:
    with served(marts) as url:
        tab.goto(url)
        assert drawn(tab) == 4
        everything = tile(tab, "E-mails sent")
        senders = tab.locator("section", has=tab.get_by_role("heading", name="Senders")).locator("tbody tr")
        of_both = [set(row.split()) & set(ACCOUNTS) for row in senders.all_inner_texts()]
        assert sorted(map(sorted, of_both)) == sorted([[name] for name in ACCOUNTS] * (len(of_both) // 2))
        tab.get_by_label("Account", exact=True).select_option("south")
        tab.get_by_role("button", name="Show").click()
        expect(tab).to_have_url(re.compile("account=south"))
        expect(senders).to_have_count(len(of_both) // 2)
        of_south = tile(tab, "E-mails sent")
        assert of_south != everything

        tab.get_by_label("From", exact=True).fill("2025-01-01")
        tab.get_by_role("button", name="Show").click()
        expect(tab.get_by_label("Account", exact=True)).to_have_value("south")
        longer = tile(tab, "E-mails sent")
        assert int(longer.replace(",", "")) > int(of_south.replace(",", ""))

        name = tab.locator("td.name a").first.inner_text()
        tab.locator("td.name a").first.click()
        expect(tab.locator("header p")).to_contain_text(name)
        expect(tab.locator("section", has_text="Campaigns by reply rate").locator("tbody tr a")).to_have_count(1)
        assert drawn(tab) == 4

        tab.get_by_label("Campaign", exact=True).select_option("")
        tab.get_by_label("Account", exact=True).select_option("")
        tab.get_by_role("button", name="Show").click()
        expect(tab.locator("header p")).not_to_contain_text(name)


def test_it_is_usable_with_the_keyboard_alone(marts: Marts, tab: Page) -> None:
    with served(marts) as url:
        tab.goto(url)
        tab.get_by_label("Account", exact=True).focus()
        tab.keyboard.type("north")
        tab.keyboard.press("Tab")
        expect(tab.get_by_label("Campaign", exact=True)).to_be_focused()
        tab.keyboard.press("Shift+Tab")
        tab.get_by_role("button", name="Show").focus()
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(re.compile("account=north"))


def test_it_fits_a_phone_and_a_hundred_campaigns(warehouse_file: Path, tab: Page) -> None:
    multiplied(warehouse_file, 100)
    with served(marts_of(warehouse_file)) as url:
        tab.set_viewport_size(PHONE)
        tab.goto(f"{url}?since=2025-01-01")
        drawn(tab)
        assert not is_wider_than_the_screen(tab)
        rows = tab.locator("section", has_text="Campaigns by reply rate").locator("tbody tr a")
        hidden = rows.count() - 25
        assert hidden > 50
        expect(rows.last).to_be_hidden()
        tab.get_by_text("Show all").click()
        expect(rows.last).to_be_visible()
        assert not is_wider_than_the_screen(tab)
        tab.set_viewport_size({"width": 1280, "height": 900})
        assert not is_wider_than_the_screen(tab)


def test_nothing_to_show_looks_like_a_page_too(tmp_path: Path, tab: Page) -> None:
    with served(marts_of(tmp_path / "none.duckdb")) as url:
        tab.goto(url)
        expect(tab.get_by_role("heading")).to_have_text("Nothing to show yet")
        expect(tab.locator("body")).to_contain_text("outreach load snovio --marts")


def test_the_file_needs_no_server(outreach: CommandLine, built: Path, tab: Page, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    answer = outreach.json(
        "dashboard", "--html", str(file), "--copy", str(built), "--since", "2025-06-01", "--account", "north"
    )
    assert answer == {"html": str(file)}
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(file.as_uri())
    assert drawn(tab) == 4
    assert asked == [file.as_uri()]
    expect(tab.locator("header")).to_contain_text("account north")
    expect(tab.locator("header form")).to_have_count(0)


def test_the_command_serves_until_it_is_ended(outreach: CommandLine, built: Path) -> None:
    process = outreach.start("dashboard", "--port", "0", "--copy", str(built))
    assert process.stdout is not None
    line = process.stdout.readline()
    found = re.search(r"http://127\.0\.0\.1:\d+/", line)
    assert found, line
    with httpx.Client(trust_env=False) as client:
        answer = client.get(found[0])
        assert answer.status_code == 200
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert client.get(found[0], headers={"Host": "evil.example"}).status_code == 400
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 143
