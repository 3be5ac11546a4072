"""Put on the PYTHONPATH of every process that the tests start: refuses connections other than to this machine.

With `$TRACE_FOLDER` it also records the project's files that a stage opens and the params that it reads, and writes
them to `$TRACE_FOLDER/<stage>.json` when the process ends.
"""

import atexit
import json
import os
import sys
from pathlib import Path

import loopback

loopback.guard()

if "TRACE_FOLDER" in os.environ and "DVC_STAGE" in os.environ:
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

    def record() -> None:
        trace = {"opened": sorted(opened), "params": sorted(read)}
        Path(os.environ["TRACE_FOLDER"], os.environ["DVC_STAGE"] + ".json").write_text(json.dumps(trace))

    # Only the stage itself, not the shell's or DVC's helpers.
    if "-m" in sys.orig_argv and any(word.startswith("stages.") for word in sys.orig_argv):
        sys.path.insert(0, str(root))
        from brandmlm.config.params import reading
        from brandmlm.config.params.section import Section
        from brandmlm.config.params.sources import Sources

        plain = Section.__getattribute__
        names = {getattr(field.annotation, "__name__", ""): name for name, field in reading.Params.model_fields.items()}

        def watched(self: Section, name: str) -> object:
            kind = type(self)
            if name in kind.__pydantic_fields__:
                if kind is Sources:
                    read.add(f"sources.{name}")
                elif kind is reading.Params and name in ("base", "brand", "profile"):
                    read.add(name)
                elif kind.__name__ in names and kind not in (reading.Params, Sources):
                    read.add(f"{names[kind.__name__]}.{name}")
            return plain(self, name)

        Section.__getattribute__ = watched  # type: ignore[method-assign,assignment]
        sys.addaudithook(watch)
        atexit.register(record)
