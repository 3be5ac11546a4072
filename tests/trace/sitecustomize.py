"""On the PYTHONPATH of every process that the tests start: refuses connections other than to this machine.

With `$TRACE_FOLDER` it also records, for a DVC stage, the project's files that are opened, the params that are read
and the modules that are loaded, in `$TRACE_FOLDER/<stage>.json` when the process ends.
"""

import atexit
import json
import os
import sys
from pathlib import Path

import loopback

loopback.guard()

MAINS = ("stages.", "brandmlm.commands.code_digests")


def trace() -> None:
    root = Path.cwd()
    opened: set[str] = set()
    read: set[str] = set()

    def watch(event: str, args: tuple[object, ...]) -> None:
        if event == "open" and isinstance(args[0], str | bytes | os.PathLike):
            path = Path(os.fsdecode(args[0]))
            path = path if path.is_absolute() else root / path
            # shutil.rmtree opens folders by names that are relative to another folder's descriptor.
            if args[1] is None and not int(str(args[2])) & os.O_CREAT and not path.exists():
                return
            if path.is_relative_to(root):
                opened.add(str(path.relative_to(root)))

    sys.path.insert(0, str(root))
    before = set(sys.modules)
    from brandmlm.config.params.section import Section

    plain = Section.__getattribute__

    def watched(self: Section, name: str) -> object:
        kind = type(self)
        # Each section has a module of its own, named like it.
        package, _, section = kind.__module__.rpartition(".")
        if name in kind.__pydantic_fields__ and package == "brandmlm.config.params":
            read.add(f"{section}.{name}")
        return plain(self, name)

    Section.__getattribute__ = watched  # type: ignore[method-assign,assignment]
    mine = set(sys.modules) - before

    def record() -> None:
        # What the trace itself loaded does not count; the stage loads the section again only if it needs it.
        loaded = sorted(set(sys.modules) - before - mine)
        found = {"opened": sorted(opened), "params": sorted(read), "modules": loaded}
        Path(os.environ["TRACE_FOLDER"], os.environ["DVC_STAGE"] + ".json").write_text(json.dumps(found))

    sys.addaudithook(watch)
    atexit.register(record)


# Only the stage itself, not the shell's or DVC's helpers.
of_stage = any(word.startswith(MAINS) for word in sys.orig_argv) and "-m" in sys.orig_argv
if of_stage and "TRACE_FOLDER" in os.environ and "DVC_STAGE" in os.environ:
    trace()
