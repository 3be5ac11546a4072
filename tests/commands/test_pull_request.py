"""The pull request's workflow, step by step as it stands, on a local forge: a bare git remote, a DVC remote in a folder
and a stand-in for GitHub's comments that speaks its REST API."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from conftest import ROOT, SUBFOLDER, command, commit, dvc, lend_environment, make_monorepo, set_params
from ruamel.yaml import YAML

from brandmlm.commands.github import LIMIT, MARK, Comments, fit

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
WORKFLOW: dict[str, Any] = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "pull-request.yml")
JOB = WORKFLOW["jobs"]["compare"]
CHECK_OUT = "Check out the head, with the history that leads to the merge base"
MAY_WRITE, READS_ONLY = "a-token", "a-fork-s-token"


class GitHub(BaseHTTPRequestHandler):
    """The comments of pull requests: list (by pages), create, update; tokens with and without the right to write."""

    comments: ClassVar[dict[int, list[dict[str, Any]]]] = {}
    log: ClassVar[list[str]] = []

    def answer(self, status: int, body: Any, **headers: str) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def handle_one(self) -> None:
        token = self.headers["Authorization"].removeprefix("Bearer ")
        url = urlsplit(self.path)
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
        listed = re.fullmatch(r"/repos/us/brand/issues/(\d+)/comments", url.path)
        one = re.fullmatch(r"/repos/us/brand/issues/comments/(\d+)", url.path)
        self.log.append(self.command)
        if token not in (MAY_WRITE, READS_ONLY):
            self.answer(401, {"message": "Bad credentials"})
        elif self.headers["Accept"] != "application/vnd.github+json" or not (listed or one):
            self.answer(404, {"message": "Not Found"})
        elif self.command == "GET" and listed:
            query = parse_qs(url.query)
            size, page = int(query["per_page"][0]), int(query.get("page", ["1"])[0])
            known = self.comments.setdefault(int(listed[1]), [])
            rest = known[page * size :]
            here = f"http://{self.headers['Host']}{url.path}?per_page={size}&page={page + 1}"
            more = {"Link": f'<{here}>; rel="next"'} if rest else {}
            self.answer(200, known[(page - 1) * size : page * size], **more)
        elif token == READS_ONLY:
            self.answer(403, {"message": "Resource not accessible by integration"})
        elif len(body["body"]) > LIMIT:
            self.answer(422, {"message": "Validation Failed"})
        elif self.command == "POST" and listed:
            number = 1000 + sum(map(len, self.comments.values()))
            comment = {"id": number, "body": body["body"], "user": {"login": "github-actions[bot]", "type": "Bot"}}
            self.comments.setdefault(int(listed[1]), []).append(comment)
            self.answer(201, comment)
        elif self.command == "PATCH" and one:
            [comment] = [old for many in self.comments.values() for old in many if old["id"] == int(one[1])]
            comment["body"] = body["body"]
            self.answer(200, comment)
        else:
            self.answer(404, {"message": "Not Found"})

    do_GET = do_POST = do_PATCH = handle_one

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def github() -> Iterator[str]:
    GitHub.comments.clear()
    GitHub.log.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), GitHub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def git(project: Path, *words: str) -> str:
    return command(project, "git", *words).stdout.strip()


@dataclass
class Run:
    """What one run of the job did."""

    outcomes: dict[str, int] = field(default_factory=dict)  # exit code by step
    output: str = ""
    summary: str = ""
    comparison: str = ""


@dataclass
class Forge:
    """A runner with its checkout, kept between jobs as the workflow's caches are."""

    origin: Path
    checkout: Path
    api: str
    variables: dict[str, str] = field(default_factory=dict)
    folder: str = "."  # the project's in the repository, and the workflow's PROJECT

    @property
    def project(self) -> Path:
        return self.checkout / self.folder

    def run(self, head: str, base: str = "main", token: str = MAY_WRITE, only: tuple[str, ...] = ()) -> Run:
        """Run the job's steps for a pull request of branch `head` into `base`."""
        context = {
            "github.event.pull_request.head.sha": git(self.origin, "rev-parse", head),
            "github.event.pull_request.number": "7",
            "github.base_ref": base,
            "github.server_url": "https://github.com",
            "github.repository": "us/brand",
            "github.token": token,
        }
        assert WORKFLOW["env"] == {"PROJECT": "."}
        assert JOB["defaults"] == {"run": {"working-directory": "${{ env.PROJECT }}"}}
        summary = self.checkout.parent / "summary.md"
        summary.write_text("")
        done = Run()
        for step in JOB["steps"]:
            if only and step["name"] not in only:
                continue
            assert step.get("if") in (None, "${{ !cancelled() }}"), step
            if any(done.outcomes.values()) and "if" not in step:
                continue  # a step without a condition runs on success only
            if step.get("uses", "").startswith("actions/checkout@"):
                self.check_out(context["github.event.pull_request.head.sha"], step["with"])
            if "run" not in step:
                continue
            values = {
                name: re.sub(r"\$\{\{ (.+?) \}\}", lambda found: context[found[1]], str(value))
                for name, value in step.get("env", {}).items()
            }
            variables = {
                "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_API_URL": self.api, "GITHUB_REPOSITORY": "us/brand",
                "GITHUB_STEP_SUMMARY": str(summary),
            }  # fmt: skip
            script = command(
                self.project, "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"],
                ok=False, **self.variables, **variables, **values,
            )  # fmt: skip
            done.outcomes[step["name"]] = script.returncode
            done.output += f"## {step['name']}\n{script.stdout}{script.stderr}"
        done.summary = summary.read_text()
        made = self.project / "comparison.md"
        done.comparison = made.read_text() if made.exists() else ""
        return done

    def check_out(self, sha: str, options: dict[str, Any]) -> None:
        assert options["fetch-depth"] == 0 and options["persist-credentials"] is False
        if not self.checkout.exists():
            command(self.origin.parent, "git", "clone", "-q", "--no-checkout", str(self.origin), str(self.checkout))
        git(self.checkout, "fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
        git(self.checkout, "checkout", "-q", "--force", "--detach", sha)
        git(self.checkout, "clean", "-fdq", "-e", ".venv", "-e", f"{self.project.name}-bin")  # lent, see below
        for left in ("comparison.md", "comparison.html"):
            (self.project / left).unlink(missing_ok=True)
        if not (self.project / ".venv").exists():
            self.variables = lend_environment(self.project)


@pytest.fixture(scope="module")
def forge_folder(retrained_project: Path, small_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bare remote with the branches of the pull requests, and the data of all of them in a DVC remote."""
    folder = tmp_path_factory.mktemp("forge")
    work = Path(shutil.copytree(retrained_project, folder / "work", symlinks=True))
    git(folder, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(work, "remote", "add", "origin", str(folder / "origin.git"))
    git(work, "branch", "-q", "trained-longer")
    git(work, "reset", "-q", "--hard", "HEAD~1")
    dvc(work, "remote", "add", "-d", "store", str(folder / "store"))
    commit(work)
    git(work, "cherry-pick", "trained-longer")
    git(work, "branch", "-q", "better")
    git(work, "revert", "--no-edit", "HEAD")
    git(work, "branch", "-q", "worse")
    git(work, "checkout", "-q", "-B", "edited", "better")
    set_params(work, {"report.top": 7})
    commit(work)
    git(work, "branch", "-q", "-f", "main", "better~1")
    # Before the first run there was no lock, no metrics and no plots.
    first = git(work, "rev-list", "--max-parents=0", "main")
    git(work, "branch", "-q", "unborn", first)
    git(work, "push", "-q", "origin", "--all")
    for branch in ("main", "better"):
        git(work, "checkout", "-q", branch)
        dvc(work, "checkout", "-q")
        dvc(work, "push", "-q", "--run-cache")
    shutil.rmtree(work)
    return folder


@pytest.fixture
def forge(forge_folder: Path, github: str) -> Forge:
    return Forge(forge_folder / "origin.git", forge_folder / "runner" / "brand", github)


def rows(markdown: str) -> list[str]:
    """Rows of the table on top."""
    top = markdown.partition("<details>")[0]
    return [line for line in top.splitlines() if line.startswith("| ")][1:]


@pytest.mark.slow
def test_pull_requests_from_the_first_to_one_that_forgot_to_run(forge: Forge) -> None:
    """One test, since the runner's checkout and caches go from one run to the next, as on GitHub."""
    (forge.checkout.parent).mkdir(exist_ok=True)
    others = [{"id": number, "body": f"remark {number}"} for number in range(100)]  # ours will be on the second page
    GitHub.comments[7] = list(others)

    better = forge.run("better")
    assert set(better.outcomes.values()) == {0}, better.output
    assert "Running stage" not in better.output  # all of it came from the remote
    assert "9 gates pass" in better.comparison
    assert 5 <= len(rows(better.comparison)) <= 14
    assert re.search(r"\| v2: perplexity, real text \| .* \| better \| ✓ ≤ \+5 % \|", better.comparison)
    assert not any("v1: " in row for row in rows(better.comparison))  # folded
    assert "<details><summary>Metrics of v1 that changed: " in better.comparison
    assert "| v1: perplexity, real text | " in better.comparison
    assert "| train.learning\\_rate | 0.0001 | 0.0003 |" in better.comparison
    assert "| train@full | train.learning\\_rate |" in better.comparison
    assert "Words that entered and left the likeliest, v2" in better.comparison
    sha = git(forge.origin, "rev-parse", "better")
    assert f"![head](https://github.com/us/brand/raw/{sha}/plots/pictures/loss.png)" in better.comparison
    assert better.summary == better.comparison
    assert (forge.checkout / "comparison.html").stat().st_size > 100_000
    assert (forge.checkout / "dvc_plots" / "index.html").exists()
    [ours] = GitHub.comments[7][100:]
    assert ours["body"] == f"{MARK}\n{better.comparison}"
    assert GitHub.log == ["GET", "POST"] or GitHub.log == ["GET", "GET", "POST"]

    # The next push: params edited, nothing rerun. The job reruns what it must, says so, and fails.
    GitHub.log.clear()
    edited = forge.run("edited")
    assert edited.outcomes["Compare with the merge base"] == 1 and edited.outcomes["Comment"] == 0, edited.output
    assert set(re.findall("Running stage '(.*)'", edited.output)) == {"report", "export@full", "export@filtered"}
    assert "committed dvc.lock is out of date, run `dvc repro` and commit" in edited.comparison
    assert re.search(r"`report`[^(]* \(param report\.top\)", edited.comparison)
    assert re.search(r"\| report \| report.top.* \| (\d+ min )?\d+ s \|", edited.comparison)  # its time on this runner
    assert "| report.top | 10 | 7 |" in edited.comparison
    # Pictures that this run made and nobody committed have no address.
    assert "before\\_after.png" in edited.comparison and "before_after.png)" not in edited.comparison.replace(
        f"{git(forge.origin, 'rev-parse', 'main')}/plots/pictures/before_after.png", ""
    )
    assert GitHub.comments[7][:100] == others and len(GitHub.comments[7]) == 101  # updated in place
    assert GitHub.comments[7][100]["body"] == f"{MARK}\n{edited.comparison}"
    assert GitHub.log == ["GET", "GET", "PATCH"]

    # A fork's run: its token reads, or there is none. The summary has the text; nothing fails.
    for token in (READS_ONLY, ""):
        fork = forge.run("edited", token=token, only=("Comment",))
        assert fork.outcomes == {"Comment": 0}, fork.output
        assert "in the job's summary only" in fork.output
        assert fork.summary == edited.comparison
    assert len(GitHub.comments[7]) == 101

    # A pull request that undoes the gain fails at the gates; its results were in the run cache or are restored.
    worse = forge.run("worse", base="better")
    assert worse.outcomes["Compare with the merge base"] == 1, worse.output
    assert "train" not in re.findall(r"Running stage '(\w+)", worse.output)
    assert "v2: perplexity, real text went from" in worse.comparison
    assert "out of date" not in worse.comparison
    assert "**worse** | **✗** ≤ +5 % |" in rows(worse.comparison)[0]

    # The first pull request of all: the base has no metrics; they are new, and pass.
    first = forge.run("main", base="unborn", only=(CHECK_OUT, "Restore data", "Compare with the merge base"))
    assert set(first.outcomes.values()) == {0}, first.output
    assert "The base has no metrics yet: all are new." in first.comparison
    assert all("| new |" in row for row in rows(first.comparison))


@pytest.mark.long
def test_a_project_in_a_subfolder(retrained_project: Path, tmp_path: Path, github: str) -> None:
    """With PROJECT set to its folder, as the workflow says."""
    made = make_monorepo(retrained_project, tmp_path / "work")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "origin.git")
    git(made, "push", "-q", str(tmp_path / "origin.git"), "HEAD~1:refs/heads/main", "HEAD:refs/heads/better")
    forge = Forge(tmp_path / "origin.git", tmp_path / "runner" / "brand", github, folder=SUBFOLDER)
    forge.checkout.parent.mkdir()
    forge.run("better", only=(CHECK_OUT,))
    (forge.project / ".dvc" / "cache").symlink_to(made / SUBFOLDER / ".dvc" / "cache")  # as the workflow keeps it
    dvc(forge.project, "checkout")
    better = forge.run("better")
    assert set(better.outcomes.values()) == {0}, better.output
    assert "Running stage" not in better.output and "no_scm" not in (forge.project / ".dvc/config.local").read_text()
    assert "9 gates pass" in better.comparison and better.summary == better.comparison
    sha = git(forge.origin, "rev-parse", "better")
    assert f"![head](https://github.com/us/brand/raw/{sha}/ml/brand/plots/pictures/loss.png)" in better.comparison
    assert (forge.project / "comparison.html").exists() and (forge.project / "dvc_plots" / "index.html").exists()
    assert [comment["body"] for comment in GitHub.comments[7]] == [f"{MARK}\n{better.comparison}"]


@pytest.mark.slow
def test_a_cut_history_says_what_to_do(forge_folder: Path, tmp_path: Path) -> None:
    origin = (forge_folder / "origin.git").as_uri()
    command(tmp_path, "git", "clone", "-q", "--depth=1", "--no-single-branch", "-b", "better", origin, "shallow")
    shallow = tmp_path / "shallow"
    done = command(shallow, "python", "-m", "brandmlm", "compare", "origin/main", ok=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "history is cut" in done.stderr and done.stderr.count("\n") == 1
    advice = re.search(r"`(git fetch [^`]+)`", done.stderr)
    assert advice
    command(shallow, "sh", "-c", advice[1])
    done = command(shallow, "python", "-m", "brandmlm", "compare", "origin/main", ok=False)
    assert "train.learning\\_rate" in done.stdout, done.stderr

    done = command(shallow, "python", "-m", "brandmlm", "compare", "origin/nowhere", ok=False)
    assert done.returncode == 2 and "no such revision; run `git fetch origin`" in done.stderr


@pytest.mark.slow
def test_the_same_without_a_service(retrained: Path) -> None:
    """`make compare`: clean results pass; params edited without a rerun, and a spoilt metric, fail and are named."""
    variables = lend_environment(retrained)
    done = command(retrained, "make", "-s", "compare", "BASE=HEAD~1", "HTML=page.html", ok=False, **variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("## What this change does to the model\n\n**✓ All 9 gates pass.**\n\n")
    assert "edits the gates" not in done.stdout
    assert (retrained / "page.html").exists()

    metrics = json.loads((retrained / "metrics" / "details.json").read_text())
    metrics["evaluation"]["filtered"]["real"]["perplexity"] = float("nan")
    del metrics["probes"]["filtered"]["claim"]["wanted_in_top"]
    (retrained / "metrics" / "details.json").write_text(json.dumps(metrics))
    set_params(retrained, {"train.seed": 6, "gates.wanted_words.may_worsen": 5, "gates.unwanted_mass": None})
    done = command(retrained, "python", "-m", "brandmlm", "compare", "HEAD~1", ok=False)
    assert done.returncode == 1
    assert "**This change edits the gates that check it: unwanted\\_mass, wanted\\_words**" in done.stdout
    reasons = [line for line in done.stdout.splitlines() if line.startswith("- ")]
    assert any(
        "out of date" in line and "`train@full`, `train@filtered` (param train modified)" in line for line in reasons
    )
    assert any("metrics/details.json modified" in line for line in reasons)
    assert any("perplexity, real text is nan" in line for line in reasons)
    assert any("v2: wanted words among the likeliest, claims is missing" in line for line in reasons)


def test_actionlint_passes() -> None:
    done = subprocess.run(["actionlint", *map(str, WORKFLOWS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert WORKFLOWS


def test_the_workflow_has_the_least_rights_and_pinned_actions() -> None:
    for file in WORKFLOWS:
        text = file.read_text(encoding="utf-8")
        document = YAML(typ="safe").load(text)
        used = re.findall(r"uses: (.+)", text)
        assert used and all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action) for action in used)
        assert document["permissions"] == {"contents": "read"}
        assert "secrets." not in text and "pull_request_target" not in text
        for job in document["jobs"].values():
            assert set(job["permissions"]) <= {"contents", "pull-requests"} and job["timeout-minutes"] <= 90
            # Nothing that a pull request's author can write is put into a script.
            assert not any("${{" in step.get("run", "") for step in job["steps"])
            given = [step["name"] for step in job["steps"] if "GITHUB_TOKEN" in step.get("env", {})]
            assert given == (["Comment"] if file.stem == "pull-request" else [])


def test_every_supported_python_is_tested() -> None:
    workflow = YAML(typ="safe").load(ROOT / ".github" / "workflows" / "tests.yml")
    job = workflow["jobs"]["tests"]
    assert job["strategy"]["matrix"]["python-version"] == ["3.11", "3.12", "3.13"]
    browser, *rest = [step["run"] for step in job["steps"] if "run" in step]
    assert browser.startswith("chromium ") and rest == ["make lint", "make test"]
    assert set(workflow["on"]) == {"push", "pull_request"}


def test_what_a_person_left_under_our_mark_is_not_ours(github: str) -> None:
    theirs = {"id": 1, "body": f"{MARK}\nAll is well.", "user": {"login": "someone", "type": "User"}}
    deleted = {"id": 2, "body": MARK, "user": None}  # whose author has left
    GitHub.comments[7] = [dict(theirs), dict(deleted)]
    comments = Comments(github, "us/brand", 7, MAY_WRITE)
    assert [comments.put("first"), comments.put("second")] == ["comment created", "comment updated"]
    assert GitHub.comments[7][:2] == [theirs, deleted]
    assert [comment["body"] for comment in GitHub.comments[7][2:]] == [f"{MARK}\nsecond"]


def test_a_comment_that_is_too_long_loses_its_longest_folded_parts() -> None:
    parts = {
        name: f"<details><summary>{name}: 3</summary>\n\n{name * size}\n</details>\n\n"
        for name, size in {"a": 10, "b": 900, "c": 300}.items()
    }
    text = "top\n\n" + "".join(parts.values())
    assert fit(text, len(text)) == text
    cut = fit(text, 700)
    assert len(cut) <= 700 and cut.startswith("top")
    assert parts["a"] in cut and parts["c"] in cut and parts["b"] not in cut
    assert "see the job's summary: b: 3" in cut
    assert len(fit("x" * 1000, 100)) == 100
