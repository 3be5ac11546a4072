"""What a killed run or a full disk does to DVC's own files: DVC stops at them and does not say what to do.

DVC writes two in place, so that they can be cut off: the list of the files in use, before and after each stage, and
`dvc.lock`. What it knows of files is in databases, which fail on a full disk with words of their own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Final

from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

IN_USE: Final = Path(".dvc/tmp/rwlock")
LOCK: Final = Path("dvc.lock")

LITTLE: Final = 1_000_000  # bytes on a disk, with which DVC's databases may fail

_WAIT_S: Final = 0.2  # another DVC may be writing the file just now


def _is_cut_off(file: Path) -> bool:
    try:
        return not isinstance(json.loads(file.read_bytes()), dict)
    except FileNotFoundError:
        return False
    except ValueError:
        return True


def remove_cut_off_list() -> None:
    """Remove the list of the files in use if it is not whole. DVC makes a new one; what a killed DVC used is free."""
    if _is_cut_off(IN_USE):
        time.sleep(_WAIT_S)
        if _is_cut_off(IN_USE):
            IN_USE.unlink(missing_ok=True)
            say(f"{IN_USE}: removed, because a killed run or a full disk had cut it off")


def check_lock() -> None:
    """Raise UserError if DVC cannot read dvc.lock."""
    try:
        data = LOCK.read_bytes()
    except FileNotFoundError:
        return
    from brandmlm.reporting.comparison.locks import parse_lock

    if b"<<<<<<<" in data or b">>>>>>>" in data:
        parse_lock(data, "workspace")  # says what to do about a conflict
    from dvc.schema import COMPILED_LOCKFILE_SCHEMA
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError
    from voluptuous import Invalid

    try:
        COMPILED_LOCKFILE_SCHEMA(YAML(typ="safe").load(data) or {})
    except (YAMLError, Invalid, ValueError):
        known = subprocess.run(["git", "cat-file", "-e", f"HEAD:./{LOCK}"], capture_output=True, check=False)
        command = f"git checkout HEAD {LOCK}" if known.returncode == 0 else f"rm {LOCK}"
        raise UserError(
            f"{LOCK}: DVC cannot read it: a killed run or a full disk cut it off; `{command}`, then run it again: "
            "DVC has in its cache what had run"
        ) from None


def check_space() -> None:
    """Raise UserError if a disk that DVC writes on is full."""
    for folder in (Path.cwd(), Path(tempfile.gettempdir()), Path("/var/tmp")):
        if folder.is_dir() and (free := shutil.disk_usage(folder).free) < LITTLE:
            raise UserError(f"{folder}: its disk is full ({free:,} bytes are left); free space and run it again")


def explain_failure() -> None:
    """Raise UserError if a run of DVC failed for a reason that DVC's own message leaves unsaid."""
    check_space()
    check_lock()
