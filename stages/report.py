"""Report metrics, pages, pictures and plot data of base, v1 and v2: the only outputs of the pipeline that live in git.

In: the counts of `clean`, `synthesize`, `split` and `filter`, the drift found, the training histories, the evaluations
of base, full and filtered, and the lexicon that decides which words are wanted.
Out: `details.json` (every number, nested), `metrics.json` (the few that decide) and a folder of plots: JSON rows for
DVC's figures (one row per line), pictures (PNG), and the pages `top_tokens.md`, `substitutions.md`, `behaviour.md` and
`summary.md`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.params.report import Report
from brandmlm.config.params.sections import Sections
from brandmlm.config.variants import VARIANTS
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.reporting.decisive import decisive_metrics
from brandmlm.reporting.inputs import InputFolders, read_inputs
from brandmlm.reporting.pages import report_pages
from brandmlm.reporting.pictures import write_pictures
from brandmlm.reporting.plot_data import write_plot_data
from brandmlm.reporting.report import make_report


class Params(Sections):
    report: Report


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m stages.report", description=__doc__.splitlines()[0])
    parser.add_argument("--clean", type=Path, required=True, help="folder with clean's counts.json")
    parser.add_argument("--synthetic", type=Path, required=True, help="folder with synthesize's counts.json")
    parser.add_argument("--split", type=Path, required=True, help="folder with split's counts.json")
    parser.add_argument("--filtered", type=Path, required=True, help="folder with filter's counts and drift")
    parser.add_argument("--models", type=Path, required=True, help="folder of the folders full and filtered")
    parser.add_argument("--evaluations", type=Path, required=True, help="folder of the folders base, full and filtered")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--metrics", type=Path, required=True, help="file to write: the numbers that decide")
    parser.add_argument("--details", type=Path, required=True, help="file to write: every number")
    parser.add_argument("--plots", type=Path, required=True, help="folder to write")
    args = parse_stage(parser, outputs=("metrics", "details", "plots"))
    started = time.monotonic()

    folders = InputFolders(args.clean, args.synthetic, args.split, args.filtered, args.models, args.evaluations)
    report = make_report(read_inputs(folders), load_lexicon(args.lexicon), Params.read().report.top)
    with atomic_folder(args.plots) as out:
        write_plot_data(report, out)
        write_pictures(report, out / "pictures")
        for name, page in report_pages(report).items():
            (out / name).write_text(page, encoding="utf-8")
    write_json(args.details, report.metrics)
    write_json(args.metrics, decisive_metrics(report.metrics))

    files = sum(path.is_file() for path in args.plots.rglob("*"))
    say(
        f"report: {len(VARIANTS)} models, {report.probes['probe'].nunique()} probes, {len(report.outcomes)} outcomes "
        f"of the suite, {files} files, {time.monotonic() - started:.1f} s; "
        f"the final table is in {args.plots / 'summary.md'}"
    )


if __name__ == "__main__":
    run(main)
