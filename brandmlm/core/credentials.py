"""Check tokens before HTTP libraries see them: their error messages would quote a malformed one."""

from __future__ import annotations

from brandmlm.core.errors import UserError


def clean_token(token: str, name: str, remedy: str) -> str:
    """Return the token without surrounding blanks.

    Args:
        token: What the user set.
        name: The source or base that needs it; the message begins with it.
        remedy: How to set a token.

    Raises:
        UserError: The token cannot be part of an HTTP header; the message does not show it.
    """
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UserError(f"{name}: the token holds characters that no token has; copy it again, then {remedy}")
    return token
