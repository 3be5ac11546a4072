"""A page served from a thread, and Chromium without a network to look at it: for tests and pictures."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.chrome.webdriver import WebDriver
from starlette.types import ASGIApp

from brandmlm.core.errors import UserError
from brandmlm.page.server import address, listen, make_server

REBOUND: Final = "rebound.test"  # a name of somebody else's that leads to this machine

# No other host has an address, and Chromium asks for nothing of its own.
OPTIONS: Final = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--hide-scrollbars",
    f"--host-resolver-rules=MAP {REBOUND} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--force-color-profile=srgb",
)  # fmt: skip


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an application on a free port; yields the address of its page."""
    listening = listen(0)
    server = make_server(app)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    try:
        yield address(listening)
    finally:
        server.should_exit = True
        thread.join()


@contextmanager
def chromium(profile: Path, *more: str) -> Iterator[WebDriver]:
    """A headless Chromium that logs its console and its requests.

    Args:
        profile: an empty folder for what it writes.
        more: options in addition.

    Raises:
        UserError: There is no Chromium with its driver.
    """
    program, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not program or not driver:
        raise UserError("chromium and chromedriver: not both found (Debian: apt-get install chromium chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for option in (*OPTIONS, f"--user-data-dir={profile}", *more):
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(options=options, service=Service(driver))
    try:
        yield browser
    finally:
        browser.quit()


def look(browser: WebDriver, width: int, height: int, scheme: str = "light") -> None:
    """Set the size of the window's content, in CSS pixels, and the preferred colour scheme."""
    size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    feature = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", feature)
