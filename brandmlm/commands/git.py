"""git, called as a program in the current folder."""

from __future__ import annotations

import subprocess

from brandmlm.core.errors import UserError


def git(*words: str, ok: bool = True) -> bytes | None:
    """The output of a git command; None if it fails and may fail (`ok` is False).

    Raises:
        UserError: The command fails and may not.
    """
    done = subprocess.run(["git", *words], capture_output=True, check=False)
    if done.returncode:
        if ok:
            raise UserError(f"git {words[0]}: {done.stderr.decode(errors='replace')}")
        return None
    return done.stdout


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
    if git("cat-file", "-e", "HEAD:./dvc.lock", ok=False) is None or git("status", "--porcelain", "--", "dvc.lock"):
        return None
    commit = (git("log", "-1", "--format=%H", "--", "dvc.lock") or b"").decode().strip()
    return commit, (git("rev-parse", "--show-prefix") or b"").decode().strip().rstrip("/")
