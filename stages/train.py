"""Fine-tune the base on the rows of one model: both models have the same recipe and the same number of tokens.

In: training rows, validation rows (the same for both models), the base checkpoint.
Out: a folder with the checkpoint (the weights of the lowest validation loss, interpolated with the base's),
`history.parquet` (loss and perplexity of training and validation over steps) and `training.json` (rows, steps, tokens,
losses). During the training, DVCLive's curves are in another folder, for `dvc plots show`.
An interrupted training resumes from its last checkpoint when it is run again.
"""

from __future__ import annotations

import argparse
import shutil
from pathlib import Path

from brandmlm.config.params.execution import Execution
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.train import Train
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.table_parts import check_corpus
from brandmlm.training.failures import reported_once
from brandmlm.training.ranks import launched


class Params(Sections):
    train: Train
    execution: Execution


@reported_once()
def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.train", description=__doc__.splitlines()[0])
    parser.add_argument("name", help="the model's name in messages: full or filtered")
    parser.add_argument("--data", type=Path, required=True, help="training rows (parquet)")
    parser.add_argument("--validation", type=Path, required=True, help="validation rows (parquet)")
    parser.add_argument("--replay", type=Path, help="general English, a text per line, that is read beside the rows")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base checkpoint")
    parser.add_argument("--checkpoints", type=Path, required=True, help="folder for checkpoints during the training")
    parser.add_argument("--live", type=Path, required=True, help="folder for the curves during the training")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parse_stage(parser)
    params = Params.read()
    check_corpus(args.data)
    check_corpus(args.validation)
    # Imported only now: torch takes seconds, and a mistake is reported before.
    from brandmlm.training.distributed import launch

    if params.execution.processes > 1 and not launched():
        raise SystemExit(launch("stages.train", params.execution.processes))
    fine_tune(args, params)


def fine_tune(args: argparse.Namespace, params: Params) -> None:
    """Train, alone or as one of several processes, and write the model."""
    from brandmlm.evaluation.test_sets import read_general
    from brandmlm.training.distributed import distributed_context
    from brandmlm.training.environment import RunOptions
    from brandmlm.training.fine_tuning import train
    from brandmlm.training.resume import checkpoint_folder

    inputs = [path for path in (args.data, args.validation, args.replay, args.base) if path]
    options = RunOptions(lambda message: say(f"train {args.name}: {message}"), args.live, args.checkpoints, inputs)
    context = distributed_context()
    with checkpoint_folder(args.checkpoints, context):
        replay = read_general(args.replay)["text"].tolist() if args.replay else []
        result = train(args.data, args.base, params.train, args.validation, params.execution, options, replay)
        if context.is_main:
            with atomic_folder(args.out) as out:
                result.save(out)
    if context.is_main:
        shutil.rmtree(args.live, ignore_errors=True)
        options.say(str(result.summary))
        if result.throughput:
            options.say(str(result.throughput))


if __name__ == "__main__":
    run(main, interrupted="the next run resumes from the last checkpoint")
