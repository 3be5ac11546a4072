"""A brand's sentence frames: `templates.yaml`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from brandmlm.config.brand.fields import BrandModel, Name, Text, WordList
from brandmlm.config.brand.reading import check_ids, parse_brand_file
from brandmlm.core.errors import UserError


class Frame(BrandModel):
    """A sentence with slots in braces; see `brandmlm/data/synthesis/slots.py`."""

    id: Name
    text: Text
    group: Name = Field(default_factory=lambda frame: frame["id"])  # frames of one group are in the same split
    about: Literal["brand", "other"] | None = None  # restricts {brand} to our brand, or to the others; null: both


class Templates(BrandModel):
    """A brand's sentence frames, and word lists for additional slots."""

    lists: Mapping[Name, WordList] = {}  # words by slot
    frames: Annotated[tuple[Frame, ...], Field(min_length=1)]


def load_templates(path: str | os.PathLike[str]) -> Templates:
    """Read the sentence frames. Raises UserError if a key is missing or wrong, or an id or word occurs twice."""
    file = Path(path)
    templates = parse_brand_file(file, Templates)
    check_ids(file, "frames", (frame.id for frame in templates.frames))
    for name, words in templates.lists.items():
        for word, count in Counter(words).items():
            if count > 1:
                raise UserError(f"{file}: lists.{name}: {word!r} occurs {count} times; keep one of them")
    return templates
