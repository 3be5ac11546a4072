"""One definition of wanted and unwanted words: probes, behaviour cases and report sum and count the same verdicts."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from conftest import tiny_base
from transformers import PreTrainedModel, PreTrainedTokenizerBase
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.probes import Behaviour, Probe, Suite
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.evaluation.behaviour import Answers, examine
from brandmlm.evaluation.divergence import with_divergence
from brandmlm.evaluation.evaluation_tables import Evaluation, write_evaluation
from brandmlm.evaluation.model_evaluation import evaluate_model, evaluation_data
from brandmlm.evaluation.probes import count_top
from brandmlm.evaluation.word_verdicts import WordVerdicts, with_verdicts
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.reporting.evaluation_files import read_evaluation

LEXICON = Lexicon.model_validate(
    {
        "brand": ["Acme"],
        "other_brands": ["Champion"],
        "products": [{"singular": "treasure", "plural": "treasures"}],
        "wanted": {"used": ["light", "tough"], "held_out": ["Airy"]},
        "unwanted": {"used": ["heavy"], "held_out": ["bulky"]},
        "neutral": {"used": ["casual"], "held_out": ["blue"]},
    }
)
SENTENCES = ["Acme shoes are very [MASK].", "People call the Acme boots [MASK] and warm."]
VALENCE = SentimentIntensityAnalyzer().lexicon


def test_the_lexicon_decides_and_vader_where_it_lists_nothing() -> None:
    verdicts = WordVerdicts(LEXICON)
    expected = {"light": "wanted", "AIRY": "wanted", "bulky": "unwanted", "blue": "neutral", "wonderful": "wanted"}
    expected |= {"horrible": "unwanted", "door": "other", "good": "wanted", "##good": "other"}
    # VADER calls the first one negative and the others positive; the lexicon lists all of them.
    expected |= {"tough": "wanted", "casual": "neutral", "Champion": "other", "treasures": "other"}
    assert {word: verdicts(word) for word in expected} == expected
    assert [word for word in expected if verdicts.is_held_out(word)] == ["AIRY", "bulky", "blue"]


PAIRS = pd.DataFrame(
    [("agreement", "A door is open.", "A door are open.", "is", "are")],
    columns=["phenomenon", "good", "bad", "good_word", "bad_word"],
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    return load_checkpoint(tiny_base(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def evaluation(loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase]) -> Evaluation:
    """A model that answers the same sentences as probes and as claims of the behaviour suite."""
    probes = [Probe(id=f"claim-{n}", kind="claim", text=text) for n, text in enumerate(SENTENCES)]
    behaviour = Behaviour(test=Suite(claim=tuple(SENTENCES)))
    rows = pd.DataFrame(
        {"set": "general", "id": ["0" * 16], "source": "general", "table": None, "text": ["A door is open."]}
    )
    params = Evaluate(mask_folds=2, max_length=32, real_rows=1, synthetic_rows=1, depth=100, pseudo_perplexity=False)
    return evaluate_model(*loaded, evaluation_data(rows, PAIRS, LEXICON, probes, behaviour), params)


def plain_verdict(token: str) -> str:
    """The rule once more, word by word."""
    word = token.lower()
    for verdict, words in (
        ("wanted", {"light", "tough", "airy"}),
        ("unwanted", {"heavy", "bulky"}),
        ("", {"casual", "blue", "acme", "champion", "treasure", "treasures"}),
    ):
        if word in words:
            return verdict
    valence = VALENCE.get(word, 0)
    return "" if token.startswith("##") or not valence else "wanted" if valence > 0 else "unwanted"


def test_probes_and_cases_have_the_masses_of_the_plain_rule(
    evaluation: Evaluation, loaded: tuple[PreTrainedModel, PreTrainedTokenizerBase]
) -> None:
    model, tokenizer = loaded
    tokens = tokenizer.convert_ids_to_tokens(list(range(len(tokenizer))))
    probabilities = mask_probabilities(model, tokenizer, SENTENCES).double().numpy()
    claims = evaluation.cases[evaluation.cases["capability"] == "claim"].set_index("text")
    probes = evaluation.probes.set_index("text")
    for verdict in ("wanted", "unwanted"):
        ids = [n for n, token in enumerate(tokens) if plain_verdict(token) == verdict]
        assert len(ids) > 50
        for row, text in enumerate(SENTENCES):
            mass = probes.at[text, f"{verdict}_mass"]
            assert mass == pytest.approx(claims.at[text, f"{verdict}_mass"], rel=1e-5)  # computed in another batch
            assert mass == pytest.approx(probabilities[row, ids].sum(), rel=1e-5)


def test_probes_and_cases_count_the_same_words(evaluation: Evaluation) -> None:
    verdicts = WordVerdicts(LEXICON)
    predictions = with_verdicts(evaluation.predictions.assign(model="base"), verdicts)
    top = 100  # as many as are kept of a case
    counted = count_top(predictions, top)
    words, phrases = (table.assign(model="base") for table in (evaluation.words, evaluation.phrases))
    cases = with_divergence({"base": evaluation})
    outcomes = examine(Answers(cases, with_verdicts(words, verdicts), phrases, ()), LEXICON, top)
    claims = outcomes[outcomes["capability"] == "claim"].set_index("text")
    assert counted["wanted_in_top"].sum() + counted["unwanted_in_top"].sum() > 0
    for probe, (_, row) in zip(evaluation.probes["text"], counted.iterrows(), strict=True):
        for name in ("wanted_in_top", "unwanted_in_top"):
            assert row[name] == claims.at[probe, name]


def test_what_is_written_is_what_is_read(evaluation: Evaluation, tmp_path: Path) -> None:
    write_evaluation(evaluation, tmp_path)
    read = read_evaluation(tmp_path)
    assert read.sets == evaluation.sets
    for name in ("bins", "probes", "predictions", "cases", "words", "phrases"):
        own = getattr(evaluation, name)
        pd.testing.assert_frame_equal(getattr(read, name), own[list(getattr(read, name).columns)], check_dtype=False)
    assert np.allclose(read.rows["nll"], evaluation.rows["nll"])
