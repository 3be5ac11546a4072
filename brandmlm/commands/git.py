"""git, called as a program in the project's folder, which may be a subfolder of the repository.

Paths are from the project's folder; only git's addresses of pictures need them from the repository's root.
"""

from __future__ import annotations

import os
import subprocess

from brandmlm.core.errors import UserError


def git(*words: str, ok: bool = True) -> bytes | None:
    """The output of a git command; None if it fails and may fail (`ok` is False).

    Raises:
        UserError: The command fails and may not.
    """
    try:
        done = subprocess.run(["git", *words], capture_output=True, check=False)
    except FileNotFoundError:
        if ok:
            raise UserError("git: not installed; install it, and run this again") from None
        return None
    if done.returncode:
        if ok:
            raise UserError(f"git {words[0]}: {done.stderr.decode(errors='replace')}")
        return None
    return done.stdout


def project_prefix() -> str:
    """The path of the current folder from the repository's root, with a slash at its end; empty for the root itself."""
    return os.fsdecode(git("rev-parse", "--show-prefix") or b"").rstrip("\n")


def head_commit() -> str:
    """The digest of HEAD."""
    return (git("rev-parse", "HEAD") or b"").decode().strip()


def read_file(revision: str, path: str) -> bytes | None:
    """The content of a file at a revision; None if it is not there."""
    return git("cat-file", "blob", f"{revision}:./{path}", ok=False)  # with `./`: from the current folder


def list_files(revision: str, folder: str) -> list[str]:
    """The files of a folder at a revision."""
    listed = git("ls-tree", "-r", "-z", "--name-only", revision, "--", f"{folder}/") or b""
    return [path for path in os.fsdecode(listed).split("\0") if path]


def archive(revision: str) -> bytes:
    """The project's files at a revision, as a tar archive."""
    return git("archive", "--format=tar", revision) or b""  # of the current folder alone


def changes(*but: str) -> bytes:
    """How the project's files, `but` some, differ from those at HEAD, as a patch."""
    return git("diff", "HEAD", "--binary", "--", ".", *(f":(exclude){path}" for path in but)) or b""


def is_clean(*paths: str) -> bool:
    """Whether git tracks nothing under these paths that differs from HEAD, and nothing untracked is there."""
    return not git("status", "--porcelain", "--", *paths)


def need_repository(what: str) -> None:
    """Raise UserError outside a git repository, naming `what` needs one."""
    if git("rev-parse", "--git-dir", ok=False) is None:
        raise UserError(f"{what} need git, and this folder is no repository; run `git init` and commit")


def merge_base(branch: str) -> str:
    """The commit at which HEAD left a branch.

    Raises:
        UserError: git does not know the branch, or finds no common commit.
    """
    need_repository("comparisons")
    if git("rev-parse", "--verify", "--quiet", f"{branch}^{{commit}}", ok=False) is None:
        raise UserError(f"{branch}: no such revision; run `git fetch origin`, or name another with `BASE=…`")
    found = git("merge-base", branch, "HEAD", ok=False)
    if found is not None:
        return found.decode().strip()
    if git("rev-parse", "--is-shallow-repository") == b"true\n":
        raise UserError(
            f"{branch}: the history is cut before the common commit with HEAD; run `git fetch --unshallow origin`"
        )
    raise UserError(f"{branch}: has no history in common with HEAD; name another revision with `BASE=…`")


def lock_commit() -> tuple[str, str] | None:
    """The commit that brought the current folder's dvc.lock, and this folder's path from the repository's root.

    Commits after it, of anything else, do not change the answer. None without git, or if dvc.lock has changed since.
    """
    if read_file("HEAD", "dvc.lock") is None or not is_clean("dvc.lock"):
        return None
    commit = (git("log", "-1", "--format=%H", "--", "dvc.lock") or b"").decode().strip()
    return commit, project_prefix().rstrip("/")
