"""What the tests of table readers share."""

from __future__ import annotations

from pathlib import Path

import pytest

from brandmlm.core.errors import UserError
from brandmlm.data.tables import ReadOptions, read_table


def read_refusal(path: Path, options: ReadOptions) -> str:
    """The message of a table that cannot be read: one line that begins with the name in the options."""
    with pytest.raises(UserError) as caught:
        read_table(path, options)
    message = str(caught.value)
    assert message.startswith(f"{options.name}: ") and "\n" not in message
    return message
