"""What the demo is made from: packages that npm fetches, and files that name no other host."""

from __future__ import annotations

import base64
import hashlib
import io
import re
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader

from brandmlm.core.errors import UserError
from brandmlm.page.demo import build, npm

PACKAGE = npm.Package("@scope/thing", "1.2.3", "sha512-", {"dist/a.js": "b.js"})


def packed(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return out.getvalue()


def digest(data: bytes) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(data).digest()).decode()


Fake = Callable[[str], None]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Put an npm on the PATH that runs a line of Python; `data` is the packed package."""
    data = packed({"package/dist/a.js": b"content", "../evil": b"evil"})
    (tmp_path / "data").write_bytes(data)
    monkeypatch.setattr(npm, "PACKAGES", (replace(PACKAGE, integrity=digest(data)),))

    def write(line: str) -> None:
        program = tmp_path / "bin" / "npm"
        program.parent.mkdir(exist_ok=True)
        read = f"import sys; data = open({str(tmp_path / 'data')!r}, 'rb').read()"
        program.write_text(f"#!{sys.executable}\n{read}\n{line}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent))

    return write


def test_the_files_of_a_package_with_the_pinned_digest_are_read(fake: Fake) -> None:
    fake("assert '@scope/thing@1.2.3' in sys.argv; open('scope-thing-1.2.3.tgz', 'wb').write(data)")
    assert npm.fetch_runtime() == {"b.js": b"content"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("open('scope-thing-1.2.3.tgz', 'wb').write(data + b'0')", "not the one that is pinned; nothing of it is used"),
        ("sys.exit('npm error code E404\\nnpm error 404 Not Found\\nnpm error A complete log of this run: /x')",
         "npm pack: code E404; 404 Not Found; check the network and npm's registry"),
        ("pass", "wrote no scope-thing-1.2.3.tgz"),
        ("import time; time.sleep(60)", "no answer within 0.2 s"),
    ],
)  # fmt: skip
def test_another_package_or_none_is_refused_in_a_line(
    line: str, message: str, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    if "sleep" in line:
        monkeypatch.setattr(npm, "TIMEOUT_S", 0.2)
    fake(line)
    with pytest.raises(UserError, match=re.escape(message)):
        npm.fetch_runtime()


def test_npm_is_the_one_of_the_path_or_of_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(npm, "find_spec", lambda name: name)
    assert npm.npm_command()[0] == sys.executable
    monkeypatch.setattr(npm, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"npm: not found; install Node\.js"):
        npm.npm_command()


def test_a_package_of_the_registry_is_pinned_by_its_digest() -> None:
    for package in npm.PACKAGES:
        assert re.fullmatch(r"sha512-[A-Za-z0-9+/]{86}==", package.integrity) and package.version[0].isdigit()


def test_the_page_names_no_other_host_and_escapes_the_brand() -> None:
    for name in build.SHARED + build.OWN:
        folder = build.HERE.parent / "static" if name in build.SHARED else build.HERE / "static"
        text = (folder / name).read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert "//" not in re.sub(r"^\s*//.*|[;{})] // .*|\}?,? // .*$", "", text, flags=re.MULTILINE), name
    environment = Environment(loader=FileSystemLoader(build.HERE / "templates"), autoescape=True)
    facts = {"brand": '<script>"', "language": "en", "examples": ['"><img>']}
    page = environment.get_template("index.html").render(facts=facts)
    assert "//" not in page and "<img" not in page and page.count("<script") == 1
    assert "default-src 'none'" in page and "unsafe-inline" not in page
