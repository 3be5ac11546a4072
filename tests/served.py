"""The page of a project, served to tests."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from brandmlm.commands.try_page import open_workbench
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.page.app import make_app
from tools.page_browser import serving


@dataclass(frozen=True)
class Served:
    """A page, and the project that it serves, which is the current folder meanwhile."""

    url: str
    project: Path

    @property
    def origin(self) -> str:
        return self.url.rstrip("/")

    def ask(self, path: str, body: Any = None, **headers: str) -> tuple[int, Any, dict[str, str]]:
        """Status, content (JSON, or text) and headers of an answer; as the page itself would ask.

        A body of bytes is sent as it is. Headers are named with underscores; an empty one is left out.
        """
        sent = {"Host": urlsplit(self.url).netloc}
        if body is not None:
            sent |= {"Origin": self.origin, "Content-Type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        method = "GET" if body is None else "POST"
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        if body is not None and "Transfer-Encoding" not in sent:
            sent.setdefault("Content-Length", str(len(data)))
        for name, value in sent.items():
            if value:
                connection.putheader(name, value)
        connection.endheaders()
        connection.send(data)
        answer = connection.getresponse()
        text = answer.read().decode()
        found = {name.lower(): value for name, value in answer.getheaders()}
        connection.close()
        return answer.status, json.loads(text) if "json" in found.get("content-type", "") else text, found

    def text_with_proposals(self) -> tuple[str, list[Any]]:
        """A text of two lines, each with an off-brand phrase, and its findings; the last of them has proposals."""
        for word in load_lexicon(self.project / "brands" / "nike" / "lexicon.yaml").unwanted.used:
            text = f"👟 Nike shoes are ugly.\nOur Nike socks are very {word}."
            found = self.ask("/api/check", {"text": text, "kind": "text"})[1]["findings"]
            if len(found) == 2 and word != "ugly" and found[1]["proposals"]:
                return text, found
        raise AssertionError("no proposal in place of any word")


@contextmanager
def serve(project: Path) -> Iterator[Served]:
    """Serve the page of a project, which is the current folder meanwhile."""
    before = Path.cwd()
    os.chdir(project)
    try:
        with serving(make_app(open_workbench())) as url:
            yield Served(url, project)
    finally:
        os.chdir(before)
