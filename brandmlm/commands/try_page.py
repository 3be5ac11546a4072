"""`brand-mlm try`: the page on which the brand's team tries sentences, checks texts and edits words."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from brandmlm.commands.explain import KEPT, SIGNAL_TABLE, TRAINING
from brandmlm.commands.project import MODELS, check_brand, check_present, enter_project, lexicon_path
from brandmlm.core.command_line import say
from brandmlm.core.errors import UserError

if TYPE_CHECKING:
    from brandmlm.page.workbench import Workbench

EXAMPLE: Final = "brand-mlm try --port 8765"

PORT: Final = 8765

EVALUATIONS: Final = Path("data/eval")


def open_workbench() -> Workbench:
    """The page's workbench for the project in the current folder.

    Raises:
        UserError: The pipeline has not run yet, or something that it wrote is damaged.
    """
    check_present([*MODELS.values(), TRAINING, KEPT, SIGNAL_TABLE, EVALUATIONS])
    check_brand()

    from brandmlm.commands.predict import device
    from brandmlm.config.params.reading import load_params
    from brandmlm.page.project_files import ProjectFiles
    from brandmlm.page.workbench import Workbench

    params, lexicon = load_params(), lexicon_path()
    files = ProjectFiles(
        models=MODELS,
        lexicon=lexicon,
        probes=lexicon.with_name("probes.yaml"),
        training=TRAINING,
        kept=KEPT,
        signals=SIGNAL_TABLE,
        evaluations=EVALUATIONS,
    )
    return Workbench(files, params.filter, params.report.top, device())


def try_page(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: any free one.")] = PORT,
) -> None:
    """Open a page to try sentences, check texts, edit words.

    It runs on this machine alone and sends nothing anywhere. Ctrl-C ends it.
    """
    enter_project()
    try:
        from brandmlm.page.server import address, listen, serve
    except ImportError as error:
        raise UserError(f"{error.name}: not installed; run `make try`, which installs what the page needs") from None

    listening = listen(port)
    say("Loading the models ...")
    from brandmlm.page.app import make_app

    app = make_app(open_workbench())
    say(f"The page is at {address(listening)} (Ctrl-C ends it)")
    serve(app, listening)
