"""Evaluate one model on everything: test sets, probes, the behaviour suite, its phrases, minimal pairs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.probes import Behaviour, Probe
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.evaluation.behaviour_cases import Case, make_cases
from brandmlm.evaluation.evaluation_tables import Evaluation
from brandmlm.evaluation.mask_predictions import VocabularyVerdicts, case_tables, phrase_table, probe_tables
from brandmlm.evaluation.minimal_pairs import score_pairs
from brandmlm.evaluation.set_scores import score_rows, summarise_sets
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.vocabulary import Vocabulary


@dataclass(frozen=True)
class EvaluationData:
    """What every model is evaluated on."""

    rows: pd.DataFrame  # set, id, source, table, text: `test_sets.select_test_rows`
    pairs: pd.DataFrame  # `minimal_pairs.read_pairs`
    probes: Sequence[Probe]
    cases: Sequence[Case]
    phrases: Mapping[str, Sequence[str]]  # by verdict
    verdicts: WordVerdicts
    slot_words: Sequence[str]


def evaluation_data(
    rows: pd.DataFrame, pairs: pd.DataFrame, lexicon: Lexicon, probes: Sequence[Probe], behaviour: Behaviour
) -> EvaluationData:
    """Make the evaluation data of a brand: the rows and minimal pairs given, its probes, its behaviour cases, and the
    words and phrases that it lists."""
    phrases = {
        "wanted": (*lexicon.wanted.all, *behaviour.phrases.wanted),
        "unwanted": (*lexicon.unwanted.all, *behaviour.phrases.unwanted),
    }
    return EvaluationData(
        rows, pairs, probes, make_cases(behaviour, lexicon), phrases, WordVerdicts(lexicon), behaviour.slot_words
    )


def evaluate_model(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    data: EvaluationData,
    params: Evaluate,
    micro_batch_tokens: int = 2048,
) -> Evaluation:
    """Evaluate a masked language model, which must be in evaluation mode.

    Everything is computed in float32 and summed in float64, whatever precision the hardware trains in: the same weights
    get the same numbers, to about six digits, on any machine.

    Args:
        micro_batch_tokens: most tokens in one forward pass, padding counted.

    Raises:
        MaskCountError: a probe or case is longer than the model can read.
    """
    vocabulary = Vocabulary(tokenizer)
    verdicts = VocabularyVerdicts.of(vocabulary, data.verdicts)
    probes, predictions = probe_tables(model, vocabulary, data.probes, verdicts, params.depth)
    cases, words, plain = case_tables(model, vocabulary, data.cases, data.verdicts)
    rows, bins = score_rows(model, tokenizer, data.rows, params, micro_batch_tokens)
    phrases = phrase_table(model, tokenizer, data.cases, data.phrases, params.max_length, micro_batch_tokens)
    pairs = score_pairs(model, tokenizer, data.pairs, params.max_length, micro_batch_tokens)
    return Evaluation(
        sets=summarise_sets(rows, bins),
        rows=rows,
        bins=bins,
        probes=probes,
        predictions=predictions,
        cases=cases,
        words=words,
        phrases=phrases,
        pairs=pairs,
        slot_words=data.slot_words,
        plain=plain,
    )
