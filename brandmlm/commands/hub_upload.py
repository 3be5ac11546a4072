"""Upload files to a repository of the Hugging Face hub, through the hub's own client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from brandmlm.core.credentials import clean_token
from brandmlm.core.errors import UserError
from brandmlm.core.hub_client import SET_TOKEN, explain_failure
from brandmlm.core.retries import Failure, with_retries

KINDS: Final = {"model": "model", "dataset": "data set", "space": "Space"}


@dataclass(frozen=True)
class Repository:
    """A repository and the files that it gets."""

    kind: Literal["model", "dataset", "space"]
    name: str  # owner/name
    files: Mapping[str, Path | bytes]  # by path in the repository

    def size(self, path: str) -> int:
        """Of a file, in bytes."""
        source = self.files[path]
        return len(source) if isinstance(source, bytes) else source.stat().st_size

    def listing(self) -> list[str]:
        """Lines for a terminal: the repository, then its files."""
        total = sum(map(self.size, self.files))
        head = f"{KINDS[self.kind]} {self.name}: {len(self.files)} files, {_shown_size(total)}"
        return [head, *(f"  {path} ({_shown_size(self.size(path))})" for path in self.files)]


def _shown_size(size: int) -> str:
    return f"{size / 1e6:,.1f} MB" if size >= 1e6 else f"{size / 1e3:,.1f} kB" if size >= 1e3 else f"{size} B"


def hub_token() -> str:
    """The token of HF_TOKEN, or of `hf auth login`. Raises UserError if there is none."""
    from huggingface_hub import get_token

    token = get_token()
    if not token:
        raise UserError(f"publish: no token; {SET_TOKEN}")
    return clean_token(token, "publish", SET_TOKEN)


def upload(repository: Repository, token: str, private: bool, message: str) -> str:
    """Create a repository, unless it exists, and commit its files; its address.

    Raises:
        UserError: The hub refuses, or cannot be reached after several attempts. The message has no credentials.
    """
    from huggingface_hub import CommitOperationAdd, HfApi

    api = HfApi(token=token)
    kind, name = repository.kind, repository.name
    sdk = "static" if kind == "space" else None

    def attempt() -> str:
        made = api.create_repo(name, repo_type=kind, private=private, space_sdk=sdk, exist_ok=True)
        operations = [CommitOperationAdd(path, source) for path, source in repository.files.items()]
        api.create_commit(name, operations, commit_message=message, repo_type=kind)
        return str(made)

    return with_retries(f"publish {name}", attempt, _explain)


def _explain(error: Exception) -> Failure | None:
    """As `explain_failure`, with advice for one who writes to the hub."""
    failure = explain_failure(error)
    if failure is None or failure.transient:
        return failure
    return replace(failure, advice=f"check the owner's name, and that the token may write there: {SET_TOKEN}")
