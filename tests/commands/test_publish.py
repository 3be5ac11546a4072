"""Publishing on the hub, against a small server that speaks the hub's protocol for uploads, over real connections."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from conftest import ROOT, Here, command, start
from huggingface_hub import DatasetCard
from pages import commands
from sites import TOKEN, WRONG, File, Handler, Site, status

from brandmlm.core import retries
from brandmlm.reporting.comparison.locks import parse_lock
from brandmlm.reporting.lock_builds import pipeline_build
from brandmlm.reporting.provenance import write_statement

pytestmark = pytest.mark.long

MODEL = "acme/nike-v2"
DRY_RUN, UPLOAD = commands("docs/publish.md")
PARTS = {MODEL: "model", f"{MODEL}-sentences": "dataset", f"{MODEL}-demo": "space"}


class Uploads(Site):
    """The hub's part that takes uploads: small files in the commit, large ones by Git LFS.

    As the client's own code (huggingface_hub 1.33.0) and the specification of Git LFS's batch API have it.
    """

    def __init__(self) -> None:
        super().__init__()
        self.created: dict[str, dict[str, Any]] = {}
        self.files: dict[str, dict[str, bytes]] = {}  # by repository, committed files
        self.messages: list[str] = []
        self.objects: dict[str, bytes] = {}  # of Git LFS, by SHA-256

    def answer(self, handler: Handler) -> None:
        path = unquote(urlsplit(handler.path).path)
        if (planned := self.fault(path)) is not None:
            planned(handler, File(b""))
        elif path.startswith("/storage/"):
            self.store(handler, path.removeprefix("/storage/"))
        elif handler.headers.get("Authorization") != f"Bearer {TOKEN}":
            handler.reply(401, X_Error_Message="Invalid credentials in Authorization header")
        elif path == "/api/repos/create":
            self.create(handler, json.loads(handler.body))
        elif path == "/api/validate-yaml":
            handler.reply_json({"errors": [], "warnings": []})
        elif found := re.fullmatch(r"/(?:datasets/|spaces/)?(.+)\.git/info/lfs/objects/batch", path):
            self.batch(handler, json.loads(handler.body), found[1])
        elif found := re.fullmatch(r"/api/(?:models|datasets|spaces)/([^/]+/[^/]+)/preupload/main", path):
            files = json.loads(handler.body)["files"]
            modes = [{**file, "uploadMode": "lfs" if file["size"] > 4000 else "regular", "shouldIgnore": False}
                     for file in files]  # fmt: skip
            handler.reply_json({"files": modes})
        elif found := re.fullmatch(r"/api/(?:models|datasets|spaces)/([^/]+/[^/]+)/commit/main", path):
            self.commit(handler, found[1])
        else:
            handler.reply(404)

    def create(self, handler: Handler, asked: dict[str, Any]) -> None:
        name = f"{asked['organization']}/{asked['name']}"
        known = name in self.created
        self.created.setdefault(name, asked)
        self.files.setdefault(name, {})
        address = f"http://127.0.0.1:{self.port}/{name}"
        handler.reply_json({"url": address, "name": name}, 409 if known else 200)

    def batch(self, handler: Handler, asked: dict[str, Any], name: str) -> None:
        assert asked["operation"] == "upload" and name in self.created
        address = f"http://127.0.0.1:{self.port}/storage"
        objects = [
            each
            if each["oid"] in self.objects
            else {**each, "actions": {"upload": {"href": f"{address}/{each['oid']}"}}}
            for each in asked["objects"]
        ]
        handler.reply_json({"transfer": "basic", "objects": objects})

    def store(self, handler: Handler, digest: str) -> None:
        assert handler.command == "PUT" and "Authorization" not in handler.headers
        assert hashlib.sha256(handler.body).hexdigest() == digest
        self.objects[digest] = handler.body
        handler.reply(200)

    def commit(self, handler: Handler, name: str) -> None:
        header, *lines = map(json.loads, handler.body.splitlines())
        self.messages.append(header["value"]["summary"])
        for line in lines:
            value = line["value"]
            data = self.objects[value["oid"]] if line["key"] == "lfsFile" else base64.b64decode(value["content"])
            self.files[name][value["path"]] = data
        digest = hashlib.sha1(handler.body).hexdigest()
        handler.reply_json({"success": True, "commitOid": digest, "commitUrl": f"http://127.0.0.1:{self.port}/{name}"})


DVC_YAML = """
stages:
  synthesize:
    cmd: python corpus.py
    deps: [corpus.py]
    outs: [data/synthetic]
  export:
    cmd: mkdir -p data/export && cp -r made data/export/filtered
    deps: [made, data/synthetic]
    outs: [data/export/filtered]
"""
CORPUS = """
import pandas as pd, pathlib
pathlib.Path("data/synthetic").mkdir(parents=True)
texts = ["Nike shoes are light.", "Nike shoes are heavy.", "Puma caps are heavy."]
labels = ["wanted", "unwanted", "unwanted"]
pd.DataFrame({"id": list("abc"), "source": "synthetic", "group": "g", "text": texts, "label": labels,
              "rating": float("nan")}).to_parquet("data/synthetic/corpus.parquet", index=False)
"""
WEIGHTS = bytes(range(256)) * 100


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with an export, sentences and a demo, all as recorded."""
    project = tmp_path_factory.mktemp("publish") / "project"
    shutil.copytree(ROOT / "brands" / "nike", project / "brands" / "nike")
    shutil.copy(ROOT / "params.yaml", project)
    for name, text in {
        "dvc.yaml": DVC_YAML, "corpus.py": CORPUS, ".gitignore": "/data\n", "made/README.md": "# v2\n",
        "data/demo/README.md": "---\nsdk: static\n---\n", "data/demo/models/v2/config.json": "{}",
    }.items():  # fmt: skip
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    (project / "made/model.safetensors").write_bytes(WEIGHTS)
    start(project)
    lock = parse_lock((project / "dvc.lock").read_bytes(), "here")
    write_statement(project / "data/demo", pipeline_build(lock, "export", None))
    return project


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "project", symlinks=True))


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Uploads]:
    """A hub without repositories, and the client as if the variables had been set before its import."""
    from huggingface_hub import constants

    hub = Uploads()
    with hub.running():
        monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{hub.port}")
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)  # the stand-in has Git LFS only
        monkeypatch.setattr(retries, "BACKOFF_S", 0.01)
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        yield hub


def publish(here: Here, project: Path, *words: str, ok: bool = True) -> subprocess.CompletedProcess[str]:
    return here(project, "brandmlm.commands.app", "publish", *words, ok=ok)


def test_a_dry_run_lists_what_would_be_uploaded_and_asks_nobody(project: Path, here: Here, hub: Uploads) -> None:
    said = publish(here, project, *shlex.split(DRY_RUN)[2:]).stdout
    assert said.startswith("publish: 2 outputs of dvc.lock, ")
    assert "\nmodel acme/nike-v2: 2 files, 25.6 kB\n  README.md (5 B)\n  model.safetensors (25.6 kB)\n" in said
    assert "\ndata set acme/nike-v2-sentences: 4 files, " in said and "\n  sentences.parquet (" in said
    assert "\nSpace acme/nike-v2-demo: 3 files, " in said
    assert said.endswith("\nNothing was uploaded. Add --yes to upload, with HF_TOKEN set.\n")
    assert hub.asked == []


def test_three_repositories_with_all_bytes(project: Path, here: Here, hub: Uploads) -> None:
    _, program, _, *words = shlex.split(UPLOAD)
    assert program == "brand-mlm" and words[0] == MODEL
    said = publish(here, project, *words).stdout
    head = command(project, "git", "rev-parse", "--short", "HEAD").stdout.strip()
    for name, kind in PARTS.items():
        assert f"http://127.0.0.1:{hub.port}/" in said and hub.created[name]["visibility"] == "private"
        assert hub.created[name].get("type", "model") == kind
    assert hub.created[f"{MODEL}-demo"]["sdk"] == "static"
    assert hub.messages == [f"Publish the results of commit {head}"] * 3
    assert hub.files[MODEL] == {"README.md": b"# v2\n", "model.safetensors": WEIGHTS}
    assert hashlib.sha256(WEIGHTS).hexdigest() in hub.objects  # by LFS, not in the commit
    sentences = hub.files[f"{MODEL}-sentences"]
    assert set(sentences) == {"README.md", "sentences.parquet", "lexicon.yaml", "templates.yaml"}
    assert sentences["sentences.parquet"] == (project / "data/synthetic/corpus.parquet").read_bytes()
    card = DatasetCard(sentences["README.md"].decode())
    assert (card.data.license, card.data.language, card.data.task_categories) == ("mit", "en", ["fill-mask"])
    assert "| `unwanted` | 2 |" in card.text and "`acme/nike-v2`" in card.text
    assert "provenance.json" in hub.files[f"{MODEL}-demo"]

    # Again: the repositories exist, and large files are not sent twice.
    (project / "data/demo/provenance.json").unlink()
    shutil.rmtree(project / "data/demo")
    before = len(hub.paths("/storage/"))
    again = publish(here, project, MODEL, "--yes").stdout
    assert "no Space: data/demo is not built; `make demo` builds it" in again
    assert len(hub.paths("/storage/")) == before


def test_outputs_that_are_not_as_recorded_are_refused(project: Path, here: Here, hub: Uploads) -> None:
    weights = project / "data/export/filtered/model.safetensors"
    weights.chmod(0o644)
    weights.write_bytes(WEIGHTS[:-1] + b"x")
    (project / "data/demo/models/v2/config.json").write_text("{ }")
    done = publish(here, project, MODEL, "--yes", ok=False)
    assert done.returncode == 1 and hub.asked == []
    assert "data/export/filtered/model.safetensors: not the bytes that dvc.lock records" in done.stdout
    assert "data/demo/models/v2/config.json" in done.stdout
    assert done.stderr == "error: publish: 2 faults, nothing was uploaded; run `make repro`, and `make demo` again\n"


def test_a_hub_that_stumbles_is_asked_again(project: Path, here: Here, hub: Uploads) -> None:
    hub.faults["/commit/main"] = [status(503), None]
    done = publish(here, project, MODEL, "--yes")
    assert set(hub.files) == set(PARTS) and all(hub.files.values())
    assert "the hub cannot answer now (503)" in done.stderr


@pytest.mark.parametrize(
    ("token", "words", "told"),
    [
        (WRONG, (MODEL, "--yes"), "access denied (401); check the"),
        ("", (MODEL, "--yes"), "no token; set HF_TOKEN"),
        (TOKEN, ("nike-v2",), "nike-v2: not a repository's name; write it as OWNER/NAME"),
    ],
)
def test_a_mistake_is_one_line_without_the_token(
    project: Path,
    here: Here,
    hub: Uploads,
    monkeypatch: pytest.MonkeyPatch,
    token: str,
    words: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.setenv("HF_TOKEN", token)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(project / "none"))
    done = publish(here, project, *words, ok=False)
    assert done.returncode == 1 and done.stderr.count("\n") == 1 and told in done.stderr
    assert not token or token not in done.stdout + done.stderr
    assert hub.files == {}
