"""The page in a real browser without a network: every path, by mouse and by keyboard, in both schemes, on a phone."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import axe_core_python
import pytest
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from served import Served

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.brand.probes import load_probes
from brandmlm.core.errors import UserError
from tools.page_browser import REBOUND, chromium, look

pytestmark = pytest.mark.long

AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
TABS = ["sentence", "text", "results", "lexicon"]
DESKTOP, PHONE = (1180, 900), (360, 780)
READY = {"sentence": ".model", "text": "#check-text", "results": "#results-body table", "lexicon": "#lists .chip"}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    try:
        with chromium(tmp_path_factory.mktemp("chromium")) as found:
            yield found
    except UserError as error:
        if os.environ.get("CI") == "true":
            pytest.fail(str(error))
        pytest.skip(str(error))


class Page:
    """The page as somebody uses it."""

    def __init__(self, browser: WebDriver, served: Served) -> None:
        self.browser = browser
        self.served = served

    def open(self, tab: str = "sentence", size: tuple[int, int] = DESKTOP, scheme: str = "light") -> None:
        look(self.browser, *size, scheme=scheme)
        self.browser.get("about:blank")
        self.browser.get(f"{self.served.url}#{tab}")
        self.see(READY[tab])

    def all(self, css: str, text: str = "") -> list[WebElement]:
        """The elements that are shown and have a text."""
        found = self.browser.find_elements(By.CSS_SELECTOR, css)
        return [each for each in found if each.is_displayed() and text in each.text]

    def see(self, css: str, text: str = "") -> WebElement:
        """Wait for an element."""
        return self.until(lambda: next(iter(self.all(css, text)), None))

    def until(self, found: Callable[[], Any]) -> Any:
        for _ in range(400):
            try:
                if value := found():
                    return value
            except Exception as error:  # an element was replaced meanwhile
                if "stale" not in str(error):
                    raise
            time.sleep(0.05)
        pytest.fail(f"never seen; the page says {self.browser.find_element(By.TAG_NAME, 'main').text[:2000]}")

    def press(self, css: str, text: str = "") -> None:
        element = self.see(css, text)
        self.browser.execute_script("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", element)
        element.click()

    def write(self, css: str, text: str) -> None:
        """Replace what a field holds, as a paste does."""
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
        self.browser.execute_script(script, self.see(css), text)

    def keys(self, *keys: str) -> None:
        for key in keys:
            self.browser.switch_to.active_element.send_keys(key)

    @property
    def focused(self) -> str:
        return str(self.browser.switch_to.active_element.text)

    @property
    def sentence(self) -> str:
        return str(self.see("#sentence-text").get_property("value"))

    def words(self, model: str) -> list[str]:
        return [each.text for each in self.all(f"[aria-labelledby=model-{model}] .bar-word > span:last-child")]


@pytest.fixture
def page(browser: WebDriver, served: Served) -> Iterator[Page]:
    """Fails where the console tells of an error that no refusal explains, or where another host was asked."""
    browser.get("about:blank")
    for log in ("browser", "performance"):
        browser.get_log(log)
    yield Page(browser, served)
    errors = [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]
    refusals = ("status of 400", "status of 403", "status of 409", "status of 413", "status of 415")
    assert [entry for entry in errors if not any(each in entry["message"] for each in refusals)] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = [event["params"]["request"]["url"] for event in events if event["method"] == "Network.requestWillBeSent"]
    assert asked and [url for url in asked if not url.startswith((served.url, "data:"))] == []


def test_three_models_answer_as_bars(page: Page) -> None:
    page.open()
    assert [each.text for each in page.all(".model-name")] == ["base", "v1", "v2"]
    answer = page.served.ask("/api/fill", {"sentence": page.sentence})[1]
    for model in answer["models"]:
        assert page.words(model["model"]) == [word["word"] for word in model["words"]]
    widths = page.browser.execute_script(
        "return Array.from(document.querySelectorAll('.bar-fill'), bar => bar.offsetWidth / bar.parentNode.offsetWidth)"
    )
    shares = [word["probability"] for model in answer["models"] for word in model["words"]]
    page.until(lambda: True)
    for width, share in zip(widths, shares, strict=True):
        assert width == pytest.approx(share / max(shares), abs=0.05)


def test_verdicts_are_told_apart_without_colour(page: Page) -> None:
    """By a mark, by a pattern and, for a screen reader, by a word."""
    page.open()
    sentences = [probe.text for probe in load_probes(page.served.project / "brands" / "nike" / "probes.yaml")]
    answers = ((sentence, page.served.ask("/api/fill", {"sentence": sentence})[1]) for sentence in sentences)
    sentence, told = next(
        (sentence, told)
        for sentence, told in answers
        if {"wanted", "unwanted"} <= {word["verdict"] for model in told["models"] for word in model["words"]}
    )
    page.write("#sentence-text", sentence)
    page.until(lambda: page.words("v2") == [word["word"] for word in told["models"][2]["words"]])
    script = (
        "const row = document.querySelector(`.bar.is-${arguments[0]}`); "
        "return [getComputedStyle(row.querySelector('.mark'), '::before').content, "
        "getComputedStyle(row.querySelector('.bar-fill')).backgroundImage, row.querySelector('.bar-word').textContent]"
    )
    wanted, unwanted = (page.browser.execute_script(script, verdict) for verdict in ("wanted", "unwanted"))
    assert wanted[0] == '"✓"' and unwanted[0] == '"✗"'
    assert wanted[1] == "none" and "repeating-linear-gradient" in unwanted[1]
    assert wanted[2].startswith("wanted: ") and unwanted[2].startswith("unwanted: ")


def test_a_press_on_a_word_masks_it(page: Page) -> None:
    page.open()
    page.write("#sentence-text", "Nike shoes are very heavy, don't you think?")
    page.see("#sentence-message .is-error", "No word is masked yet")
    assert page.all(".model") == []
    page.press(".word", "heavy")
    page.see(".asked", "Your word heavy is number")
    assert page.sentence == "Nike shoes are very [MASK], don't you think?"
    page.press(".word", "don't")
    page.until(lambda: page.sentence == "Nike shoes are very heavy, [MASK] you think?")
    page.press('.word[aria-pressed="true"]')
    page.until(lambda: page.sentence == "Nike shoes are very heavy, don't you think?")
    page.see("#sentence-message .is-error", "No word is masked yet")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[MASK] shoes are [MASK].", "2 words are masked"),
        ("word " * 10_000 + "[MASK]", "10,001 words"),
        ("word " * 60_000 + "[MASK]", "too much text"),
    ],
)
def test_wrong_input_gets_a_sentence(page: Page, text: str, said: str) -> None:
    page.open()
    page.write("#sentence-text", text)
    page.see("#sentence-message .is-error", said)
    assert page.all(".model") == [] and len(page.all(".word")) <= 200


def test_markup_is_shown_and_never_run(page: Page, lexicon: Path) -> None:
    script = "<script>window.ran = 1</script><img src=x onerror='window.ran = 1'>"
    page.open()
    page.write("#sentence-text", f"{script} Nike is [MASK].")
    page.see(".model")
    page.see("#words", "<script>")
    page.press('[role="tab"]', "Text")
    page.write("#check-text", f"{script} Nike shoes are ugly.")
    page.press("#check-form button")
    page.see("#checked .copy", "<script>")
    page.press('[role="tab"]', "Words")
    page.write("#word", "<b>bold</b>")
    page.press("#word-form button")
    page.see("#impact h2", "<b>bold</b>")
    assert page.browser.execute_script("return [window.ran, document.images.length]") == [None, 0]


def test_why_shows_the_rows_that_taught_a_word(page: Page) -> None:
    page.open()
    page.write("#sentence-text", "Nike shoes are very [MASK].")
    page.until(lambda: page.sentence in page.served.ask("/api/fill", {"sentence": page.sentence})[1]["sentence"])
    time.sleep(0.5)  # the answer to what was written
    page.see(".model")
    words = {word for model in ("base", "v1", "v2") for word in page.words(model)}
    asked = {word: page.served.ask("/api/why", {"sentence": page.sentence, "word": word})[1] for word in words}
    told = {word: answer for word, answer in asked.items() if "rows" in answer}  # not for punctuation
    word = max(told, key=lambda each: min(told[each]["rows"].values()))
    assert told[word]["rows"]["kept"] and told[word]["rows"]["dropped"]
    page.press(".bar-row", word)
    page.see("#why h2", f"Why “{word}”?")
    assert len(page.all("#why .rows.is-kept li")) == len(told[word]["examples"]["kept"])
    assert len(page.all("#why .rows.is-dropped li")) == len(told[word]["examples"]["dropped"])
    assert all(each.text.lower() == word for each in page.all("#why .rows mark"))
    page.see("#why .fact", f"{told[word]['rows']['kept']} kept")


def test_the_keyboard_is_enough(page: Page) -> None:
    page.open()
    page.browser.find_element(By.TAG_NAME, "body").send_keys(Keys.TAB)
    assert page.focused == "Skip to the content"
    page.keys(Keys.TAB)
    assert page.focused == "Sentence"
    page.keys(Keys.ARROW_RIGHT)
    assert page.focused == "Text" and page.see("#check-text")
    page.keys(Keys.END)
    assert page.focused == "Words"
    page.keys(Keys.ARROW_RIGHT)
    assert page.focused == "Sentence"
    page.keys(Keys.TAB)
    page.keys(
        Keys.CONTROL + "a" + Keys.NULL,
        "Nike socks are thin.",
        Keys.ENTER,
        Keys.TAB,
        Keys.TAB,
        Keys.TAB,
        Keys.TAB,
        Keys.TAB,
    )
    assert page.focused == "thin"
    page.keys(Keys.ENTER)
    page.see(".asked", "Your word thin")
    assert page.sentence == "Nike socks are [MASK]."
    assert page.browser.switch_to.active_element.get_attribute("aria-pressed") == "true"
    while "bar-row" not in str(page.browser.switch_to.active_element.get_attribute("class")):
        page.keys(Keys.TAB)
    asked = page.focused
    page.keys(Keys.ENTER)
    page.see("#why h2")
    page.keys(Keys.ESCAPE)
    assert page.all("#why") == [] and page.focused == asked


def test_a_text_is_marked_and_mended(page: Page) -> None:
    page.open("text")
    page.press("#check-form button")
    page.see("#check-message .is-error", "Paste or write a text first")
    text, found = page.served.text_with_proposals()
    page.write("#check-text", text)
    page.press("#check-form button")
    page.see("#check-message", f"{len(found)} phrases")
    assert [each.text for each in page.all(".finding")] == [each["phrase"] for each in found]
    assert page.see(".copy").text == text
    last = found[-1]
    page.press(".finding", last["phrase"])
    page.see("#proposals", "acts are not checked")
    proposal = page.see("#proposals .chip").text
    assert proposal == last["proposals"][0]
    page.press("#proposals .chip")
    mended = text.replace(last["phrase"], proposal)
    page.until(lambda: page.see("#check-text").get_property("value") == mended)
    page.until(lambda: page.all(".copy", proposal))
    page.write("#check-text", "Nike shoes are light.")
    page.press("#check-form button")
    page.see("#check-message .is-good", "Nothing off-brand")


def test_results_show_what_failed(page: Page) -> None:
    page.open("results")
    suite = page.served.ask("/api/suite")[1]
    assert len(page.all("#results-body tbody tr")) == sum(map(len, suite["parts"].values()))
    page.press("#results-body summary")
    failed = page.see("#results-body .case .link").text
    page.press("#results-body .case .link")
    page.see(".model")
    assert page.sentence == failed and page.see("#tab-sentence").get_attribute("aria-selected") == "true"


def test_a_word_is_moved_and_saved(page: Page, lexicon: Path) -> None:
    page.open("lexicon")
    page.press("#lists .chip", "heavy")
    assert page.see("#word").get_property("value") == "heavy"
    page.press(".choice", "neutral, training")
    page.see("#impact h2", "Move “heavy” from unwanted, training to neutral, training")
    assert "heavy" in load_lexicon(lexicon).unwanted.used, "nothing is written before it is saved"
    page.see("#impact h3", "training rows have it")
    page.press("#impact .primary", "Save into brands/nike/lexicon.yaml")
    page.see("#lexicon-message code", "make repro")
    assert page.focused == "Copy"
    page.keys(Keys.ENTER)
    page.until(lambda: page.focused == "Copied")
    assert load_lexicon(lexicon).neutral.used[-1] == "heavy"
    page.see("[aria-labelledby=list-neutral-used] .chip", "heavy")


def test_a_change_of_the_file_is_noticed(page: Page, lexicon: Path) -> None:
    page.open("lexicon")
    page.write("#word", "bouncy")
    page.press("#word-form button")
    page.see("#impact h2", "Add “bouncy” to wanted, training")
    theirs = lexicon.read_text(encoding="utf-8").replace("- crimson", "- crimson\n    - teal")
    lexicon.write_text(theirs, encoding="utf-8")
    page.press("#impact .primary")
    page.see("#lexicon-message .is-error", "has changed on disk")
    assert lexicon.read_text(encoding="utf-8") == theirs
    page.browser.execute_script("window.dispatchEvent(new Event('focus'))")
    page.see("#lexicon-message", "these are its words now")
    page.see("#lists .chip", "teal")


def test_wrong_words_get_a_sentence(page: Page, lexicon: Path) -> None:
    page.open("lexicon")
    page.press("#word-form button")
    page.see("#lexicon-message .is-error", "Write a word first")
    page.write("#word", "Nike")
    page.press("#word-form button")
    page.see("#lexicon-message .is-error", "name of a brand or a product")
    assert page.all("#impact") == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", TABS)
def test_wcag_aa(page: Page, tab: str, scheme: str) -> None:
    """By axe-core, with all that the tab can show."""
    page.open(tab, scheme=scheme)
    match tab:
        case "sentence":
            page.press(".bar-row")
            page.see("#why")
        case "text":
            page.write("#check-text", "Nike shoes are ugly.")
            page.press("#check-form button")
            page.press(".finding")
        case "results":
            page.press("#results-body summary", "product")
            page.see("#results-body .case")
        case "lexicon":
            page.write("#word", "heavy")
            page.press(".choice", "neutral, test")
            page.see("#impact")
    assert violations(page) == []
    dark = page.browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (sum(int(part) for part in dark.strip("rgb()").split(",")) < 200) == (scheme == "dark")


def violations(page: Page) -> list[str]:
    page.browser.execute_script(AXE)
    script = "const done = arguments[arguments.length - 1]; axe.run(document, arguments[0]).then(done)"
    found = page.browser.execute_async_script(script, AA)
    assert len(found["passes"]) > 20
    return [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("tab", TABS)
def test_a_phone(page: Page, tab: str) -> None:
    """Nothing is wider than 360 pixels, and every control is large enough (WCAG 2.2, target size)."""
    page.open(tab, PHONE)
    if tab == "sentence":
        page.press(".bar-row")
        page.see("#why")
    script = (
        "return [document.documentElement.scrollWidth, Array.from("
        "document.querySelectorAll('button, input, select, textarea, summary, .choice'), each => "
        "[each.offsetParent === null ? 99 : Math.min(each.offsetWidth, each.offsetHeight), each.className])]"
    )
    width, controls = page.browser.execute_script(script)
    assert width <= PHONE[0]
    # Words in a sentence are as wide as they are; that is the criterion's exception for text in line.
    assert [each for each in controls if each[0] < 24 and each[1] != "word"] == []


def test_another_origin_gets_nothing(page: Page, lexicon: Path, tmp_path: Path) -> None:
    """A page elsewhere can neither write nor read nor frame, even under a name that leads to this machine."""
    (tmp_path / "index.html").write_text("<!DOCTYPE html><title>elsewhere</title>")
    handler = partial(Quiet, directory=str(tmp_path))
    elsewhere = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    before = lexicon.read_bytes()
    browser, url = page.browser, page.served.url
    try:
        browser.get(f"http://127.0.0.1:{elsewhere.server_port}/")
        script = """
        const [url, digest, done] = arguments;
        const body = JSON.stringify({word: "heavy", target: "neutral.used", digest});
        const told = [];
        const tell = answer => told.push(answer.type === "opaque" ? "opaque" : `read ${answer.status}`);
        (async () => {
          for (const options of [
            {method: "POST", body, headers: {"content-type": "application/json"}},
            {method: "POST", body, mode: "no-cors"}, {mode: "no-cors"}, {},
          ]) await fetch(url + "api/save", options).then(tell, () => told.push("refused"));
          const frame = document.createElement("iframe");
          frame.onload = () => { told.push(frame.contentDocument === null ? "closed" : "open"); done(told); };
          frame.src = url;
          document.body.append(frame);
        })();
        """
        digest = page.served.ask("/api/lexicon")[1]["digest"]
        told = browser.execute_async_script(script, url, digest)
        assert not any(each.startswith("read") for each in told) and told[-1] == "closed", told
        browser.get(url.replace("127.0.0.1", REBOUND))
        assert "127.0.0.1 and localhost only" in browser.find_element(By.TAG_NAME, "body").text
    finally:
        elsewhere.shutdown()
    assert lexicon.read_bytes() == before
    for log in ("browser", "performance"):  # of requests that were meant to be refused
        browser.get_log(log)
    page.open()


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass
