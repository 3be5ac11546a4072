"""Titles of metrics, in words that a reader of the report's tables knows."""

from __future__ import annotations

from typing import Final

from brandmlm.config.variants import VARIANTS

# What is measured, by the last key of a metric's name; other keys are their own words.
MEASURES: Final = {
    "wanted_in_top": "wanted words among the likeliest",
    "unwanted_in_top": "unwanted words among the likeliest",
    "wanted_held_out_in_top": "unseen wanted words among the likeliest",
    "unwanted_held_out_in_top": "unseen unwanted words among the likeliest",
    "wanted_mass": "probability of wanted words",
    "unwanted_mass": "probability of unwanted words",
    "without_unwanted": "share without an unwanted word",
    "pass_rate": "share that passes",
    "ece": "calibration error",
    "kl": "divergence from base",
}

# The sentences that are asked, by the key of their kind.
SENTENCES: Final = {
    "claim": "claims",
    "other_brand": "claims about other brands",
    "brand": "sentences that ask for the brand",
    "product": "sentences that ask for a product",
    "locality": "claims about rivals",
    "no_brand": "claims about no brand",
    "negation": "denials",
    "look_alike": "claims that look like denials",
    "bare": "claims without final punctuation",
}


def metric_title(name: str) -> str:
    """The title of a metric: "v2: perplexity, real text"; its name where nothing better is known."""
    kind, *keys = name.split(".")
    if len(keys) < 3 or keys[0] not in VARIANTS:
        return name
    model = VARIANTS[keys[0]]
    measure = MEASURES.get(keys[-1], keys[-1].replace("_", " "))
    match kind, keys[1:-1]:
        case "evaluation", [test_set]:
            return f"{model}: {measure}, {test_set} text"
        case "minimal_pairs", [phenomenon]:
            return f"{model}: share right, minimal pairs{_of(phenomenon)}"
        case "probes", [sentences]:
            return f"{model}: {measure}, {_named(sentences)}"
        case "behaviour", [part, sentences]:
            return f"{model}: {measure}, {_named(sentences)} (suite, part {part})"
    return name


def _named(sentences: str) -> str:
    return SENTENCES.get(sentences, sentences.replace("_", " "))


def _of(phenomenon: str) -> str:
    return "" if phenomenon == "all" else f" of {phenomenon.replace('_', ' ')}"
