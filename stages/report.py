"""Put what the run found into numbers, pictures and tables: the only outputs of the pipeline that live in git.

In: the counts of `clean`, `synthesize`, `split` and `filter`, the drift found, the training histories, the evaluations
of base, full and filtered, and the lexicon that judges the words offered for the probes.
Out: `metrics.json` (nested, finite numbers only) and a folder of plots: JSON rows for DVC's figures (one row a line),
pictures (PNG), `top_tokens.md`, `substitutions.md`, `behaviour.md` and `summary.md` (`stages/results.py` prints the
latter's table).
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
from brandmlm.evaluation.behaviour import examine, summarise
from brandmlm.evaluation.probes import count_top, summarise_probes
from brandmlm.evaluation.word_verdicts import WordVerdicts, with_verdicts
from brandmlm.reporting.behaviour_page import behaviour_markdown
from brandmlm.reporting.inputs import check_counts, gather_answers, gather_predictions, gather_results, read_inputs
from brandmlm.reporting.metrics import make_metrics
from brandmlm.reporting.pages import substitutions_markdown, top_tokens_markdown
from brandmlm.reporting.pictures import SUBSTITUTIONS, write_pictures
from brandmlm.reporting.plot_data import dropped_rows, signal_counts, write_data
from brandmlm.reporting.tables import final_markdown, final_measures


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
    parser.add_argument("--metrics", type=Path, required=True, help="file to write")
    parser.add_argument("--plots", type=Path, required=True, help="folder to write")
    arguments = parse_stage(parser)
    top = Params.read().report.top
    started = time.monotonic()

    lexicon = load_lexicon(arguments.lexicon)
    inputs = read_inputs(arguments)
    check_counts(inputs, arguments)
    dropped = dropped_rows(inputs.clean, arguments.clean / "counts.json")
    signals = signal_counts(inputs.filtered, arguments.filtered / "counts.json")

    predictions = with_verdicts(gather_predictions(inputs.evaluations), lexicon)
    results = gather_results(inputs.evaluations, count_top(predictions, top))
    probe_summary = summarise_probes(results)
    outcomes = examine(gather_answers(inputs.evaluations, WordVerdicts(lexicon), top), lexicon, top)
    suite_summary = summarise(outcomes)

    metrics = make_metrics(inputs, probe_summary, suite_summary)
    with atomic_folder(arguments.plots) as out:
        write_data(out, inputs, predictions, results, dropped, signals, top)
        write_pictures(out / "pictures", inputs, predictions, results, dropped, signals, top, metrics["differences"])
        (out / "top_tokens.md").write_text(top_tokens_markdown(predictions, results, top), encoding="utf-8")
        (out / "substitutions.md").write_text(
            substitutions_markdown(predictions, results, SUBSTITUTIONS), encoding="utf-8"
        )
        page = behaviour_markdown(outcomes, suite_summary, top)
        (out / "behaviour.md").write_text(page, encoding="utf-8")
        (out / "summary.md").write_text(final_markdown(final_measures(metrics, top)), encoding="utf-8")
    write_json(arguments.metrics, metrics)

    files = sum(path.is_file() for path in arguments.plots.rglob("*"))
    say(
        f"report: {len(VARIANTS)} models, {results['probe'].nunique()} probes, {len(outcomes)} outcomes of the suite, "
        f"{files} files, "
        f"{time.monotonic() - started:.1f} s; the final table is in {arguments.plots / 'summary.md'}"
    )


if __name__ == "__main__":
    run(main)
