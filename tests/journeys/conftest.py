"""A real browser on a live server over a freshly cloned database, with the ledger's triggers in it.

    def test_something(desk): page = desk.sign_in("fran"); page.goto(desk.url + "/patients/")

Whatever the browser complained about (console errors, CSP, requests to another host) fails the test at its end.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright
from pytest_django.live_server_helper import LiveServer

from clinic import clock
from clinic.celery import CLOCK
from clinic.models import Tick
from clinic.services.staff import ensure_demo_users
from tests.factories.clinic import LocationFactory, PracticeFactory, ProviderFactory

DESKTOP = {"width": 1440, "height": 900}
TABLET = {"width": 768, "height": 1024}


def _chromium() -> str | None:
    for name in (os.environ.get("TANDEM_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name) if name else None
        if found:
            return found
    return "/usr/bin/chromium" if Path("/usr/bin/chromium").exists() else None


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = _chromium()
    if path is None:
        pytest.skip("no Chromium on this machine (set TANDEM_CHROMIUM to its path)")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@dataclass
class Desk:
    """People at their screens. `complaints` fills with what the browser did not like."""

    url: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, *, viewport: dict[str, int] | None = None, javascript: bool = True) -> Page:
        """A fresh browser profile: nobody signed in."""
        context = self.browser.new_context(
            viewport=viewport or DESKTOP,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            reduced_motion="reduce",
            base_url=self.url,
        )
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and self._note(m.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._off_host)
        return page

    def sign_in(self, username: str, *, viewport: dict[str, int] | None = None, javascript: bool = True) -> Page:
        """Come in by the demo's button."""
        page = self.open(viewport=viewport, javascript=javascript)
        page.goto("/sign-in/")
        page.locator(f"button[name=username][value={username}]").click()
        page.wait_for_load_state()
        return page

    def axe(self, page: Page) -> list[str]:
        """Rule ids that axe finds broken (WCAG 2.2 A and AA, best practice), with what it is about."""
        before = len(self.complaints)
        found = Axe().run(page).response["violations"]
        page.wait_for_timeout(50)
        del self.complaints[before:]  # axe itself applies inline styles while it measures; the policy refuses them
        return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found]

    def _note(self, text: str) -> None:
        """A refusal (4xx) is told in the console by every browser; that is no fault of the page."""
        if "Failed to load resource" not in text or "500" in text:
            self.complaints.append(text)

    def _off_host(self, request: Request) -> None:
        if not request.url.startswith((self.url, "data:", "blob:")):
            self.complaints.append(f"asked another host: {request.url}")


@pytest.fixture
def desk(chromium: Browser, live_server: LiveServer, fresh_database: str) -> Iterator[Desk]:
    """The practice is there, one person a role, and the clock has just ticked."""
    practice = PracticeFactory()
    ProviderFactory(location=LocationFactory(practice=practice, name="Lakeview"))
    ensure_demo_users()
    Tick.objects.bulk_create(
        [Tick(task=tick.task, ticked_at=clock.now()) for tick in CLOCK],
        update_conflicts=True,
        unique_fields=["task"],
        update_fields=["ticked_at"],
    )
    at_work = Desk(live_server.url, chromium)
    yield at_work
    for context in at_work.contexts:
        context.close()
    assert at_work.complaints == []
