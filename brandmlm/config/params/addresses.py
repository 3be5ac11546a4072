"""Addresses of data sets pasted where a site's `owner/name` is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

_NAME = r"[\w.-]+"

# Site -> hosts, what may precede owner/name in its addresses, and sections that hold no data sets.
_HOSTS: Final = {
    "kaggle.com": "kaggle",
    "data.world": "dataworld",
    "huggingface.co": "hub",
    "hf.co": "hub",
}
_BEFORE: Final = {"kaggle": ("datasets", "d"), "dataworld": (), "hub": ("datasets",)}
_OTHER: Final = {
    "kaggle": (
        "c",
        "code",
        "competitions",
        "kernels",
        "models",
        "m",
        "learn",
        "organizations",
        "discussions",
        "search",
    ),
    "dataworld": ("datasets", "search", "community", "login", "settings", "integrations"),
    "hub": ("spaces", "models", "collections", "docs", "papers", "blog", "join", "login", "search"),
}

_COMMAND = re.compile(rf"kaggle\s+d(?:atasets)?\s+\w+\s+(?:(?:-d|--dataset)[\s=]+)?({_NAME}/{_NAME})")
_CALL = re.compile(rf"(?:load_dataset|dataset_download|dataset_load)\(\s*[\"']({_NAME}/{_NAME})[\"']")


@dataclass(frozen=True)
class DataSet:
    """A data set of a site."""

    site: str | None  # kaggle, dataworld or hub, as the kind of source; None: the text does not tell
    name: str  # owner/name


def _of_path(site: str, path: str) -> str | None:
    parts = [part for part in unquote(path).split("/") if part]
    if parts and parts[0].lower() in _BEFORE[site]:
        parts = parts[1:]
    elif parts and (parts[0].lower() in _OTHER[site] or site == "hub"):
        return None  # on the hub, owner/name alone is a model
    if len(parts) < 2:
        return None
    owner, name = parts[0], parts[1].partition("@")[0].removesuffix(".git")
    return f"{owner}/{name}" if re.fullmatch(_NAME, owner) and re.fullmatch(_NAME, name) else None


def find_data_set(text: str) -> DataSet | None:
    """The data set that a pasted address, command or call names; None where it names none.

    Knows the pages of Kaggle, data.world and the Hugging Face hub with or without scheme and anything behind the name,
    `hf://` and git addresses, `kaggle datasets download -d …` and `load_dataset("…")`.
    """
    text = text.strip().strip("<>\"'")
    if found := _COMMAND.search(text) or _CALL.search(text):
        return DataSet("kaggle" if "kaggle" in text else "hub", found[1])
    if found := re.fullmatch(rf"datasets/({_NAME}/{_NAME})(?:/.*)?", text):
        return DataSet(None, found[1])
    if text.startswith("hf://"):
        text = f"https://hf.co/{text[5:]}"
    text = re.sub(r"^git@([\w.]+):", r"https://\1/", text)
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = (parts.hostname or "").lower().removeprefix("www.")
    except ValueError:
        return None
    site = _HOSTS.get(host)
    name = _of_path(site, parts.path) if site else None
    return DataSet(site, name) if site and name else None


def find_model(text: str) -> str | None:
    """The `owner/name` of a model on the hub that a pasted address names; None where it names none."""
    found = re.match(
        rf"(?:https?://)?(?:www\.)?(?:huggingface\.co|hf\.co)/({_NAME}/{_NAME})", text.strip().strip("<>\"'")
    )
    owner = found[1].partition("/")[0] if found else None
    return None if found is None or owner in ("datasets", *_OTHER["hub"]) else found[1].removesuffix(".git")


def advise_name(text: str, kind: str) -> str:
    """What to write instead of a text that is no `owner/name`.

    Args:
        text: what the user wrote.
        kind: the kind of the source (kaggle, dataworld or hub), or `model` for a base on the hub.
    """
    if kind == "model":
        model = find_model(text)
        return f"write {model}" if model else "write owner/name as the model's address has it"
    found = find_data_set(text)
    if found is None:
        return "write owner/name as the site's address has it"
    if found.site in (kind, None):
        return f"write {found.name}"
    return f"that is a data set of another site: set kind to {found.site} and write {found.name}"


def check_owner_name(text: str, kind: str) -> str:
    """Return a text that is `owner/name`. Raises ValueError, with the right form of a pasted address, for another."""
    if re.fullmatch(rf"{_NAME}/{_NAME}", text, re.A) and find_data_set(text) is None:
        return text
    raise ValueError(f"this is not owner/name: {advise_name(text, kind)}")
