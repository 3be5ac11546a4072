"""`brand-mlm comment`: put a comparison into the job's summary and into one comment of a pull request.

It reads the variables that GitHub Actions sets (GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_STEP_SUMMARY; GITHUB_TOKEN as
the workflow passes it on). A run for a fork may not comment: then only the summary has the text.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

EXAMPLE: Final = "brand-mlm comment comparison.md --pull-request 7"


def comment(
    file: Annotated[Path, typer.Argument(help="Markdown to show.")],
    pull_request: Annotated[int, typer.Option(metavar="NUMBER", help="The pull request to comment on.")],
) -> None:
    """Put a comparison into the job's summary and into one comment of a pull request."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise UserError(f"{file}: cannot be read ({error.strerror})") from None
    if summary := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(summary).open("a", encoding="utf-8") as page:
            page.write(text)
    token, repository = os.environ.get("GITHUB_TOKEN"), os.environ.get("GITHUB_REPOSITORY")
    if not token or not repository:
        say("comment: no GITHUB_TOKEN or GITHUB_REPOSITORY; the text is in the job's summary only")
        return

    from brandmlm.commands.github import Comments, Forbidden

    api = os.environ.get("GITHUB_API_URL", "https://api.github.com")
    try:
        say(f"comment: {Comments(api, repository, pull_request, token).put(text)}")
    except Forbidden:
        say("comment: this token may not comment (a fork's pull request?); the text is in the job's summary only")
