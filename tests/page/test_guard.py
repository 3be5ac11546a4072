"""Requests that are not the page's own are refused before anything runs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from served import Served
from starlette.datastructures import Headers

from brandmlm.page.guard import MAX_BODY, refusal

OWN = {"host": "127.0.0.1:8765", "origin": "http://127.0.0.1:8765", "content-type": "application/json"}


def refused(method: str, path: str, **headers: str | None) -> int | None:
    """The status with which a request of the page, with some headers changed, is refused; None: it is answered."""
    changed = OWN | {name.replace("_", "-"): value for name, value in headers.items()}
    found = refusal(method, path, Headers({name: value for name, value in changed.items() if value is not None}))
    return found[0] if found else None


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, None),
        ({"host": "localhost:8765", "origin": "http://localhost:8765"}, None),
        ({"host": "LOCALHOST:1", "origin": "http://localhost:1"}, None),
        ({"host": "[::1]:8765", "origin": "http://[::1]:8765"}, None),
        ({"content_type": "application/json; charset=utf-8"}, None),
        ({"sec_fetch_site": "same-origin"}, None),
        # DNS rebinding: a name of the attacker's that leads here.
        ({"host": "evil.example:8765"}, 403),
        ({"host": "evil.example:8765", "origin": "http://evil.example:8765"}, 403),
        ({"host": "127.0.0.1.evil.example"}, 403),
        ({"host": "localhost:8765@evil.example"}, 403),
        ({"host": "0.0.0.0:8765"}, 403),
        ({"host": ""}, 403),
        ({"host": None}, 403),
        # Another page's requests.
        ({"origin": "http://evil.example"}, 403),
        ({"origin": "http://localhost:8765"}, 403),
        ({"origin": "http://127.0.0.1:3000"}, 403),
        ({"origin": "https://127.0.0.1:8765"}, 403),
        ({"origin": "null"}, 403),
        ({"origin": None}, 403),
        ({"sec_fetch_site": "cross-site"}, 403),
        ({"sec_fetch_site": "same-site"}, 403),
        # What a form elsewhere can send without asking first.
        ({"content_type": "text/plain"}, 415),
        ({"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"content_type": None}, 415),
        ({"content_length": str(MAX_BODY + 1)}, 413),
        ({"content_length": "-1"}, 413),
        ({"content_length": "x"}, 413),
    ],
)
def test_a_write_is_the_page_s_own(headers: dict[str, str | None], status: int | None) -> None:
    assert refused("POST", "/api/save", **headers) == status


def test_a_link_elsewhere_opens_the_page_and_nothing_else() -> None:
    link = {"origin": None, "sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert refused("GET", "/", **link) is None
    assert refused("GET", "/api/lexicon", **link) == 403
    assert refused("GET", "/", **(link | {"sec_fetch_mode": "no-cors"})) == 403
    assert refused("DELETE", "/") == 405


@given(st.from_regex(r"[a-z0-9.:\[\]@/-]{1,30}", fullmatch=True))
def test_only_names_of_this_machine_are_answered(host: str) -> None:
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() and ":" in host else host
    own = name in ("127.0.0.1", "localhost", "[::1]")
    answered = refused("GET", "/", host=host, origin=None) is None
    assert answered <= own


def test_the_server_refuses_so_too(served: Served) -> None:
    body = {"sentence": "Nike shoes are [MASK]."}
    assert served.ask("/api/fill", body)[0] == 200
    for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": ""}):
        status, content, found = served.ask("/api/fill", body, **headers)
        assert status == 403 and set(content) == {"error"} and content["error"].endswith(".")
        assert found["x-content-type-options"] == "nosniff" and "access-control-allow-origin" not in found
    assert served.ask("/api/lexicon", Host="evil.example:80")[0] == 403
    assert served.ask("/api/fill", b"x" * (MAX_BODY + 1))[0] == 413


def test_a_body_without_a_length_is_counted(served: Served) -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    body = chunk * 6 + b"0\r\n\r\n"
    status, content, _ = served.ask("/api/fill", body, Transfer_Encoding="chunked", Content_Length="")
    assert status == 413 and "too much text" in content["error"]


def test_every_answer_says_what_a_browser_may_do(served: Served) -> None:
    for path in ("/", "/static/page.js", "/api/lexicon", "/nothing"):
        headers = served.ask(path)[2]
        assert headers["content-security-policy"].startswith("default-src 'self'; ")
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store" and "server" not in headers


@pytest.mark.parametrize("path", ["/static/../app.py", "/static/%2e%2e/app.py", "/static//etc/passwd", "/params.yaml"])
def test_no_other_file_is_served(served: Served, path: str) -> None:
    assert served.ask(path)[0] == 404
