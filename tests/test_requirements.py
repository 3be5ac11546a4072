"""The pinned packages install wherever the README says that they do."""

from __future__ import annotations

from importlib.metadata import distributions

from packaging.specifiers import SpecifierSet


def test_every_package_takes_the_oldest_python_that_we_promise() -> None:
    """3.11.0; a patch release of our own would hide a package that asks for a later one."""
    asked = {dist.metadata["Name"]: dist.metadata.get("Requires-Python") or "" for dist in distributions()}
    assert len(asked) > 100
    assert [name for name, versions in asked.items() if "3.11.0" not in SpecifierSet(versions)] == []
