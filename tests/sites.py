"""Fakes of the sites that data and bases come from: small servers on this machine that speak their protocols.

What they answer follows the clients' own code at the pinned versions (kagglesdk 0.1.37, huggingface_hub 1.33.0) and,
for data.world, the site's published API description (v0). Faults are planned per part of a path, one for each request.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import tempfile
import threading
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlsplit

from filelock import FileLock

TOKEN = "planted-token-7Qx"  # what the sites accept, and what must never be seen again
WRONG = "planted-wrong-token-9Zy"
USER, KEY = "rosa", "planted-key-3Wv"
SIGNATURE = "planted-signature-5Rt"  # in the addresses of storage, as good as a token
SECRETS = (TOKEN, WRONG, KEY, SIGNATURE)


@dataclass
class Asked:
    method: str
    path: str
    headers: Message
    body: bytes


@dataclass
class File:
    """A stored file that a GET returns."""

    content: bytes
    etag: str | None = ""  # "": made of the content
    headers: dict[str, str] = field(default_factory=dict)

    def validator(self) -> str | None:
        return f'"{hashlib.md5(self.content).hexdigest()}"' if self.etag == "" else self.etag


Fault = Callable[["Handler", File], None]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def reply(self, status: int, body: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        for name, value in {"Content-Length": str(len(body)), "Connection": "close", **named}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reply_json(self, value: Any, status: int = 200, **headers: str) -> None:
        self.reply(status, json.dumps(value).encode(), Content_Type="application/json; charset=utf-8", **headers)

    def reply_file(self, file: File, end: int | None = None, length: int | None = None) -> None:
        """Answer as in RFC 9110, with ranges and If-Range; `end`, `length`: bytes sent and announced (default: all)."""
        etag, start, status = file.validator(), 0, 200
        headers = {"Accept-Ranges": "bytes", **file.headers, **({"ETag": etag} if etag else {})}
        asked = self.headers.get("Range", "")
        if asked.startswith("bytes=") and self.headers.get("If-Range", etag) == etag:
            start, status = int(asked[6:].rstrip("-")), 206
            headers["Content-Range"] = f"bytes {start}-{len(file.content) - 1}/{len(file.content)}"
        body = file.content[start:]
        self.send_response(status)
        announced = len(body) if length is None else length
        for name, value in {"Content-Length": str(announced), "Connection": "close", **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(file.content[start:end])
            self.wfile.flush()

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        self.body = self.rfile.read(length)
        site = self.server.site
        site.asked.append(Asked(self.command, self.path, self.headers, self.body))
        site.answer(self)

    do_GET = do_POST = do_PUT = do_HEAD = answer

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    site: Site

    def handle_error(self, *_: object) -> None:
        """Clients that disconnect early are expected."""


class Site:
    """A fake site: `asked` holds the requests, `faults` the faults to come, by a part of the path, one per request."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: dict[str, list[Fault | None]] = {}
        self.released = threading.Event()
        self.port = 0

    def fault(self, path: str) -> Fault | None:
        for part, planned in self.faults.items():
            if part in path and planned:
                return planned.pop(0)
        return None

    def answer(self, handler: Handler) -> None:
        raise NotImplementedError

    def serve(self, handler: Handler, file: File) -> None:
        """Answer with a stored file, or with the fault planned for this request."""
        fault = self.fault(handler.path)
        if fault is None:
            handler.reply_file(file)
        else:
            fault(handler, file)

    def paths(self, part: str = "") -> list[str]:
        return [one.path for one in self.asked if part in one.path]

    @contextmanager
    def running(self, port: int = 0) -> Iterator[Site]:
        with Server(("127.0.0.1", port), Handler) as server:
            server.site, self.port = self, server.server_port
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
            try:
                yield self
            finally:
                self.released.set()
                server.shutdown()


# --- faults ----------------------------------------------------------------------------------------------------------


def status(code: int, **headers: str) -> Fault:
    return lambda handler, file: handler.reply(code, b"no", **headers)


def cut(handler: Handler, file: File) -> None:
    """The connection breaks at half."""
    handler.reply_file(file, end=len(file.content) // 2)


def truncated(handler: Handler, file: File) -> None:
    """Half of the file, with a header that says that it is all."""
    half = len(file.content) // 2
    handler.reply_file(file, end=half, length=half)


def stall(handler: Handler, file: File) -> None:
    """Half of the file, then silence; the connection stays open."""
    handler.reply_file(file, end=len(file.content) // 2)
    handler.server.site.released.wait(20)


def silent(handler: Handler, file: File) -> None:
    handler.server.site.released.wait(20)


# --- Kaggle ----------------------------------------------------------------------------------------------------------


class Kaggle(Site):
    """kagglesdk's calls: JSON posted to <service>/<method>; a file is a redirect to signed storage on another host."""

    def __init__(self) -> None:
        super().__init__()
        self.datasets: dict[str, dict[int, dict[str, bytes]]] = {}  # by owner/name, version, file
        self.zipped = False  # storage hands out zip archives, as it does for larger files
        self.listed: dict[str, int] = {}  # sizes in the listing that are not the files' own
        self.page = 200  # files per page at most

    def answer(self, handler: Handler) -> None:
        url = urlsplit(handler.path)
        if url.path.startswith("/storage/"):
            self.store(handler, url.path)
            return
        method = url.path.removeprefix("/api/v1/")
        message = json.loads(handler.body)
        if method == "users.AccountService/GenerateAccessToken":
            good = message.get("refreshToken") == KEY
            handler.reply_json({"token": TOKEN, "expiresIn": 3600} if good else {"code": 401}, 200 if good else 401)
            return
        planned = self.fault(handler.path)
        if planned is not None:
            planned(handler, File(b""))
            return
        basic = base64.b64encode(f"{USER}:{KEY}".encode()).decode()
        if handler.headers.get("Authorization") not in (f"Bearer {TOKEN}", f"Basic {basic}"):
            handler.reply_json({"code": 401, "message": "Unauthenticated"}, 401)
            return
        dataset = f"{message.get('ownerSlug')}/{message.get('datasetSlug')}"
        versions = self.datasets.get(dataset)
        version = message.get("datasetVersionNumber", max(versions or {0: {}}))
        if versions is None or version not in versions:
            handler.reply_json({"code": 404, "message": "Not found"}, 404)
            return
        files = versions[version]
        match method:
            case "datasets.DatasetApiService/GetDataset":
                handler.reply_json({"ref": dataset, "currentVersionNumber": max(versions), "isPrivate": False})
            case "datasets.DatasetApiService/ListDatasetFiles":
                size, start = min(message["pageSize"], self.page), int(message.get("pageToken", "0"))
                part = [
                    {"name": name, "totalBytes": self.listed.get(name, len(content)), "fileType": ".csv"}
                    for name, content in list(files.items())[start : start + size]
                ]
                more = {"nextPageToken": str(start + size)} if start + size < len(files) else {}
                handler.reply_json({"datasetFiles": part, **more})
            case "datasets.DatasetApiService/DownloadDataset" if message["fileName"] in files:
                end = ".zip" if self.zipped else ""
                path = quote(f"/storage/{dataset}/{version}/{message['fileName']}{end}")
                # Another host than the API's, which must not get the token.
                address = f"http://127.0.0.1:{self.port}{path}?X-Goog-Signature={SIGNATURE}"
                handler.reply(302, Location=address)
            case _:
                handler.reply_json({"code": 404, "message": "Not found"}, 404)

    def store(self, handler: Handler, path: str) -> None:
        # Storage accepts one kind of authorisation: the signature.
        if parse_qs(urlsplit(handler.path).query) != {"X-Goog-Signature": [SIGNATURE]}:
            handler.reply(403, b"no signature")
        elif "Authorization" in handler.headers:
            handler.reply(400, b"two kinds of authorisation")
        else:
            owner, name, version, file = unquote(path).removeprefix("/storage/").split("/", 3)
            content = self.datasets[f"{owner}/{name}"][int(version)][file.removesuffix(".zip")]
            self.serve(handler, File(zipped({file.removesuffix(".zip"): content}) if self.zipped else content))


# The port that the client uses with KAGGLE_API_ENVIRONMENT=TEST; one test at a time can have it.
KAGGLE_PORT = 7777


def kaggle_port() -> FileLock:
    return FileLock(Path(tempfile.gettempdir()) / f"port-{KAGGLE_PORT}.lock")


@contextmanager
def kaggle() -> Iterator[Kaggle]:
    """A fake Kaggle on the port that the client uses for tests."""
    site = Kaggle()
    with kaggle_port(), site.running(KAGGLE_PORT):
        yield site


# --- data.world ------------------------------------------------------------------------------------------------------


class DataWorld(Site):
    """API v0: a data set's description, and its files as they were uploaded."""

    def __init__(self) -> None:
        super().__init__()
        self.datasets: dict[str, dict[str, bytes]] = {}
        self.listed: dict[str, int] = {}
        self.elsewhere = False  # a file is a redirect to another host

    def answer(self, handler: Handler) -> None:
        path = unquote(urlsplit(handler.path).path)
        if path.startswith("/elsewhere/"):
            handler.reply(400) if "Authorization" in handler.headers else self.file(handler, path[11:])
        elif handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            handler.reply_json({"code": 401, "message": "Unauthorized"}, 401)
        elif path.startswith("/v0/datasets/"):
            planned = self.fault(handler.path)
            dataset = path.removeprefix("/v0/datasets/")
            if planned is not None:
                planned(handler, File(b""))
            elif dataset not in self.datasets:
                handler.reply_json({"code": 404, "message": "Dataset not found"}, 404)
            else:
                files = [
                    {"name": name, "sizeInBytes": self.listed.get(name, len(content)), "created": "", "updated": ""}
                    for name, content in self.datasets[dataset].items()
                ]
                handler.reply_json({"id": dataset, "version": "5a1c-7", "status": "LOADED", "files": files})
        elif path.startswith("/v0/file_download/"):
            name = path.removeprefix("/v0/file_download/")
            if self.elsewhere:
                handler.reply(302, Location=f"http://localhost:{self.port}/elsewhere/{quote(name)}?s={SIGNATURE}")
            else:
                self.file(handler, name)
        else:
            handler.reply_json({"code": 404}, 404)

    def file(self, handler: Handler, path: str) -> None:
        owner, name, file = path.split("/", 2)
        content = self.datasets.get(f"{owner}/{name}", {}).get(file)
        if content is None:
            handler.reply_json({"code": 404}, 404)
        else:
            self.serve(handler, File(content, headers={"Content-Disposition": f'attachment; filename="{file}"'}))


# --- the model hub ---------------------------------------------------------------------------------------------------

LARGE = 4096  # bytes from which the stand-in keeps a file in its large file storage


class Hub(Site):
    """The hub's API and its /resolve addresses; large files are redirects to signed storage on another host.

    Data sets are the repositories named `datasets/owner/name`.
    """

    def __init__(self) -> None:
        super().__init__()
        self.files: dict[str, dict[str, dict[str, bytes]]] = {}  # by repository, commit, file
        self.branches: dict[str, str] = {}  # commit by branch, of every repository
        self.private: set[str] = set()
        self.gated: set[str] = set()

    def answer(self, handler: Handler) -> None:
        path = unquote(urlsplit(handler.path).path)
        if path.startswith("/storage/"):
            if "Authorization" in handler.headers or SIGNATURE not in handler.path:
                handler.reply(400)
                return
            repository = next(name for name in self.files if path.startswith(f"/storage/{name}/"))
            commit, file = path.removeprefix(f"/storage/{repository}/").split("/", 1)
            self.serve(handler, File(self.files[repository][commit][file]))
            return
        planned = self.fault(handler.path)
        if planned is not None and "/resolve/" not in path:
            planned(handler, File(b""))
            return
        sent = handler.headers.get("Authorization")
        if sent not in (None, f"Bearer {TOKEN}"):
            handler.reply(401, X_Error_Message="Invalid credentials in Authorization header")
            return
        parts = path.strip("/").removeprefix("api/").split("/")
        kind = "datasets/" if parts[0] == "datasets" else ""
        parts = parts[parts[0] in ("models", "datasets") :]
        repository, rest = kind + "/".join(parts[:2]), parts[2:]
        if repository not in self.files or (repository in self.private and sent is None):
            handler.reply(401 if sent is None else 404, X_Error_Code="RepoNotFound")
        elif repository in self.gated:
            handler.reply(403, X_Error_Code="GatedRepo")
        elif len(rest) < 2 or (commit := self.branches.get(rest[1], rest[1])) not in self.files[repository]:
            handler.reply(404, X_Error_Code="RevisionNotFound")
        elif rest[0] == "revision":
            handler.reply_json(self.description(repository, commit))
        elif rest[0] == "tree":
            handler.reply_json(self.tree(repository, commit))
        elif "/".join(rest[2:]) in self.files[repository][commit]:
            self.resolve(handler, repository, commit, "/".join(rest[2:]), planned)
        else:
            handler.reply(404, X_Error_Code="EntryNotFound", X_Repo_Commit=commit)

    def description(self, repository: str, commit: str) -> dict[str, Any]:
        siblings = [
            {"rfilename": name, "size": len(content), "blobId": blob(content), **large(content, "sha256")}
            for name, content in self.files[repository][commit].items()
        ]
        return {"id": repository, "modelId": repository, "sha": commit, "private": False, "siblings": siblings}

    def tree(self, repository: str, commit: str) -> list[dict[str, Any]]:
        return [
            {"type": "file", "path": name, "size": len(content), "oid": blob(content), **large(content, "oid")}
            for name, content in self.files[repository][commit].items()
        ]

    def resolve(self, handler: Handler, repository: str, commit: str, name: str, planned: Fault | None) -> None:
        content = self.files[repository][commit][name]
        headers = {"X-Repo-Commit": commit}
        if len(content) < LARGE:
            file = File(content, etag=f'"{blob(content)}"', headers=headers)
            handler.reply_file(file) if planned is None else planned(handler, file)
            return
        digest = hashlib.sha256(content).hexdigest()
        address = f"http://localhost:{self.port}/storage/{repository}/{commit}/{quote(name)}?Signature={SIGNATURE}"
        linked = {"X_Linked_Etag": f'"{digest}"', "X_Linked_Size": str(len(content))}
        handler.reply(302, Location=address, X_Repo_Commit=commit, **linked)


def blob(content: bytes) -> str:
    """git's object id."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def large(content: bytes, digest: str) -> dict[str, Any]:
    if len(content) < LARGE:
        return {}
    return {"lfs": {digest: hashlib.sha256(content).hexdigest(), "size": len(content), "pointerSize": 134}}


# --- files -----------------------------------------------------------------------------------------------------------


def zipped(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def leaks(folder: Path, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    """Files in a folder, at any depth, that hold a secret, in clear or as base64 (of basic authorisation)."""
    forms = [secret.encode() for secret in secrets] + [base64.b64encode(f"{USER}:{KEY}".encode())]
    return [
        str(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and any(form in file.read_bytes() for form in forms)
    ]
