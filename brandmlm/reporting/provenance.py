"""Provenance of an exported folder: an in-toto Statement with SLSA provenance, in the folder's `provenance.json`.

The subjects are the folder's files with their SHA-256 digests. The resolved dependencies are what these were made from,
with the digests that dvc.lock records. It has no time, host or user: the same inputs give the same bytes.

Forms: https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md and https://slsa.dev/spec/v1.0/provenance.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, Final

from brandmlm.core.errors import UserError
from brandmlm.core.files import atomic_file, sha256
from brandmlm.core.recorded import FOLDER_SUFFIX
from brandmlm.data.sources.remote import redact

STATEMENT: Final = "provenance.json"

SIGNATURE: Final = "model.sig"  # where model_signing puts it; it signs the statement with all other files

_OWN: Final = (STATEMENT, SIGNATURE)  # no subjects of the statement

_STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
_PREDICATE_TYPE: Final = "https://slsa.dev/provenance/v1"
# Described in docs/trust.md: one stage of the pipeline, or all stages up to one.
_BUILD_TYPES: Final = {False: "urn:x-brand-mlm:dvc-stage:v1", True: "urn:x-brand-mlm:dvc-pipeline:v1"}
_BUILDER: Final = "urn:x-brand-mlm:dvc-repro"

_MAX_BYTES: Final = 10_000_000  # of a statement that is read

_SOURCE: Final = "source"  # the name of the dependency that is a git commit


@dataclass(frozen=True)
class Commit:
    """The commit with the code and the dvc.lock that made a folder."""

    digest: str  # 40 hex digits
    project: str = ""  # the project's folder from the repository's root, "" for the root itself


@dataclass(frozen=True)
class Build:
    """What a folder was made from."""

    stage: str  # whose output it is, or is made from
    inputs: Mapping[str, str]  # DVC's digest of each file and folder, by its path from the project's root
    params: Mapping[str, Any]  # as dvc.lock has them: values by full name
    commit: Commit | None = None  # known once dvc.lock is committed, so never to a stage
    is_whole: bool = False  # inputs and params are those of all stages up to this one


def _list_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield all that is in a folder but folders, with its path from it in POSIX form, sorted."""
    found = ((path.relative_to(folder).as_posix(), path) for path in folder.rglob("*"))
    yield from sorted((name, path) for name, path in found if path.is_symlink() or not path.is_dir())


def _without_place(value: Any) -> Any:
    """A param without what is private to a machine or its user: the folders of absolute paths, credentials in URLs."""
    if isinstance(value, Mapping):
        return {str(key): _without_place(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_without_place(inner) for inner in value]
    if not isinstance(value, str):
        return value
    if "://" in value:
        return redact(value)
    for path in (PurePosixPath(value), PureWindowsPath(value)):
        if path.is_absolute() or value.startswith("~"):
            return path.name
    return value


def _digest_set(digest: str) -> dict[str, str]:
    """A digest of DVC's as in-toto's DigestSet: that of a folder is one of the list of its files."""
    if digest.endswith(FOLDER_SUFFIX):
        return {"dvc_md5_dir": digest.removesuffix(FOLDER_SUFFIX)}
    return {"md5": digest}


def _dependencies(build: Build) -> list[dict[str, Any]]:
    """The resolved dependencies: files and folders, then the commit."""
    found: list[dict[str, Any]] = [
        {"name": path, "digest": _digest_set(digest)} for path, digest in sorted(build.inputs.items())
    ]
    if build.commit:
        source = {"name": _SOURCE, "digest": {"gitCommit": build.commit.digest}}
        found.append(source | ({"annotations": {"project": build.commit.project}} if build.commit.project else {}))
    return found


def make_statement(folder: Path, build: Build) -> dict[str, Any]:
    """The statement about a folder: a function of its files and of what they were made from."""
    return {
        "_type": _STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": sha256(path)}} for name, path in _list_files(folder) if name not in _OWN
        ],
        "predicateType": _PREDICATE_TYPE,
        "predicate": {
            "buildDefinition": {
                "buildType": _BUILD_TYPES[build.is_whole],
                "externalParameters": {"stage": build.stage, "params": _without_place(build.params)},
                "resolvedDependencies": _dependencies(build),
            },
            "runDetails": {"builder": {"id": _BUILDER}},
        },
    }


def write_statement(folder: Path, build: Build) -> None:
    """Write `provenance.json` about all files of a folder, once these are complete."""
    document = make_statement(folder, build)
    text = json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    with atomic_file(folder / STATEMENT) as partial:
        partial.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True)
class Statement:
    """A statement that was read: what it says, whoever wrote it."""

    subjects: Mapping[str, str]  # SHA-256 by name
    stage: str
    params: Mapping[str, Any]
    dependencies: Mapping[str, Mapping[str, str]]  # in-toto's DigestSet by name, without the commit
    commit: Commit | None
    is_whole: bool  # dependencies and params are those of all stages up to this one


def read_statement(folder: Path) -> Statement:
    """The statement in a folder. Raises UserError if there is none, or one of another kind."""
    file = folder / STATEMENT
    try:
        if (not file.is_file() and file.exists()) or file.stat().st_size > _MAX_BYTES:
            raise ValueError
        return _parse(json.loads(file.read_bytes()))
    except FileNotFoundError:
        raise UserError(f"{file}: not found, so nothing says what this folder is; export the model again") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UserError(f"{file}: no statement that this project writes; export the model again") from None


def _parse(document: Any) -> Statement:
    """Raises ValueError, KeyError, TypeError or AttributeError if it is no statement of this module's form."""
    definition = document["predicate"]["buildDefinition"]
    types = (document["_type"], document["predicateType"])
    if types != (_STATEMENT_TYPE, _PREDICATE_TYPE) or definition["buildType"] not in _BUILD_TYPES.values():
        raise ValueError(types)
    subjects = {str(each["name"]): str(each["digest"]["sha256"]) for each in document["subject"]}
    commit, dependencies = None, {}
    for each in definition["resolvedDependencies"]:
        if "gitCommit" in each["digest"]:
            commit = Commit(str(each["digest"]["gitCommit"]), str(each.get("annotations", {}).get("project", "")))
        else:
            dependencies[str(each["name"])] = {str(key): str(value) for key, value in each["digest"].items()}
    external = definition["externalParameters"]
    is_whole = definition["buildType"] == _BUILD_TYPES[True]
    return Statement(subjects, str(external["stage"]), dict(external["params"]), dependencies, commit, is_whole)


def check_files(folder: Path, statement: Statement) -> Iterator[str]:
    """Yield a line for each file of a folder that is not as its statement says: changed, missing or superfluous."""
    found = {name: path for name, path in _list_files(folder) if name not in _OWN}
    for name in sorted({*found, *statement.subjects}):
        if name not in found:
            yield f"{folder / name}: missing; copy the export again"
        elif not found[name].is_file():  # a link to a file is one: DVC may link outputs into its cache
            yield f"{folder / name}: no regular file; remove it"
        elif name not in statement.subjects:
            yield f"{folder / name}: not in {STATEMENT}; remove it"
        elif sha256(found[name]) != statement.subjects[name]:
            yield f"{folder / name}: not the bytes that {STATEMENT} names; copy the export again"


def check_build(statement: Statement, build: Build, folder: Path, where: str) -> Iterator[str]:
    """Yield a line for each input and param that a statement has otherwise than a dvc.lock (`where`)."""
    file = folder / STATEMENT
    recorded = {path: _digest_set(digest) for path, digest in build.inputs.items()}
    for path in sorted({*recorded, *statement.dependencies}):
        if path not in recorded:
            yield f"{file}: input {path}: not in {where}"
        elif path not in statement.dependencies:
            yield f"{file}: input {path}: in {where}, not in the statement"
        elif recorded[path] != statement.dependencies[path]:
            yield f"{file}: input {path}: another digest than in {where}"
    params = _without_place(build.params)
    for name in sorted({*params, *statement.params}):
        if (name in params, params.get(name)) != (name in statement.params, statement.params.get(name)):
            yield f"{file}: param {name}: another value than in {where}"
