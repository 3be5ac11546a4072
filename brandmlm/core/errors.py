"""The error that a user can act on."""

from __future__ import annotations


class UserError(Exception):
    """A mistake that the user can fix: one line that names the file, key or row and says what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(" ".join(message.split()))
