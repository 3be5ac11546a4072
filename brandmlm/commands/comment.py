"""Put a comparison where a pull request's readers see it: the job's summary, and one comment that later runs update.

In: a Markdown file and the variables that GitHub Actions sets (GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_STEP_SUMMARY;
GITHUB_TOKEN as the workflow passes it on). A run for a fork has no right to comment: the summary has the text then.
"""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from brandmlm.core.command_line import run, say
from brandmlm.core.errors import UserError

MARK: Final = "<!-- comparison with the merge base; updated in place -->"  # not shown; how our comment is found again

LIMIT: Final = 65_536  # characters in a comment

FOLDED: Final = re.compile(r"<details><summary>(.*?)</summary>.*?</details>\n*", re.DOTALL)

TIMEOUT_S: Final = 30


class Forbidden(Exception):
    """The token may not write comments, as in a run for a fork."""


def fit(text: str, limit: int = LIMIT) -> str:
    """The text, with folded parts left out, the longest first, until it is no longer than `limit` characters."""
    left_out: list[str] = []

    def note() -> str:
        return f"\nToo long for a comment, see the job's summary: {'; '.join(left_out)}.\n" if left_out else ""

    while len(text) + len(note()) > limit:
        parts = list(FOLDED.finditer(text))
        if not parts:
            return text[: limit - 1] + "…"
        longest = max(parts, key=lambda part: len(part.group()))
        left_out.append(longest.group(1))
        text = text[: longest.start()] + text[longest.end() :]
    return text + note()


class Comments:
    """The comments of one pull request, over GitHub's REST API."""

    def __init__(self, api: str, repository: str, number: int, token: str) -> None:
        self.issues = f"{api.rstrip('/')}/repos/{repository}/issues"
        self.number = number
        self.session = requests.Session()
        self.session.headers.update(
            {
                "Authorization": f"Bearer {token}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": "2022-11-28",
            }
        )
        # A comment that is created again would be two: only what may safely be said twice is said again.
        again = Retry(total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=("GET", "PATCH"))  # fmt: skip  # noqa: E501
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=again))

    def ask(self, method: str, url: str, **values: Any) -> requests.Response:
        try:
            answer = self.session.request(method, url, timeout=TIMEOUT_S, **values)
        except requests.RequestException as error:
            raise UserError(f"{url}: no answer ({error}); run the job again") from None
        if answer.status_code == 403:
            raise Forbidden(url)
        if not answer.ok:
            raise UserError(f"{url}: GitHub answered {answer.status_code} ({answer.text[:200]})")
        return answer

    def find(self) -> int | None:
        """The id of the comment that an earlier run left."""
        url: str | None = f"{self.issues}/{self.number}/comments?per_page=100"
        while url:
            answer = self.ask("GET", url)
            for comment in answer.json():
                # A person could leave our mark, and have the comment to edit after us.
                ours = (comment.get("user") or {}).get("type") == "Bot"
                if ours and str(comment.get("body") or "").startswith(MARK):
                    return int(comment["id"])
            url = answer.links.get("next", {}).get("url")
        return None

    def put(self, text: str) -> str:
        """Update our comment, or leave the first one; what was done. Raises Forbidden where we may not."""
        found = self.find()
        body = {"body": f"{MARK}\n{fit(text, LIMIT - len(MARK) - 1)}"}
        if found is None:
            self.ask("POST", f"{self.issues}/{self.number}/comments", json=body)
            return "comment created"
        self.ask("PATCH", f"{self.issues}/comments/{found}", json=body)
        return "comment updated"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m brandmlm.commands.comment", description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="Markdown to show")
    parser.add_argument("--pull-request", type=int, required=True, metavar="NUMBER")
    arguments = parser.parse_args()
    try:
        text = arguments.file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{arguments.file}: cannot be read ({error.strerror})") from None
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as file:
            file.write(text)
    token, repository = os.environ.get("GITHUB_TOKEN"), os.environ.get("GITHUB_REPOSITORY")
    if not token or not repository:
        say("comment: no GITHUB_TOKEN or GITHUB_REPOSITORY; the text is in the job's summary only")
        return
    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    try:
        say(f"comment: {Comments(api, repository, arguments.pull_request, token).put(text)}")
    except Forbidden:
        say("comment: this token may not comment (a fork's pull request?); the text is in the job's summary only")


if __name__ == "__main__":
    run(main)
