"""The three models that are compared. Folders and metrics use the keys, tables and pictures the values."""

from __future__ import annotations

from typing import Final

VARIANTS: Final = {"base": "base", "full": "v1", "filtered": "v2"}

TRAINED_VARIANTS: Final = ("full", "filtered")

VARIANT_NOTES: Final = {
    "base": "before training",
    "full": "trained on all rows",
    "filtered": "trained on the kept rows",
}
