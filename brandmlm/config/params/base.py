"""The base checkpoint: the kinds of base and their keys."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from brandmlm.config.params.addresses import check_owner_name
from brandmlm.config.params.section import Digest, OwnerName, Positive, Section


class Base(Section):
    """A base checkpoint: the keys of every kind."""

    license: str | None = None  # of the weights, as model hubs abbreviate it; for model cards


class PackageBase(Base):
    """A checkpoint inside an installed Python package."""

    kind: Literal["package"]
    package: str  # import name
    folder: str  # inside the package
    digests: dict[str, Digest]  # sha256 by file name
    adapter: str | None = None  # folder of an adapter to merge in, relative to the project's root
    adapter_digests: Mapping[str, Digest] = {}  # sha256 by file name
    name: OwnerName | None = None  # on a model hub; for model cards


class PathBase(Base):
    """A checkpoint in a local folder."""

    kind: Literal["path"]
    path: str
    digests: Mapping[str, Digest] = {}
    name: OwnerName | None = None  # on a model hub; for model cards


class HubBase(Base):
    """A checkpoint on a model hub."""

    kind: Literal["hub"]
    repository: Annotated[str, AfterValidator(partial(check_owner_name, kind="model"))]  # owner/name
    revision: str  # a commit; a branch or tag can move
    digests: Mapping[str, Digest] = {}  # sha256 by file name
    max_megabytes: Positive = 2000  # a checkpoint larger than this is refused


AnyBase = Annotated[PackageBase | PathBase | HubBase, Field(discriminator="kind")]
