"""The three models that are compared: base, v1 and v2, under the names of their folders."""

from __future__ import annotations

from typing import Final

VARIANTS: Final = {"base": "base", "full": "v1", "filtered": "v2"}  # as in the folders' names: as in the tables

TRAINED_VARIANTS: Final = ("full", "filtered")

VARIANT_NOTES: Final = {
    "base": "before training",
    "full": "trained on all rows",
    "filtered": "trained on the kept rows",
}
