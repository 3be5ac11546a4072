"""Tokens: what the sites' clients and the HTTP libraries below them must not be given."""

from __future__ import annotations

from brandmlm.core.errors import UserError


def clean_token(token: str, name: str, way: str) -> str:
    """The token, fit for a header. Raises UserError, which does not show it, where it cannot be one: the libraries
    would show it in theirs. `name`: of the source or base; `way`: how to give a token."""
    token = token.strip()
    if not token.isascii() or not token.isprintable() or " " in token:
        raise UserError(f"{name}: the token holds characters that no token has; copy it again, then {way}")
    return token
