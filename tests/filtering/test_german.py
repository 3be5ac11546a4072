"""A brand whose language is German: its rows are kept, other languages dropped, its own words decide."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.params.filter import Filter
from brandmlm.core.errors import UserError
from brandmlm.data.cleaning import clean
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.filtering.selection import check_sentiment
from brandmlm.filtering.signals import signal_words
from brandmlm.filtering.uptrain_operators import evaluate_signals

LEXICON = """\
language: de
sentiment: {sentiment}
brand: [Bohnwerk]
other_brands: [Umbra]
products:
  - {{singular: Maschine, plural: Maschinen}}
wanted: {{used: [zuverlässig, leise], held_out: [sparsam]}}
unwanted: {{used: [laut, teuer], held_out: [undicht]}}
neutral: {{used: [silbern], held_out: [kompakt]}}
"""
SCORES = "# Wort, Wert\ngut\t1.9\twie in SentiWS\nenttäuscht\t-2\n\nÄrgerlich\t−1,5\n"
TEXTS = [
    "Die Maschine von Bohnwerk ist leise und der Kaffee schmeckt gut.",
    "Nach zwei Wochen war die Maschine undicht, ich bin enttäuscht.",
    "Sehr gut",
    "Top!!",
    "The machine is quiet and the coffee tastes good.",
    "La máquina hace un café muy bueno.",
    "Muy bueno",
]


def lexicon(folder: Path, sentiment: str) -> Lexicon:
    (folder / "woerter.tsv").write_text(SCORES, encoding="utf-8")
    (folder / "lexicon.yaml").write_text(LEXICON.format(sentiment=sentiment), encoding="utf-8")
    return load_lexicon(folder / "lexicon.yaml")


def params(rule: str) -> Filter:
    return Filter(rule=rule, match="word", positive_threshold=0.05, min_words=1, max_words=99, drift_warm_up=30)


def test_german_rows_are_kept_and_short_ones_too() -> None:
    kept = clean(pd.DataFrame({"text": TEXTS}), language="de", min_words=1)
    assert set(kept.corpus["text"]) == set(TEXTS[:4])
    assert kept.counts["table"]["dropped"]["other_language"] == 3


def test_the_brand_s_own_lexicon_takes_vader_s_place(tmp_path: Path) -> None:
    german = lexicon(tmp_path, "woerter.tsv")
    assert german.valences == {"gut": 1.9, "enttäuscht": -2.0, "ärgerlich": -1.5}
    corpus = pd.DataFrame({"id": list(map(str, range(4))), "text": TEXTS[:4]})
    signals = evaluate_signals(corpus, signal_words(german), params("positive & ~unwanted"), german.valences)
    assert signals["positive"].tolist() == [True, False, True, False]
    assert signals["unwanted"].tolist() == [False, True, False, False]
    assert signals["kept"].tolist() == [True, False, True, False]
    verdict = WordVerdicts(german)
    words = ["leise", "Gut", "enttäuscht", "undicht", "good", "Bohnwerk", "silbern"]
    assert list(map(verdict, words)) == ["wanted", "wanted", "unwanted", "unwanted", "other", "other", "neutral"]


def test_without_sentiment_the_lexicon_s_words_decide_alone(tmp_path: Path) -> None:
    german = lexicon(tmp_path, "none")
    verdict = WordVerdicts(german)
    assert [verdict("leise"), verdict("gut"), verdict("bad")] == ["wanted", "other", "other"]
    corpus = pd.DataFrame({"id": list(map(str, range(4))), "text": TEXTS[:4]})
    signals = evaluate_signals(corpus, signal_words(german), params("~unwanted"), german.valences)
    assert "positive" not in signals.columns and signals["kept"].tolist() == [True, False, True, True]
    check_sentiment("~unwanted", german, tmp_path / "lexicon.yaml")
    with pytest.raises(UserError, match=r"filter\.rule: 'positive' needs a sentiment.*lexicon\.yaml"):
        check_sentiment("brand & positive", german, tmp_path / "lexicon.yaml")


def test_vader_serves_english_only(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"lexicon\.yaml: sentiment: .* VADER serves English only; .*`sentiment: none`"):
        lexicon(tmp_path, "vader")


def test_a_language_is_a_code(tmp_path: Path) -> None:
    (tmp_path / "lexicon.yaml").write_text(LEXICON.format(sentiment="none").replace(": de", ": German"))
    with pytest.raises(UserError, match=r"lexicon\.yaml: language: 'German' is no ISO 639 code; write one such as"):
        load_lexicon(tmp_path / "lexicon.yaml")


@pytest.mark.parametrize(
    ("scores", "told"),
    [
        (None, "not readable"),
        ("", "no words in it"),
        ("gut 1.9\n", "line 1: 'gut 1.9' is not a word, a tab and a number"),
        ("gut\t1.9\nschlecht\tsehr\n", r"line 2: 'schlecht\\tsehr' is not"),
        ("gut\tnan\n", "line 1: "),
        ("gut\t1\nschlecht\t-1\nGut\t2\n", "line 3: 'gut' has another score above"),
    ],
)
def test_a_broken_sentiment_lexicon_names_its_line(tmp_path: Path, scores: str | None, told: str) -> None:
    german = lexicon(tmp_path, "woerter.tsv")
    (tmp_path / "woerter.tsv").unlink()
    if scores is not None:
        (tmp_path / "woerter.tsv").write_text(scores, encoding="utf-8")
    with pytest.raises(UserError, match=rf"woerter\.tsv: .*{told}"):
        _ = german.valences
