"""All Markdown pages of the report."""

from __future__ import annotations

from typing import Final

from brandmlm.reporting.behaviour_page import behaviour_markdown
from brandmlm.reporting.prediction_pages import substitutions_markdown, top_tokens_markdown
from brandmlm.reporting.report import RunReport
from brandmlm.reporting.tables import final_markdown, final_measures

SUBSTITUTIONS: Final = 10  # best substitutions shown per probe, and as many worst ones


def report_pages(report: RunReport) -> dict[str, str]:
    """The pages by file name."""
    return {
        "top_tokens.md": top_tokens_markdown(report.predictions, report.probes, report.top),
        "substitutions.md": substitutions_markdown(report.predictions, report.probes, SUBSTITUTIONS),
        "behaviour.md": behaviour_markdown(report.outcomes, report.suite, report.metrics, report.top),
        "summary.md": final_markdown(final_measures(report.metrics, report.top)),
    }
