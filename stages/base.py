"""Add the base to the project: a checkpoint with a masked-LM head and its tokenizer, in the form that all stages load.

In:  the `base` of params.yaml (a folder in an installed package, the user's folder, or a repository on a model hub).
Out: a folder with `config.json`, `model.safetensors` and the tokenizer's files; for a hub also `origin.json`
     (repository, commit and digests).

Pinned digests are checked. A checkpoint without a masked-LM head gets the adapter's head if params.yaml names one, or
else a new one. The same checkpoint gives the same bytes.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.params.base import AnyBase, HubBase, PackageBase
from brandmlm.config.params.sections import Sections
from brandmlm.core.command_line import run, say
from brandmlm.core.stage_code import parse_stage
from brandmlm.modeling.adapter import merge
from brandmlm.modeling.base_files import check_files, write_base
from brandmlm.modeling.base_model import load_model, load_tokenizer
from brandmlm.modeling.bases import describe_origin, locate


class Params(Sections):
    base: AnyBase


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder to fill")
    arguments = parse_stage(parser)
    base = Params.read().base
    began = time.monotonic()
    folder = locate(base)
    check_files(folder, base.digests)
    checked = len(base.digests)
    if isinstance(base, PackageBase) and base.adapter:
        model, fresh = merge(folder, base.adapter, base.adapter_digests), False
        checked += len(base.adapter_digests)
    else:
        model, fresh = load_model(folder)
    tokenizer = load_tokenizer(folder, model)
    write_base(model, tokenizer, folder, describe_origin(base, folder), arguments.out)
    if fresh:
        say(
            f"base: {Path(*folder.parts[-2:])} has no masked-LM head; a new one was added, whose predictions are noise "
            "until it is trained"
        )
    say(
        f"base: {model.config.model_type}, {model.num_parameters():,} parameters, {len(tokenizer):,} tokens, "
        f"{checked} digests checked, {time.monotonic() - began:.1f} s"
    )
    if isinstance(base, HubBase) and (not base.digests or base.revision != folder.name):
        say("base: not pinned; `brand-mlm pin` writes its commit and digests into params.yaml")


if __name__ == "__main__":
    run(main)
