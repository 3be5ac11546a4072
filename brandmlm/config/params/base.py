"""The base checkpoint: the kinds of base and their keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from brandmlm.config.params.section import Digest, OwnerName, Positive, Section


class Base(Section):
    """A base checkpoint: what every kind of base has in common."""

    license: str | None = None  # that its weights bear, as model hubs abbreviate it; for the cards


class PackageBase(Base):
    """A checkpoint inside an installed Python package."""

    kind: Literal["package"]
    package: str  # import name
    folder: str  # inside the package
    digests: dict[str, Digest]  # sha256 by file name
    adapter: str | None = None  # folder of an adapter that is merged in (from the project's root)
    adapter_digests: Mapping[str, Digest] = {}  # sha256 by file name
    name: OwnerName | None = None  # what a model hub calls it; for the cards


class PathBase(Base):
    """A checkpoint in a folder of the user's."""

    kind: Literal["path"]
    path: str
    digests: Mapping[str, Digest] = {}
    name: OwnerName | None = None  # what a model hub calls it; for the cards


class HubBase(Base):
    """A checkpoint on a model hub."""

    kind: Literal["hub"]
    repository: OwnerName
    revision: str  # a commit, or a branch or tag, which may come to mean another commit
    digests: Mapping[str, Digest] = {}  # sha256 by file name
    max_megabytes: Positive = 2000  # a checkpoint larger than this is refused


AnyBase = Annotated[PackageBase | PathBase | HubBase, Field(discriminator="kind")]
