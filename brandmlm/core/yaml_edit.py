"""Edit a YAML document in place: comments, order, quotes, layout and line ends of the rest stay."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

# DVC writes params.yaml with lines of at most 80 characters (`dvc exp apply`); people write longer ones.
WIDTHS: Final = (sys.maxsize, 80)


def edit_yaml(text: str, change: Callable[[CommentedMap], None]) -> str | None:
    """Return the text with its document changed by `change`; None if ruamel.yaml would lay out the rest differently."""
    for width in WIDTHS:
        yaml = YAML()
        yaml.preserve_quotes, yaml.width = True, width
        document = yaml.load(text.replace("\r\n", "\n"))
        if _dump(yaml, document, text).rstrip() == text.rstrip():
            change(document)
            return _dump(yaml, document, text)
    return None


def _dump(yaml: YAML, document: CommentedMap, text: str) -> str:
    stream = io.StringIO()
    yaml.dump(document, stream)
    return stream.getvalue().replace("\n", "\r\n" if "\r\n" in text else "\n")
