"""How fast the page of `brand-mlm try` answers when its models are loaded.

    python -m bench.page            # in a project that has been run

asks the page's own server, over HTTP on this machine, for the words of three models: a different sentence each time, so
that nothing can be kept from an earlier answer. Wall time of a request, and processor time of the server's process,
which other work on the machine does not change.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
import urllib.request
from collections.abc import Callable
from itertools import cycle
from typing import Any, Final

from brandmlm.commands.project import enter_project
from brandmlm.commands.try_page import open_workbench
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.page.app import make_app
from tools.page_browser import serving

AIM_MS: Final = 150

WARM_UP: Final = 5


def asker(url: str) -> Callable[[str, dict[str, str] | None], Any]:
    """A function that asks the page's server as the page does."""

    def ask(path: str, body: dict[str, str] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Origin": url.rstrip("/"), "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(f"{url}api/{path}", data, headers)) as answer:
            return json.load(answer)

    return ask


def measure(ask: Callable[[], Any]) -> tuple[float, float]:
    """Wall and processor milliseconds of a request."""
    wall, processor = time.perf_counter(), time.process_time()
    ask()
    return 1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - processor)


def show(name: str, times: list[tuple[float, float]]) -> None:
    walls, processors = (sorted(each) for each in zip(*times, strict=True))
    ninth = walls[int(0.9 * (len(walls) - 1))]
    print(
        f"{name:<12} wall: median {statistics.median(walls):6.1f} ms, fastest {walls[0]:6.1f}, nine of ten below "
        f"{ninth:6.1f}; processor: median {statistics.median(processors):6.1f} ms"
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__.splitlines()[0])
    parser.add_argument("--requests", type=int, default=50)
    requests = parser.parse_args().requests
    enter_project()
    started = time.perf_counter()
    workbench = open_workbench()
    print(f"models and lexicon loaded in {time.perf_counter() - started:.1f} s")
    lexicon = load_lexicon(workbench.files.lexicon)
    goods = [product.plural for product in lexicon.products if product.plural]
    words = (*lexicon.wanted.all, *lexicon.unwanted.all)
    asked = [
        (f"{lexicon.brand[0]} {good} number {number} are very [MASK] and {word}.", word)
        for number, good, word in zip(range(WARM_UP + requests), cycle(goods), cycle(words), strict=False)
    ]
    with serving(make_app(workbench)) as url:
        ask = asker(url)
        fill = [measure(lambda s=s, w=w: ask("fill", {"sentence": s, "word": w})) for s, w in asked]  # type: ignore[misc]
        why = [measure(lambda s=s, w=w: ask("why", {"sentence": s, "word": w})) for s, w in asked]  # type: ignore[misc]
        preview = [
            measure(lambda number=n: ask("preview", {"word": f"bouncy{number}", "target": "wanted.used"}))  # type: ignore[misc]
            for n in range(len(asked))
        ]
    show("three models", fill[WARM_UP:])
    show("why a word", why[WARM_UP:])
    show("an edit", preview[WARM_UP:])
    met = "met" if statistics.median(wall for wall, _ in fill[WARM_UP:]) <= AIM_MS else "not met"
    print(f"the aim, {AIM_MS} ms for three models: {met}")


if __name__ == "__main__":
    main()
