"""The demo in a browser, from a plain file server, with no other host to be reached."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import axe_core_python
import numpy as np
import pytest
from conftest import Here, command, lend_environment
from pages import commands, examples
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from brandmlm.core.errors import UserError
from brandmlm.onnx.folder import FILES, softmax
from brandmlm.onnx.session import mask_logits
from brandmlm.page.demo import npm
from brandmlm.reporting.provenance import check_files, read_statement
from tools.page_browser import chromium, look

pytestmark = pytest.mark.long

APP = "brandmlm.commands.app"
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
WAIT_S = 60.0


def unavailable(reason: str) -> None:
    """Skip; fail where everything is installed."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)


@pytest.fixture(scope="module")
def offline() -> None:
    """npm takes packages from its cache alone; `make test-all` has put them there."""
    os.environ["NPM_CONFIG_OFFLINE"] = "true"
    try:
        npm.fetch_runtime()
    except UserError as error:
        unavailable(f"{error} (`make demo` fetches the packages)")


@pytest.fixture(scope="module")
def demo(offline: None, built_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo of tiny models."""
    project = Path(shutil.copytree(built_project, tmp_path_factory.mktemp("demo") / "project", symlinks=True))
    said = command(project, "make", "demo", **lend_environment(project)).stdout
    out = project / "data" / "demo"
    [page] = examples("docs/serving.md", "html")
    (out / "own.html").write_text(page, encoding="utf-8")
    shown = "python -m http.server --bind 127.0.0.1 --directory data/demo"
    assert f"`{shown}`" in said and {"make demo", shown} <= set(commands("docs/serving.md"))
    return out


@pytest.fixture(scope="module")
def address(demo: Path) -> Iterator[str]:
    """A plain file server's."""
    words = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(demo)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout
        found = re.search(r"port (\d+)", server.stdout.readline())
        assert found
        yield f"http://127.0.0.1:{found[1]}/"
        server.terminate()


@pytest.fixture(scope="module")
def net_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("net") / "log.json"


@pytest.fixture(scope="module")
def browser(net_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebDriver]:
    try:
        with chromium(tmp_path_factory.mktemp("chromium"), f"--log-net-log={net_log}") as found:
            yield found
    except UserError as error:
        unavailable(str(error))


class Page:
    def __init__(self, browser: WebDriver, address: str) -> None:
        self.browser, self.address = browser, address

    def open(self, width: int = 1180, height: int = 900, scheme: str = "light") -> None:
        look(self.browser, width, height, scheme)
        self.browser.get(self.address)
        self.wait("return document.querySelectorAll('.model .bar').length === 20")

    def wait(self, script: str, *arguments: object) -> None:
        try:
            WebDriverWait(self.browser, WAIT_S).until(lambda _: self.browser.execute_script(script, *arguments))
        except TimeoutException:
            pytest.fail(f"{script}\n{self.browser.execute_script('return document.body.innerText')}")

    def write(self, text: str) -> None:
        """Put a text into the field, as a paste does."""
        field = self.browser.find_element(By.ID, "sentence-text")
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input'))"
        self.browser.execute_script(script, field, text)
        field.send_keys(Keys.ENTER)

    def text(self) -> str:
        return str(self.browser.execute_script("return document.getElementById('sentence-text').value"))

    def message(self) -> str:
        return self.browser.find_element(By.ID, "sentence-message").text

    def word(self, text: str) -> Any:
        return next(each for each in self.browser.find_elements(By.CSS_SELECTOR, ".word") if each.text == text)

    def answers(self) -> dict[str, list[tuple[str, str]]]:
        script = """return Object.fromEntries([...document.querySelectorAll(".model")].map(model => [
            model.querySelector(".model-name").textContent,
            [...model.querySelectorAll(".bar")].map(bar =>
                [bar.querySelector(".bar-word").lastChild.textContent, bar.className.slice(7)])]))"""
        found = self.browser.execute_script(script)
        return {name: [(word, verdict) for word, verdict in words] for name, words in found.items()}


@pytest.fixture
def page(browser: WebDriver, address: str) -> Page:
    return Page(browser, address)


def test_both_models_answer_as_onnx_runtime_does_and_words_are_judged(page: Page, demo: Path) -> None:
    page.open()
    sentence = "Nike socks feel [MASK] after a long day."
    page.write(sentence)
    page.wait("return document.querySelectorAll('.model[data-seconds]').length === 2")
    expected = {}
    for name in ("v2", "base"):
        predictor = load_tokenizer(demo / "models" / name)
        [shares] = softmax(mask_logits(demo / "models" / name / FILES["int8"], predictor, [sentence], threads=1))
        expected[name] = [predictor.decode([token]).strip() for token in np.argsort(-shares)[:10]]
    page.wait(
        "return document.querySelector('.model .bar-word').lastChild.textContent === arguments[0]", expected["v2"][0]
    )
    found = page.answers()
    assert {name: [word for word, _ in words] for name, words in found.items()} == expected
    settings = json.loads((demo / "demo.json").read_text())
    judged = {
        predictor.decode([token]).strip(): verdict for verdict in ("wanted", "unwanted") for token in settings[verdict]
    }
    assert {"comfortable", "durable"} <= judged.keys() and judged["ugly"] == "unwanted"
    for words in found.values():
        assert all(verdict == judged.get(word, "other") for word, verdict in words)


def load_tokenizer(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder)


def test_a_pressed_word_is_masked_looked_up_and_put_back(page: Page) -> None:
    page.open()
    page.write("Our Nike shoes are heavy.")
    assert "No word is masked yet" in page.message()
    page.word("heavy").click()
    assert page.text() == "Our Nike shoes are [MASK]."
    page.wait("return document.querySelectorAll('.asked').length === 2")
    asked = page.browser.find_element(By.CSS_SELECTOR, ".asked").text
    assert re.fullmatch(r"Your word heavy is number [\d,]+, at [\d.<]+ %\.", asked)
    page.word("Nike").send_keys(Keys.SPACE)  # by the keyboard: another word, the first is put back
    assert page.text() == "Our [MASK] shoes are heavy."
    page.word("Nike").click()
    assert page.text() == "Our Nike shoes are heavy."


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write a sentence first."),
        ("[MASK] and [MASK]", "2 words are masked"),
        ("very " * 9_999 + "[MASK]", "That is 10,000 words; write one sentence of at most 200."),
        ("x-" * 2000 + " [MASK]", "The mask is beyond the 512 tokens"),
    ],
)
def test_what_is_no_sentence_gets_one(page: Page, text: str, message: str) -> None:
    page.open()
    page.write(text)
    page.wait("return document.getElementById('sentence-message').textContent.startsWith(arguments[0])", message)


def test_markup_is_text(page: Page) -> None:
    page.open()
    page.write("<img src=x onerror=document.title='hit'> <script>document.title='hit'</script> is [MASK].")
    page.wait("return document.getElementById('words').textContent.includes('<script>')")
    assert page.browser.title == "Nike: what would the model say?"
    assert page.browser.find_elements(By.CSS_SELECTOR, "#words img, #words script") == []


def test_a_page_of_one_s_own_runs_the_model(page: Page) -> None:
    page.browser.get(f"{page.address}own.html")
    page.wait("return document.getElementById('answer').textContent.split(' ').length === 5")


@pytest.mark.parametrize(("width", "scheme"), [(1180, "light"), (1180, "dark"), (360, "light"), (360, "dark")])
def test_it_is_accessible_and_fits(page: Page, width: int, scheme: str) -> None:
    page.open(width, 780, scheme)
    assert page.browser.execute_script("return document.documentElement.scrollWidth") == width
    page.browser.execute_script(AXE)
    script = "const done = arguments[arguments.length - 1]; axe.run(document, arguments[0]).then(done)"
    found = page.browser.execute_async_script(script, RULES)
    assert len(found["passes"]) > 20
    assert [f"{each['id']}: {node['html']}" for each in found["violations"] for node in each["nodes"]] == []


def test_the_folder_has_its_provenance_and_may_be_written_again(
    demo: Path, built_project: Path, here: Here, tmp_path: Path
) -> None:
    assert list(check_files(demo, read_statement(demo))) == [f"{demo / 'own.html'}: not in provenance.json; remove it"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "index.html").touch()
    (tmp_path / "mine" / "letter.txt").touch()
    refused = here(built_project, APP, "demo", "--out", str(tmp_path / "mine"), ok=False)
    assert refused.returncode == 1 and "letter.txt, which is no file of the demo" in refused.stderr


def test_no_other_host_is_asked_and_the_console_is_silent(page: Page, net_log: Path) -> None:
    """Last: by the browser's own log of its network, which has the requests of workers, too."""
    page.open()
    assert [each for each in page.browser.get_log("browser") if each["level"] == "SEVERE"] == []
    script = "const done = arguments[0]; fetch('https://example.com').then(() => done('asked'), () => done('refused'))"
    assert page.browser.execute_async_script(script) == "refused"  # by the page's policy
    page.browser.quit()
    asked = asked_by(page.address.rstrip("/"), net_log)
    needed = ("runtime/transformers.min.js", "runtime/ort-wasm-simd-threaded.wasm", f"models/v2/{FILES['int8']}")
    assert {f"{page.address}{name}" for name in needed} <= asked
    assert [url for url in asked if not url.startswith(page.address)] == []


def asked_by(origin: str, net_log: Path) -> set[str]:
    """The addresses that the pages and workers of an origin asked for. The browser asks for things of its own, too."""
    form = re.compile(r'"initiator":"([^"]*)".*"url":"([^"]*)"')
    events = form.findall(net_log.read_text(encoding="utf-8"))  # one in a line
    return {url for initiator, url in events if initiator == origin}
