"""Formats of findings: for people, JSON, SARIF and GitHub's annotations."""

from __future__ import annotations

import json
import urllib.parse
from collections.abc import Iterable, Iterator
from typing import Any, Final

from brandmlm.checking.finding import FACTS_NOTE, RULES, Finding, Located
from brandmlm.core.errors import printable

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

AROUND: Final = 60  # characters of a long line shown on either side of a phrase


def message(finding: Finding) -> str:
    """A finding in one line: the phrase, the reason, the proposals."""
    text = f"{finding.phrase!r} is off-brand: {finding.reason}"
    return f"{text}. Try {', '.join(finding.proposals)} ({FACTS_NOTE})" if finding.proposals else text


def for_people(located: Located) -> str:
    """The place and reason, the line with the phrase underlined, the proposals."""
    finding = located.finding
    field = f" [{located.field}]" if located.field is not None else ""
    place = f"{located.file}:{finding.line}:{finding.column}:{field}"
    shown, underline = _underlined(located.source_line, finding.column - 1, finding.end - finding.start)
    lines = [f"{place} {finding.phrase!r}: {finding.reason}", f"    {shown}", f"    {underline}"]
    if finding.proposals:
        lines.append(f"    try: {', '.join(finding.proposals)} ({FACTS_NOTE})")
    return "\n".join(map(printable, lines))


def _underlined(line: str, start: int, length: int) -> tuple[str, str]:
    """A line, shortened around a phrase, and a line with marks under the phrase."""
    length = max(1, min(length, len(line) - start))  # a phrase may go on in the next line
    first, last = max(0, start - AROUND), min(len(line), start + length + AROUND)
    before = ("…" if first else "") + line[first:start].replace("\t", " ")
    after = line[start + length : last].replace("\t", " ") + ("…" if last < len(line) else "")
    return before + line[start : start + length] + after, " " * len(before) + "^" * length


def as_json(located: Located) -> str:
    """One JSON object."""
    record: dict[str, Any] = {"file": located.file}
    if located.field is not None:
        record["field"] = located.field
    return json.dumps(record | vars(located.finding) | {"note": FACTS_NOTE}, ensure_ascii=False)


def as_github(located: Located) -> str:
    """A workflow command, which GitHub shows as an annotation in the changed files."""
    finding = located.finding
    place = {"file": located.file, "line": finding.line, "title": "off-brand"}
    if located.field is None:  # the column of a table's value is not that of its file
        end = finding.column + finding.end - finding.start
        place |= {"col": finding.column, "endColumn": end}
    properties = ",".join(f"{key}={_escaped(str(value), ':,')}" for key, value in place.items())
    return f"::warning {properties}::{_escaped(message(finding))}"


def _escaped(text: str, marks: str = "") -> str:
    for mark in "%\r\n" + marks:
        text = text.replace(mark, f"%{ord(mark):02X}")
    return text


def as_sarif(found: Iterable[Located]) -> Iterator[str]:
    """A SARIF 2.1.0 log, in parts; a result has a fix for each proposal."""
    rules = [
        {
            "id": name,
            "shortDescription": {"text": text},
            "help": {"text": f"Take one of the proposals or another word. {FACTS_NOTE.capitalize()}."},
            "defaultConfiguration": {"level": "warning"},
        }
        for name, text in RULES.items()
    ]
    driver = json.dumps({"name": "brand-mlm", "rules": rules}, ensure_ascii=False)
    yield f'{{"$schema": "{SARIF_SCHEMA}", "version": "2.1.0", "runs": [{{"tool": {{"driver": {driver}}},'
    yield '"columnKind": "unicodeCodePoints", "results": ['
    separator = ""
    for located in found:
        yield separator + json.dumps(_result(located), ensure_ascii=False)
        separator = ","
    yield "]}]}"


def _result(located: Located) -> dict[str, Any]:
    finding = located.finding
    artifact = {"uri": urllib.parse.quote(located.file.replace("\\", "/"))}
    region: dict[str, Any] = {"startLine": finding.line}
    fixes: list[dict[str, Any]] = []
    if located.field is None:
        newlines = finding.phrase.count("\n")
        last = finding.phrase.rpartition("\n")[2]
        end = len(last) + 1 if newlines else finding.column + len(finding.phrase)
        region |= {"startColumn": finding.column, "endLine": finding.line + newlines, "endColumn": end}
        fixes = [
            {
                "description": {"text": f"Replace by {word!r}; {FACTS_NOTE}"},
                "artifactChanges": [
                    {
                        "artifactLocation": artifact,
                        "replacements": [{"deletedRegion": region, "insertedContent": {"text": word}}],
                    }
                ],
            }
            for word in finding.proposals
        ]
    result: dict[str, Any] = {
        "ruleId": finding.rule,
        "level": "warning",
        "message": {"text": message(finding)},
        "locations": [{"physicalLocation": {"artifactLocation": artifact, "region": region}}],
    }
    return result | ({"fixes": fixes} if fixes else {})
