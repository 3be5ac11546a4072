"""Names that metrics had in earlier revisions, so that those can be compared with today's."""

from __future__ import annotations

import re
from typing import Final

# Pattern of an old full name: the current name. The first match counts.
RENAMED: Final[tuple[tuple[str, str], ...]] = ()


def current_name(name: str) -> str:
    """The name that a metric has today."""
    for pattern, replacement in RENAMED:
        if found := re.fullmatch(pattern, name):
            return found.expand(replacement)
    return name
