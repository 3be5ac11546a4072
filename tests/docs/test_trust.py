"""docs/trust.md keeps its word: every command of it runs, in its order; a signed export that is changed is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import command, lend_environment
from pages import commands

PAGE = "docs/trust.md"


@pytest.mark.long
def test_every_command_runs_and_what_was_signed_is_guarded(built: Path) -> None:
    variables = lend_environment(built)

    def run(line: str) -> tuple[int, str]:
        done = command(built, "sh", "-c", line, ok=False, **variables)
        return done.returncode, done.stdout + done.stderr

    said = {}
    for line in commands(PAGE):
        code, said[line] = run(line)
        assert code == 0, f"{line}\n{said[line]}"
    assert said["brand-mlm verify --rebuild"].endswith(": same bytes\n")
    assert "made from what dvc.lock of commit" in said["brand-mlm verify my-model"]

    checks = [line for line in commands(PAGE) if "verify" in line and "my-model" in line]
    assert len(checks) == 2
    model = built / "my-model"
    for name in ("provenance.json", "README.md", "model.safetensors"):
        data = (model / name).read_bytes()
        (model / name).write_bytes(data.replace(b"a", b"b", 1))
        signature, statement = (run(line) for line in checks)
        assert signature[0] == 1 and "Verification failed" in signature[1] and name in signature[1]
        assert statement[0] == 1, name
        (model / name).write_bytes(data)
    (model / "more").touch()
    assert [run(line)[0] for line in checks] == [1, 1]
    (model / "more").unlink()
    assert [run(line)[0] for line in checks] == [0, 0]

    # Another key's signature.
    command(built, "sh", "-c", "openssl ecparam -name prime256v1 -genkey -noout -out other.key", **variables)
    command(built, "sh", "-c", "openssl ec -in other.key -pubout -out signing.pub", **variables)
    assert run(checks[0])[0] == 1
