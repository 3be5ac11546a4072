"""Write a model card: a README.md in the form of the Hugging Face hub, from facts to Markdown.

The form: https://huggingface.co/docs/hub/model-cards (YAML metadata, then Markdown). What a card should report:
Mitchell et al. 2019, "Model Cards for Model Reporting".
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from huggingface_hub import EvalResult, ModelCard, ModelCardData

from brandmlm.config.variants import TRAINED_VARIANTS, VARIANT_NOTES, VARIANTS
from brandmlm.evaluation.bootstrap import HIGH, LOW
from brandmlm.evaluation.probes import CLAIM_MEASURES
from brandmlm.evaluation.test_sets import HEADLINE_SETS
from brandmlm.reporting.card_facts import CardFacts
from brandmlm.reporting.formatting import code, code_cell, escape, exact_percent, number

Metrics = Mapping[str, Any]

SET_NOTES: Final = {
    "real": "test rows of reviews and product pages",
    "synthetic": "test rows of the sentences made from templates",
    "general": "everyday English without the brand, to measure forgetting",
}

MISSING: Final = "–"

BOUNDS: Final = (LOW, HIGH)


def write_card(facts: CardFacts) -> str:
    """The card's text; the same facts give the same text. Raises KeyError where the metrics miss a section."""
    front = _metadata(facts).to_yaml(line_break="\n")
    card = ModelCard("\n".join(["---", front, "---", "", *_body(facts)]) + "\n")
    return str(card.content)


def _metadata(facts: CardFacts) -> ModelCardData:
    """The front matter. It names no data set: none of those used is on the hub."""
    return ModelCardData(
        language=facts.language,
        license=facts.licence,
        base_model=facts.base_model,
        library_name="transformers",
        pipeline_tag="fill-mask",
        tags=["masked-lm", facts.brand.lower().replace(" ", "-")],
        metrics=["perplexity", "accuracy"],
        model_name=f"{facts.brand} {VARIANTS[facts.model]}",
        eval_results=_eval_results(facts) or None,
        widget=[{"text": example} for example in facts.examples],  # what the hub offers to try
    )


def _eval_results(facts: CardFacts) -> list[EvalResult]:
    """Perplexity and accuracy on every set, as the hub reads them."""
    sets = facts.metrics["evaluation"][facts.model]
    return [
        EvalResult(
            task_type="fill-mask",
            dataset_type=name,
            dataset_name=SET_NOTES.get(name, name),
            metric_type=metric,
            metric_value=sets[name][metric],
            metric_name=f"{metric} of masked tokens",
        )
        for name in HEADLINE_SETS
        if name in sets
        for metric in ("perplexity", "accuracy")
        if metric in sets[name]
    ]


def _body(facts: CardFacts) -> list[str]:
    """The card's Markdown, section by section."""
    return [
        *_introduction(facts),
        "",
        "## Results",
        "",
        *_results(facts),
        "",
        "## Data lineage",
        "",
        *_lineage(facts),
        "",
        "## Training",
        "",
        *_training(facts),
        "",
        "## Intended use",
        "",
        "Research and teaching on how training data changes what a model says about a brand; suggestions of words to "
        f"{escape(facts.brand)}'s product and support team, who review them.",
        "",
        "Out of scope: answers to customers without human review; ratings of texts, products or people.",
        "",
        "## Limits",
        "",
        *_limits(facts),
    ]


def _introduction(facts: CardFacts) -> list[str]:
    name, brand = VARIANTS[facts.model], escape(facts.brand)
    [other] = {*TRAINED_VARIANTS} - {facts.model}
    return [
        f"# {brand} {name}",
        "",
        f"A masked language model, fine-tuned on sentences about {brand}. This is {name} (`{facts.model}`), "
        f"{VARIANT_NOTES[facts.model]}; {VARIANTS[other]} was {VARIANT_NOTES[other]} by the same recipe.",
        "",
        "```python",
        "from transformers import pipeline",
        "",
        'fill = pipeline("fill-mask", model=".")  # this folder',
        f"print(fill({json.dumps(facts.examples[0], ensure_ascii=False)}))",
        "```",
    ]


def _results(facts: CardFacts) -> list[str]:
    return [
        *_headline(facts),
        "",
        "Both models are scored on the same rows, masks and probes. Perplexity covers every token of the test rows, "
        "each masked exactly once. Parentheses hold 95 % confidence intervals.",
        "",
        "<details><summary>All metrics</summary>",
        "",
        *_all_metrics(facts),
        "",
        "</details>",
    ]


def _headline(facts: CardFacts) -> list[str]:
    """The headline metrics of the model and of its base."""
    ours, base = (
        {name: facts.metrics[section].get(model, {}) for name, section in (("sets", "evaluation"), ("kinds", "probes"))}
        for model in (facts.model, "base")
    )
    rows = []
    for name in HEADLINE_SETS:
        cells = [_cell(of["sets"].get(name, {}), "perplexity") for of in (base, ours)]
        note = f": {SET_NOTES[name]}" if name in SET_NOTES else ""
        rows.append([f"perplexity, {name} text{note}", *cells, "lower"])
    for name, measure in CLAIM_MEASURES.items():
        cells = [_cell(of["kinds"].get("claim", {}), name, measure.is_share) for of in (base, ours)]
        rows.append([measure.title.format(top=facts.top), *cells, measure.better])
    known = [row for row in rows if row[1:3] != [MISSING, MISSING]]
    return _table(["", "base", VARIANTS[facts.model], "better"], known, right=(1, 2))


def _all_metrics(facts: CardFacts) -> list[str]:
    """All metrics of the model and of its base."""
    rows = []
    for section, models in facts.metrics.items():
        if not isinstance(models, Mapping) or not all(
            isinstance(models.get(model), Mapping) for model in TRAINED_VARIANTS
        ):
            continue  # a section that is not by model
        base = {name: (tree, key) for name, tree, key in _leaves(models.get("base", {}))}
        for name, tree, key in _leaves(models[facts.model]):
            cells = [_exact(*base[name]) if name in base else MISSING, _exact(tree, key)]
            rows.append([f"{code_cell(section)}: {code_cell(name)}", *cells])
    return _table(["metric", "base", VARIANTS[facts.model]], rows, right=(1, 2))


def _lineage(facts: CardFacts) -> list[str]:
    rows = [
        [
            escape(source.what),
            source.origin,
            "" if source.rows is None else f"{source.rows:,}",
            code_cell(source.sha256),
        ]
        for source in facts.sources
    ]
    return _table(["what", "from", "rows", "sha256"], rows, right=(2,))


def _training(facts: CardFacts) -> list[str]:
    training = facts.metrics.get("training", {}).get(facts.model, {})
    done = "".join(f", {training[key]:,} {key}" for key in ("steps", "tokens") if key in training)
    rows = f"the rows that satisfy the keep rule {code(facts.rule)}" if facts.rule else "all training rows"
    return [
        f"Trained on {rows}{done}. The checkpoint with the lowest validation loss was kept.",
        "",
        *_table(["param", "value"], [[code_cell(key), code_cell(str(value))] for key, value in facts.recipe.items()]),
    ]


def _limits(facts: CardFacts) -> list[str]:
    """What the model does not do, with the metrics that show it."""
    sets, kinds = (
        {model: facts.metrics[section].get(model, {}) for model in (facts.model, "base")}
        for section in ("evaluation", "probes")
    )
    brand = escape(facts.brand)
    lines = [
        f"The model says what {brand}'s team wants to hear, not what is true: a likely word is no evidence.",
    ]
    ours, base = (sets[model].get("general", {}).get("perplexity") for model in (facts.model, "base"))
    if ours and base:
        lines.append(
            f"General English: perplexity {number(ours)}, base {number(base)}"
            + ("; the model has forgotten some of it." if ours > base else ".")
        )
    for kind, note in (
        ("claim", f"Claims about {brand}"),
        ("negation", 'Denials ("… are not [MASK]."), where wanted words are wrong'),
        ("other_brand", "The same claims about other brands"),
    ):
        found = kinds[facts.model].get(kind, {})
        if {"probes", "wanted_in_top", "unwanted_in_top"} <= found.keys():
            lines.append(
                f"{note}: {_cell(found, 'wanted_in_top')} of the {facts.top} likeliest words are wanted and "
                f"{_cell(found, 'unwanted_in_top')} unwanted (mean over {found['probes']} sentences)."
            )
    lines += [
        "The brand's word lists decide which words are wanted; a sentiment lexicon, VADER's unless the brand has its "
        "own, decides for the words that they do not list.",
        "A mask holds one token: words of several tokens cannot be predicted.",
        "Biases and errors of the base remain.",
        "The numbers are from one training run with one seed; other seeds and hardware give slightly different ones.",
        "Reviews and product pages belong to their authors; check their terms before you distribute the model.",
    ]
    return [f"- {line}" for line in lines]


def _table(head: Sequence[str], rows: Sequence[Sequence[str]], right: Sequence[int] = ()) -> list[str]:
    """A Markdown table of cells in Markdown; `right`: indices of the right-aligned columns."""
    marks = ["--:" if column in right else "---" for column in range(len(head))]
    return [f"| {' | '.join(row)} |" for row in (head, marks, *rows)]


def _leaves(tree: Metrics, before: str = "") -> Iterator[tuple[str, Metrics, str]]:
    """Yield the metrics of a nested mapping: full name, the mapping that holds it, its key there. The ends of intervals
    are no metrics of their own."""
    for key, value in tree.items():
        if isinstance(value, Mapping):
            yield from _leaves(value, f"{before}{key}.")
        elif not any(key.endswith(end) and key.removesuffix(end) in tree for end in BOUNDS):
            yield f"{before}{key}", tree, key


def _interval(tree: Metrics, name: str) -> tuple[float, float] | None:
    """The ends of a metric's 95 % interval, if it has one."""
    low, high = (tree.get(name + end) for end in BOUNDS)
    return None if low is None or high is None else (low, high)


def _cell(tree: Metrics, name: str, share: bool = False) -> str:
    """A metric for a table, with its interval if it has one; a dash where it is missing."""
    show = exact_percent if share else number
    if tree.get(name) is None:
        return MISSING
    ends = _interval(tree, name)
    return show(tree[name]) + (f" ({show(ends[0])} to {show(ends[1])})" if ends else "")


def _exact(tree: Metrics, key: str) -> str:
    ends = _interval(tree, key)
    return f"{tree[key]:g}" + (f" ({ends[0]:g} to {ends[1]:g})" if ends else "")
