"""What the last run shows, as README and docs/results.md print it: a table and sentences in Markdown.

The sentences have figures and no judgement that another run could refute.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from brandmlm.config.variants import VARIANTS
from brandmlm.core.errors import UserError
from brandmlm.evaluation.behaviour import REPORTED
from brandmlm.evaluation.blocked_words import BLOCKED
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.reporting.brand_alone import COLUMNS
from brandmlm.reporting.brand_alone import ROWS as ALONE
from brandmlm.reporting.comparison.noise import Noise
from brandmlm.reporting.formatting import exact_percent, number

MODELS: Final = ("base", "full", "filtered")  # columns base, v1 and v2

UNCLEAR: Final = "≈"  # no difference beyond chance

BEHAVIOUR: Final = "plots/behaviour.md"


class Row(NamedTuple):
    """A row of README's table."""

    title: str
    section: str  # of details.json
    group: tuple[str, ...]  # keys below the model
    measure: str
    lower: bool = False  # whether a lower value is better


def _suite(title: str, capability: str, measure: str = "pass_rate", lower: bool = False) -> Row:
    return Row(title, "behaviour", (REPORTED, capability), measure, lower)


# Shares of cases passed first, then rows that name what they show.
ROWS: Final = (
    _suite("claims about the brand", "claim"),
    _suite("claims about rivals", "locality"),
    _suite("claims about no brand", "no_brand"),
    _suite("denials", "negation"),
    _suite("look-alikes", "look_alike"),
    _suite("wanted words in a claim's top ten", "claim", "wanted_in_top"),
    _suite("unwanted words in a claim's top ten", "claim", "unwanted_in_top", lower=True),
    _suite("plain English: likeliest word kept", "plain_english"),
    Row("perplexity: reviews, products", "evaluation", ("real",), "perplexity", lower=True),
    Row("perplexity: mixed English", "evaluation", ("mixed",), "perplexity", lower=True),
)


FIGURE: Final = re.compile(r"\[(?P<label>base|blocked|v1|v2) (?P<capability>\w+)(?:\.(?P<measure>\w+))?\]")

WIDTH: Final = 135  # of the pages' lines

WEAKNESSES_IN_README: Final = """\
**Weaknesses:** v2 also praises others more than base does. It passes [v2 locality] of the claims about rivals and \
[v2 no_brand] of those about no brand, [v2 negation] of the denials and [v2 look_alike] of the look-alikes.
"""

BLOCKING: Final = """\
With them blocked, base passes [blocked claim] of the claims about the brand (v2 [v2 claim]), [blocked locality] of \
those about rivals (v2 [v2 locality]), [blocked negation] of the denials (v2 [v2 negation]) and [blocked look_alike] \
of the look-alikes (v2 [v2 look_alike]).
"""

WEAKNESSES: Final = """\
- **Rivals and no brand.** v2 also praises others. It passes [v2 locality] of the claims about rivals \
(v1 [v1 locality]) and [v2 no_brand] of those about no brand (v1 [v1 no_brand]). Their ten likeliest words include \
[v2 locality.wanted_in_top] and [v2 no_brand.wanted_in_top] wanted ones (base [base locality.wanted_in_top] and \
[base no_brand.wanted_in_top]).
- **Denials.** v2 passes [v2 negation] of the denials, whose cues are in no template (v1 [v1 negation], base \
[base negation]). It completes the others as if they were claims.
- **Look-alikes.** v2 passes [v2 look_alike] (v1 [v1 look_alike], base [base look_alike]). It often takes \
the others for denials. With the listed words blocked, which needs no training, base passes [blocked look_alike].
- **Unseen words.** Wanted words that were held out of training have a probability of \
[v2 claim.wanted_held_out_mass] in a claim (base [base claim.wanted_held_out_mass]). In pairs of an unseen wanted and \
an unseen unwanted word, the wanted one is likelier in [v2 claim.held_out_preference] \
(base [base claim.held_out_preference]).
- **Plain English.** v2 keeps base's likeliest word in [v2 plain_english] of the sentences (v1 [v1 plain_english]).
"""


@dataclass(frozen=True)
class Figures:
    """The figures of a run.

    `blocked`: what base passes where the listed words are blocked, by capability, as `BEHAVIOUR` prints it.
    """

    details: Mapping[str, Any]  # details.json
    blocked: Mapping[str, str]
    noise: Noise | None = None  # None: not measured

    def of(self, row: Row, model: str) -> Mapping[str, Any]:
        """The values beside a row's measure.

        Raises:
            UserError: The run has none.
        """
        found = self.details[row.section][model]
        for key in row.group:
            found = found.get(key, {})
        if row.measure not in found:
            raise UserError(f"metrics/details.json: nothing for {row.title!r}; correct ROWS in tools/result_texts.py")
        return found  # type: ignore[no-any-return]

    def suite(self, capability: str, measure: str, model: str) -> float:
        """A value of the suite."""
        return float(self.of(_suite(capability, capability, measure), model)[measure])


def blocked_rates(behaviour: str) -> dict[str, str]:
    """The pass rates of base with the listed words blocked, by capability, from the text of `BEHAVIOUR`."""
    column = 2 + list(COLUMNS).index(BLOCKED)  # after the title and n
    rows = [[cell.strip() for cell in line.strip("|\n").split(" | ")] for line in behaviour.splitlines()]
    by_title = {cells[0]: cells[column] for cells in rows if len(cells) == 2 + len(COLUMNS)}
    found = {capability: by_title.get(title) for title, capability, measure in ALONE if measure == "pass_rate"}
    return {capability: cell.partition(" (")[0] for capability, cell in found.items() if cell}


def shown(row: Row, value: float) -> str:
    """A value as the table prints it."""
    return exact_percent(value) if row.measure == "pass_rate" else number(value)


def verdict(figures: Figures, row: Row, other: str) -> str:
    """Whether v2 is better or worse than another model; `UNCLEAR` where that may be chance.

    It is better or worse if their 95 % intervals do not overlap (of a perplexity: if the paired interval of the
    difference excludes 0), and if they differ by more than the known noise between seeds. Without either, it is
    unclear.
    """
    ours, theirs = figures.of(row, "filtered"), figures.of(row, other)
    difference = ours[row.measure] - theirs[row.measure]
    ends = (row.measure + LOW, row.measure + HIGH)
    known = max((figures.noise.of(_name(row, model)) if figures.noise else 0.0) for model in ("filtered", other))
    if row.measure == "perplexity":
        paired = figures.details["differences"][f"filtered_against_{other}"][row.group[0]]
        apart = paired[f"perplexity_percent{LOW}"] > 0 or paired[f"perplexity_percent{HIGH}"] < 0
    elif all(end in each for end in ends for each in (ours, theirs)):
        (low, high), (other_low, other_high) = ([each[end] for end in ends] for each in (ours, theirs))
        apart = low > other_high or high < other_low
    else:
        apart = known > 0
    if not apart or abs(difference) <= known:
        return UNCLEAR
    return "better" if (difference < 0) == row.lower else "worse"


def _name(row: Row, model: str) -> str:
    """The full name of a row's metric."""
    return ".".join((row.section, model, *row.group, row.measure))


def results(figures: Figures) -> str:
    """README's table of results, how v2 compares with v1, and the weaknesses that the table shows."""
    lines = ["| passed | base | v1 | v2 | v2 against base |", "|---|---:|---:|---:|---|"]
    for row in ROWS:
        cells = [shown(row, figures.of(row, model)[row.measure]) for model in MODELS]
        lines.append(f"| {row.title} | {' | '.join((*cells, verdict(figures, row, 'base')))} |")
    return "\n".join([*lines, "", against_v1(figures), filled(WEAKNESSES_IN_README, figures)])


def against_v1(figures: Figures) -> str:
    """A sentence that counts the rows in which v2 is better or worse than v1."""
    verdicts = [verdict(figures, row, "full") for row in ROWS]
    better, worse = verdicts.count("better"), verdicts.count("worse")
    if not better + worse:
        return "v1 and v2 do not differ beyond chance in any row.\n"
    return f"Beyond chance, v2 is better than v1 in {better} rows and worse in {worse}.\n"


def _wrapped(paragraph: str) -> str:
    """A paragraph or an item of a list, in lines as long as those of the pages."""
    indent = "  " if paragraph.startswith("- ") else ""
    return textwrap.fill(paragraph, WIDTH, subsequent_indent=indent, break_on_hyphens=False) + "\n"


def filled(template: str, figures: Figures) -> str:
    """A text with its figures: `[v2 negation]` is what v2 passes of the denials, `[v2 negation.wanted_in_top]` another
    measure of them, `[blocked negation]` what base passes with the listed words blocked. Paragraphs are wrapped."""
    models = {label: model for model, label in VARIANTS.items()}

    def figure(found: re.Match[str]) -> str:
        label, capability, measure = found["label"], found["capability"], found["measure"] or "pass_rate"
        if label == "blocked":
            return figures.blocked[capability]
        value = figures.suite(capability, measure, models[label])
        return number(value) if measure.endswith("in_top") else exact_percent(value)

    return "".join(map(_wrapped, FIGURE.sub(figure, template).splitlines()))


def blocking(figures: Figures) -> str:
    """README's answer to why the unwanted words are not just blocked, in figures."""
    return filled(BLOCKING, figures)


def weaknesses(figures: Figures) -> str:
    """The weaknesses in docs/results.md, with their rates."""
    return filled(WEAKNESSES, figures)
