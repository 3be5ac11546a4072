"""A brand's sentence frames: `templates.yaml`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from brandmlm.config.brand.fields import Name, Part, Text, WordList
from brandmlm.config.brand.reading import check_ids, parse_brand_file
from brandmlm.core.errors import UserError


class Frame(Part):
    """A sentence with slots in braces (what they take: see `stages/synthesize.py`)."""

    id: Name
    text: Text
    group: Name = Field(default_factory=lambda frame: frame["id"])  # frames of one group stay on one side of a split
    about: Literal["brand", "other"] | None = None  # keeps {brand} to our brand, or to the others; both where null


class Templates(Part):
    lists: Mapping[Name, WordList] = {}  # slots of the templates' own
    frames: Annotated[tuple[Frame, ...], Field(min_length=1)]


def load_templates(path: str | os.PathLike[str]) -> Templates:
    """Read the sentence frames. Raises UserError where a key is missing or wrong or an id stands twice."""
    file = Path(path)
    templates = parse_brand_file(file, Templates)
    check_ids(file, "frames", (frame.id for frame in templates.frames))
    for name, words in templates.lists.items():
        for word, count in Counter(words).items():
            if count > 1:
                raise UserError(f"{file}: lists.{name}: {word!r} stands there {count} times; keep one of them")
    return templates
