"""Add a profile to the text of `params.yaml`: all that is there stays as it is."""

from __future__ import annotations

import copy
import io
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap

from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import parse_yaml

_FILE: Final = "params.yaml"


def add_profile(text: str, name: str, model: str, changes: Mapping[str, Any], spoken: str) -> str:
    """The text with a block after the last one: a copy of another profile's with some sections changed.

    Args:
        text: of params.yaml.
        name: of the new profile.
        model: the profile whose block is copied, comments included.
        changes: by section; mappings are merged into the copied section, all but `sources`, which is replaced.
        spoken: the brand's name, for the comment.
    """
    yaml = YAML()
    yaml.preserve_quotes, yaml.width = True, sys.maxsize
    block: CommentedMap = copy.deepcopy(yaml.load(text)[model])
    for section, values in changes.items():
        if section == "sources":
            block[section] = values
        else:
            block[section].update(values)
    stream = io.StringIO()
    yaml.dump(CommentedMap({name: block}), stream)
    # A comment at the end of the copied block is about the block that follows there.
    lines = stream.getvalue().rstrip().splitlines()
    while lines[-1].startswith("#") or not lines[-1].strip():
        lines.pop()
    comment = f"# {spoken}: made by `brand-mlm new-brand`. What is not here is as in the common sections."
    ends = "\r\n" if "\r\n" in text else "\n"
    edited = ends.join([*text.rstrip().splitlines(), "", comment, *lines, ""])
    return _checked(text, edited, {name})


def choose(text: str, values: Mapping[str, str]) -> str:
    """The text with other values of the keys `profile` and `brand`; their comments stay."""
    edited = text
    for key, value in values.items():
        edited, count = re.subn(rf"(?m)^({key}:[ ]*)[^\s#]+", rf"\g<1>{value}", edited, count=1)
        if not count:
            raise UserError(f"{_FILE}: no line begins with `{key}:`; add `{key}: {value}`")
    return _checked(text, edited, set(values))


def _checked(old: str, new: str, changed: set[str]) -> str:
    """The new text, if nothing but these keys differs."""
    before, after = parse_yaml(old, _FILE), parse_yaml(new, _FILE)
    others = [key for key in {**before, **after} if key not in changed and before.get(key) != after.get(key)]
    if others or any(key not in after for key in changed):
        raise UserError(
            f"{_FILE}: an edit would change {', '.join(others) or 'its form'}; write it in YAML's block style"
        )
    return new
