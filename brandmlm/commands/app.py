"""The command `brand-mlm`: all commands, their errors and their exit codes."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import typer

from brandmlm.commands import (
    check,
    check_params,
    comment,
    compare,
    demo,
    experiments,
    explain,
    export,
    new_brand,
    offline_plots,
    predict,
    publish,
    results,
    seeds,
    timed,
    try_page,
    verify,
)
from brandmlm.commands.project import enter_project
from brandmlm.core.command_line import fail, run


def pin() -> None:
    """Write digests of what the last run fetched into params.yaml.

    Row counts and versions, too, where a source has them. Comments and layout of the file stay as they are.
    """
    enter_project()

    from brandmlm.commands import pin

    pin.main()


class Command(NamedTuple):
    function: Callable[..., None]
    example: str
    hidden: bool = False  # called by the Makefile and by CI, not by people


COMMANDS: Final = {
    "predict": Command(predict.predict, predict.EXAMPLE),
    "check": Command(check.check, check.EXAMPLE),
    "explain": Command(explain.explain, explain.EXAMPLE),
    "try": Command(try_page.try_page, try_page.EXAMPLE),
    "demo": Command(demo.demo, demo.EXAMPLE),
    "export": Command(export.export, export.EXAMPLE),
    "publish": Command(publish.publish, publish.EXAMPLE),
    "results": Command(results.results, results.EXAMPLE),
    "compare": Command(compare.compare, compare.EXAMPLE),
    "experiments": Command(experiments.experiments, experiments.EXAMPLE),
    "seeds": Command(seeds.seeds, seeds.EXAMPLE),
    "pin": Command(pin, "brand-mlm pin"),
    "new-brand": Command(new_brand.new_brand, new_brand.EXAMPLE),
    "check-params": Command(check_params.check_params, check_params.EXAMPLE),
    "verify": Command(verify.verify, verify.EXAMPLE),
    "timed": Command(timed.timed, timed.EXAMPLE, hidden=True),
    "comment": Command(comment.comment, comment.EXAMPLE, hidden=True),
    "offline-plots": Command(offline_plots.offline_plots, offline_plots.EXAMPLE, hidden=True),
}


def make_app() -> typer.Typer:
    """All commands; help is coloured in a terminal and plain text elsewhere."""
    app = typer.Typer(
        help="Fine-tune a masked language model for a brand, and look at the results.",
        add_completion=False,
        rich_markup_mode="rich" if sys.stdout.isatty() else None,
    )
    for name, command in COMMANDS.items():
        # After the first argument of `timed`, options are those of the command that it runs.
        settings = {"allow_interspersed_args": name != "timed"}
        register = app.command(
            name,
            short_help=(inspect.getdoc(command.function) or "").partition("\n\n")[0],  # never cut off in the list
            epilog=f"Example: {command.example}",
            hidden=command.hidden,
            context_settings=settings,
        )
        register(command.function)
    return app


def invoke() -> None:
    """Run the command that `sys.argv` names. A usage error is one line and exit code 2."""
    command: Any = typer.main.get_command(make_app())
    # A command mostly imports, and imports free nothing: garbage collection takes a third of the time of `predict`.
    gc.disable()
    try:
        with command.make_context("brand-mlm", sys.argv[1:] or ["--help"]) as context:
            command.invoke(context)
    except typer.Exit as end:
        raise SystemExit(end.exit_code) from None
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        message = " ".join(error.format_message().split()).rstrip(".")
        fail(f"{message}; see `{context.command_path if context else 'brand-mlm'} --help`", error.exit_code)
    finally:
        gc.freeze()  # or Python collects at exit
        gc.enable()


def main() -> None:
    """The entry point of the console script."""
    run(invoke, interrupted="nothing was changed")
