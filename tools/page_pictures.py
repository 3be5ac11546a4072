"""Take the pictures of the page that docs/try.md shows, with the models of the last run.

    python -m tools.page_pictures

needs what requirements-dev.txt lists, and Chromium with its driver.
"""

from __future__ import annotations

import io
import tempfile
from base64 import b64decode
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from brandmlm.commands.project import enter_project
from brandmlm.commands.try_page import open_workbench
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_file
from brandmlm.page.app import make_app
from tools.page_browser import chromium, look, serving

PICTURES: Final = Path("docs/pictures")

DESKTOP: Final = (1180, 900)

PHONE: Final = (360, 780)

MAX_HEIGHT: Final = 1500  # pixels; the page may be longer

WAIT_S: Final = 30.0

COPY: Final = (
    "Our Nike trail shoes are no longer stiff, but our new Nike socks have a rough texture.\n"
    "Some customers told us that Nike jackets feel heavy. Adidas jackets are heavy, too."
)


class Picture(NamedTuple):
    name: str
    tab: str
    size: tuple[int, int]
    scheme: str
    act: Callable[[WebDriver], None]  # what the user does before it is taken


def wait_for(browser: WebDriver, css: str) -> None:
    """Wait until the page shows an element. Raises selenium's TimeoutException if it never does."""
    WebDriverWait(browser, WAIT_S).until(
        lambda _: any(each.is_displayed() for each in browser.find_elements(By.CSS_SELECTOR, css))
    )


def press(browser: WebDriver, css: str, text: str = "") -> None:
    """Press the first element shown that has a text."""
    found = browser.find_elements(By.CSS_SELECTOR, css)
    pressed = next(each for each in found if each.is_displayed() and text in each.text)
    browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", pressed)
    pressed.click()


def see_answer(browser: WebDriver) -> None:
    wait_for(browser, ".model")


def see_why(browser: WebDriver) -> None:
    wait_for(browser, ".model")
    press(browser, ".bar.is-unwanted .bar-row")
    wait_for(browser, "#why")


def see_findings(browser: WebDriver) -> None:
    browser.find_element(By.ID, "check-text").send_keys(COPY)
    press(browser, "#check-form button")
    wait_for(browser, ".finding")
    press(browser, ".finding")
    wait_for(browser, "#proposals .chip")


def see_results(browser: WebDriver) -> None:
    wait_for(browser, "#results-body summary")
    press(browser, "#results-body summary")


def see_impact(browser: WebDriver) -> None:
    wait_for(browser, "#lists .chip")
    browser.find_element(By.ID, "word").send_keys("tight")
    press(browser, ".choice", "neutral, training")
    wait_for(browser, "#impact")


TAKEN: Final = (
    Picture("try-sentence", "sentence", DESKTOP, "light", see_answer),
    Picture("try-sentence-dark", "sentence", DESKTOP, "dark", see_answer),
    Picture("try-sentence-phone", "sentence", PHONE, "light", see_answer),
    Picture("try-why", "sentence", DESKTOP, "light", see_why),
    Picture("try-text", "text", DESKTOP, "light", see_findings),
    Picture("try-results", "results", DESKTOP, "light", see_results),
    Picture("try-words", "lexicon", DESKTOP, "light", see_impact),
)


def take(browser: WebDriver, url: str, picture: Picture) -> bytes:
    """A picture of the page from its top, at most `MAX_HEIGHT` high: PNG with a palette."""
    look(browser, *picture.size, scheme=picture.scheme)
    browser.get("about:blank")
    browser.get(f"{url}#{picture.tab}")
    picture.act(browser)
    browser.execute_script("document.activeElement.blur(); scrollTo(0, 0)")
    height = min(int(browser.execute_script("return document.documentElement.scrollHeight")), MAX_HEIGHT)
    clip = {"x": 0, "y": 0, "width": picture.size[0], "height": height, "scale": 1}
    shot = {"format": "png", "clip": clip, "captureBeyondViewport": True}
    data = b64decode(browser.execute_cdp_cmd("Page.captureScreenshot", shot)["data"])
    out = io.BytesIO()
    # A palette that keeps rare colours, such as those of marks.
    palette = (
        Image.open(io.BytesIO(data))
        .convert("RGB")
        .quantize(method=Image.Quantize.MAXCOVERAGE, kmeans=1, dither=Image.Dither.NONE)
    )
    palette.save(out, "PNG", optimize=True)
    return out.getvalue()


def write_all(browser: WebDriver, url: str, pictures: Iterable[Picture]) -> None:
    """Take pictures of the page at an address, write them into `PICTURES`, and say their sizes."""
    for picture in pictures:
        path = PICTURES / f"{picture.name}.png"
        data = take(browser, url, picture)
        with atomic_file(path) as partial:
            partial.write_bytes(data)
        say(f"{path}: {len(data) / 1024:.0f} KB")


def main() -> None:
    enter_project()
    with (
        serving(make_app(open_workbench())) as url,
        tempfile.TemporaryDirectory() as profile,
        chromium(Path(profile)) as browser,
    ):
        write_all(browser, url, TAKEN)


if __name__ == "__main__":
    run(main)
