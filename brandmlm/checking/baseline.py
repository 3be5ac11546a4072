"""Baselines: findings that are accepted as they are. A finding is known by its file, sentence and phrase, not by its
line, so that text around it may change."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from brandmlm.checking.finding import Located
from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file

VERSION: Final = 1

Key = tuple[str, str, str]


def _key(located: Located) -> Key:
    return located.file, located.finding.sentence, located.finding.phrase


def write_baseline(path: Path, found: Iterable[Located]) -> int:
    """Write a baseline that accepts findings; returns how many."""
    counts = Counter(map(_key, found))
    accepted = [
        {"file": name, "sentence": sentence, "phrase": phrase, "count": count}
        for (name, sentence, phrase), count in sorted(counts.items())
    ]
    text = json.dumps({"version": VERSION, "accepted": accepted}, ensure_ascii=False, indent=1)
    with atomic_file(path) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
    return counts.total()


def read_baseline(path: Path) -> Counter[Key]:
    """How often each finding is accepted. Raises UserError if the file is no baseline."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != VERSION:
            raise ValueError(f"version {document['version']}")
        return Counter(
            {(str(e["file"]), str(e["sentence"]), str(e["phrase"])): int(e["count"]) for e in document["accepted"]}
        )
    except FileNotFoundError:
        raise UserError(f"{path}: no such baseline; make it with --write-baseline {path}") from None
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); name a baseline") from None
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UserError(f"{path}: not a baseline ({error}); write a new one with --write-baseline {path}") from None


def without_accepted(found: Iterable[Located], accepted: Counter[Key]) -> Iterator[Located]:
    """The findings that are not accepted; of equal ones, those beyond the number that is."""
    left = accepted.copy()
    for located in found:
        key = _key(located)
        if left[key] > 0:
            left[key] -= 1
        else:
            yield located
