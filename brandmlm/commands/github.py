"""The comments of a pull request, over GitHub's REST API."""

from __future__ import annotations

import re
from typing import Any, Final

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from brandmlm.core.errors import UserError

MARK: Final = "<!-- comparison with the merge base; updated in place -->"  # invisible; identifies our comment

LIMIT: Final = 65_536  # characters in a comment

FOLDED: Final = re.compile(r"<details><summary>(.*?)</summary>.*?</details>\n*", re.DOTALL)

TIMEOUT_S: Final = 30

# POST is missing on purpose: a comment that is created twice would be two comments.
RETRIES: Final = Retry(
    total=3, backoff_factor=1, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=("GET", "PATCH")
)


class Forbidden(Exception):
    """The token may not write comments, as in a run for a fork."""


def fit(text: str, limit: int = LIMIT) -> str:
    """The text without its longest folded sections, so many that it has at most `limit` characters."""
    left_out: list[str] = []

    def note() -> str:
        return f"\nToo long for a comment, see the job's summary: {'; '.join(left_out)}.\n" if left_out else ""

    while len(text) + len(note()) > limit:
        sections = list(FOLDED.finditer(text))
        if not sections:
            return text[: limit - 1] + "…"
        longest = max(sections, key=lambda section: len(section.group()))
        left_out.append(longest.group(1))
        text = text[: longest.start()] + text[longest.end() :]
    return text + note()


class Comments:
    """The comments of one pull request."""

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
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=RETRIES))

    def request(self, method: str, url: str, **values: Any) -> requests.Response:
        """Send a request.

        Raises:
            UserError: GitHub does not answer, or answers with an error.
            Forbidden: The token may not do this.
        """
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
            answer = self.request("GET", url)
            for comment in answer.json():
                # A person could copy our mark, and we would overwrite that comment.
                ours = (comment.get("user") or {}).get("type") == "Bot"
                if ours and str(comment.get("body") or "").startswith(MARK):
                    return int(comment["id"])
            url = answer.links.get("next", {}).get("url")
        return None

    def put(self, text: str) -> str:
        """Update our comment, or create it; returns what was done. Raises Forbidden if the token may not."""
        found = self.find()
        body = {"body": f"{MARK}\n{fit(text, LIMIT - len(MARK) - 1)}"}
        if found is None:
            self.request("POST", f"{self.issues}/{self.number}/comments", json=body)
            return "comment created"
        self.request("PATCH", f"{self.issues}/comments/{found}", json=body)
        return "comment updated"
