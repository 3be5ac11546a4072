"""Top-level domains that review texts name."""

from __future__ import annotations

from typing import Final

# A regular expression's alternatives. Short on purpose: "great.so" is a sentence end that lost its blank, no domain.
TOP_DOMAINS: Final = (
    "com|net|org|info|shop|store|app|co|uk|ie|us|ca|au|nz|in|de|fr|es|it|nl|be|eu|pl|se|dk|no|ch|at|io|ly|me"
)
