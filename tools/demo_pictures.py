"""Take the pictures of the demo that docs/serving.md shows, and tell how fast it answers.

    make demo
    python -m tools.demo_pictures

needs what requirements-dev.txt lists, and Chromium with its driver.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By

from brandmlm.commands.demo import OUT
from brandmlm.commands.project import check_present, enter_project
from brandmlm.core.command_line import run, say
from tools.page_browser import chromium
from tools.page_pictures import DESKTOP, PHONE, Picture, wait_for, write_all

TIMES: Final = 3  # each example is asked


class _Handler(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


@contextmanager
def files_served(folder: Path) -> Iterator[str]:
    """Serve a folder on a free port of the loopback interface, as `python -m http.server` does; yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def see_answers(browser: WebDriver) -> None:
    """Wait for both models."""
    wait_for(browser, ".model:nth-child(2) .bar")


TAKEN: Final = (
    Picture("demo", "", DESKTOP, "light", see_answers),
    Picture("demo-dark", "", DESKTOP, "dark", see_answers),
    Picture("demo-phone", "", PHONE, "light", see_answers),
)


def seconds(browser: WebDriver) -> list[float]:
    """How long a model took, by sentence and model: tokenising, running and sorting, without drawing."""
    found = []
    chips = len(browser.find_elements(By.CSS_SELECTOR, "[data-example]"))
    for index in range(TIMES * chips):
        browser.execute_script(
            """
            document.querySelectorAll(".model").forEach(model => delete model.dataset.seconds);
            document.querySelectorAll("[data-example]")[arguments[0]].click()""",
            index % chips,
        )
        wait_for(browser, ".model[data-seconds] + .model[data-seconds]")
        models = browser.find_elements(By.CSS_SELECTOR, ".model")
        found += [float(str(model.get_attribute("data-seconds"))) for model in models]
    return found


def main() -> None:
    enter_project()
    check_present([OUT])
    with files_served(OUT) as url, tempfile.TemporaryDirectory() as profile, chromium(Path(profile)) as browser:
        began = time.perf_counter()
        browser.get(url)
        wait_for(browser, ".model .bar")
        first = time.perf_counter() - began
        see_answers(browser)
        both = time.perf_counter() - began
        say(f"first answer after {first:.1f} s, of both models after {both:.1f} s")
        took = seconds(browser)
        say(f"a sentence and a model: median {statistics.median(took):.2f} s, {min(took):.2f} to {max(took):.2f} s")
        write_all(browser, url, TAKEN)


if __name__ == "__main__":
    run(main)
