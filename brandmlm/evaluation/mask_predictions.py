"""What a model predicts at the mask of probes and behaviour cases: likeliest tokens, mass of wanted and unwanted words,
log-likelihood of phrases."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.probes import Probe
from brandmlm.evaluation.behaviour_cases import Case
from brandmlm.evaluation.evaluation_tables import BLOCKED_MASS, CASE_NUMBERS, PLAIN, Halves
from brandmlm.evaluation.pseudo_likelihood import word_l2r_examples
from brandmlm.evaluation.scoring import log_likelihoods
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.vocabulary import Vocabulary, token_verdicts

CASE_DEPTH: Final = 100  # likeliest tokens kept per case

CASES_AT_ONCE: Final = 512  # texts whose distributions are in memory

LEAST_LOG: Final = -100.0  # nats; the log of a probability that float32 rounds to 0 is not finite


@dataclass(frozen=True)
class VocabularyVerdicts:
    """The verdict on each token of a vocabulary: str (vocabulary,)."""

    inside: npt.NDArray[np.str_]
    first: npt.NDArray[np.str_]  # where the token is the first word of its sentence

    @classmethod
    def of(cls, vocabulary: Vocabulary, verdict_of: Callable[[str], str]) -> VocabularyVerdicts:
        """Judge all tokens."""
        inside = token_verdicts(vocabulary, verdict_of)
        same = vocabulary.marks_first_word
        return cls(inside, inside if same else token_verdicts(vocabulary, verdict_of, first=True))


def verdict_masses(
    probabilities: torch.Tensor,
    verdicts: VocabularyVerdicts,
    first: Sequence[bool],
    summed: Sequence[str] = ("wanted", "unwanted"),
) -> dict[str, list[float]]:
    """Probability mass of the vocabulary's words of each verdict, by metric ("wanted_mass"): one value per sentence.

    Args:
        probabilities: float32 (sentences, vocabulary).
        first: per sentence, whether the mask is its first word.
        summed: the verdicts.
    """
    masses = {}
    for verdict in summed:
        inside, opening = (
            probabilities[:, np.flatnonzero(every == verdict)].sum(-1, dtype=torch.float64)
            for every in (verdicts.inside, verdicts.first)
        )
        masses[f"{verdict}_mass"] = torch.where(torch.tensor(first, dtype=torch.bool), opening, inside).tolist()
    return masses


def held_out_preferences(
    probabilities: torch.Tensor, vocabulary: Vocabulary, lists: VocabularyVerdicts, first: Sequence[bool]
) -> npt.NDArray[np.float64]:
    """Share of the pairs of a held-out wanted and a held-out unwanted word in which the wanted one is likelier.

    A word has the probability of all of its spellings.

    Args:
        probabilities: float32 (sentences, vocabulary).
        vocabulary: of the model.
        lists: the tokens' lists (`WordVerdicts.listed`).
        first: per sentence, whether the mask is its first word.

    Returns:
        One value per sentence; nan where there is no pair.
    """

    def of_words(verdict: str, opening: bool) -> npt.NDArray[np.float32]:
        every = lists.first if opening else lists.inside
        spellings: dict[str, list[int]] = {}
        for token_id in np.flatnonzero(every == f"{verdict}_held_out").tolist():
            spellings.setdefault(vocabulary.form(token_id, opening).lower(), []).append(token_id)
        columns = [probabilities[:, ids].sum(1).numpy() for ids in spellings.values()]
        return np.stack(columns, 1) if columns else np.empty((len(probabilities), 0), dtype=np.float32)

    shares = []
    for opening in (False, True):
        wanted, unwanted = (of_words(verdict, opening) for verdict in ("wanted", "unwanted"))
        pairs = wanted.shape[1] * unwanted.shape[1]
        won = (wanted[:, :, None] > unwanted[:, None, :]).sum((1, 2))
        shares.append(won / pairs if pairs else np.full(len(probabilities), np.nan))
    return np.where(first, shares[1], shares[0])


def likeliest_tokens(
    vocabulary: Vocabulary, names: Sequence[str], probabilities: torch.Tensor, first: Sequence[bool], depth: int
) -> pd.DataFrame:
    """The `depth` likeliest tokens of each sentence: columns name, rank (from 1), token, probability.

    Args:
        names: of the sentences.
        probabilities: float32 (sentences, vocabulary).
        first: per sentence, whether the mask is its first word.
    """
    top = probabilities.topk(min(depth, probabilities.shape[1]), dim=-1)
    ranks = top.indices.shape[1]
    return pd.DataFrame(
        {
            "name": np.repeat(np.array(names, dtype=object), ranks),
            "rank": np.tile(np.arange(1, ranks + 1), len(names)),
            "token": [
                vocabulary.form(token_id, opening)
                for ids, opening in zip(top.indices.tolist(), first, strict=True)
                for token_id in ids
            ],
            "probability": top.values.flatten().numpy(),
        }
    )


def probe_tables(
    model: PreTrainedModel,
    vocabulary: Vocabulary,
    probes: Sequence[Probe],
    verdicts: VocabularyVerdicts,
    depth: int,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The probes with their masses, and the `depth` likeliest tokens of each (columns probe, rank, token, probability).

    Raises:
        MaskCountError: a sentence is longer than the model can read.
    """
    probabilities = mask_probabilities(model, vocabulary.tokenizer, [probe.text for probe in probes])
    first = [vocabulary.opens_with_mask(probe.text) for probe in probes]
    masses = verdict_masses(probabilities, verdicts, first)
    table = pd.DataFrame([probe.model_dump() for probe in probes]).assign(**masses)
    tokens = likeliest_tokens(vocabulary, [probe.id for probe in probes], probabilities, first, depth)
    return table, tokens.rename(columns={"name": "probe"})


class CaseTables(NamedTuple):
    """What a model answers to the cases."""

    cases: pd.DataFrame  # part, capability, text, origin, the `CASE_NUMBERS`, `BLOCKED_MASS`
    words: pd.DataFrame  # the likeliest tokens of each text: text, rank, token, probability
    plain: Halves  # log-probabilities at the mask of the plain sentences: (sentences, vocabulary)


def case_tables(
    model: PreTrainedModel, vocabulary: Vocabulary, cases: Sequence[Case], verdicts: WordVerdicts
) -> CaseTables:
    """What a model answers to the cases; each text is asked once.

    Raises:
        MaskCountError: a sentence is longer than the model can read.
    """
    # Texts of about the same length share forward passes; a vocabulary's distributions for all would fill the memory.
    texts = sorted(dict.fromkeys(case.text for case in cases), key=len)
    judged = VocabularyVerdicts.of(vocabulary, verdicts), VocabularyVerdicts.of(vocabulary, verdicts.listed)
    asked = {case.text for case in cases if case.capability == PLAIN}
    answers = [
        _answer(model, vocabulary, texts[start : start + CASES_AT_ONCE], judged, asked)
        for start in range(0, len(texts), CASES_AT_ONCE)
    ]
    table = pd.DataFrame([asdict(case) for case in cases], columns=[field.name for field in fields(Case)])
    empty = pd.DataFrame(columns=["text", *CASE_NUMBERS, BLOCKED_MASS])
    numbers = pd.concat([each[0] for each in answers] or [empty]).set_index("text").astype("float64")
    words = pd.concat([each[1] for each in answers] or [pd.DataFrame(columns=["text", "rank", "token", "probability"])])
    logs = {text: row for each in answers for text, row in each[2].items()}
    plain = [logs[case.text] for case in cases if case.capability == PLAIN]
    return CaseTables(
        table.join(numbers, on="text"),
        words.reset_index(drop=True),
        np.stack(plain) if plain else np.empty((0, model.config.vocab_size), dtype=np.float16),
    )


def _answer(
    model: PreTrainedModel,
    vocabulary: Vocabulary,
    texts: Sequence[str],
    judged: tuple[VocabularyVerdicts, VocabularyVerdicts],
    asked: Container[str],
) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Halves]]:
    """The numbers and the likeliest tokens of some texts, and the log-probabilities of those that are `asked` for.

    `judged`: the tokens' verdicts and their lists.
    """
    probabilities = mask_probabilities(model, vocabulary.tokenizer, texts)
    first = [vocabulary.opens_with_mask(text) for text in texts]
    verdicts, lists = judged
    numbers = {
        **verdict_masses(probabilities, verdicts, first),
        **verdict_masses(probabilities, lists, first, ("wanted_held_out", "unwanted_held_out", "unwanted_used")),
        "held_out_preference": held_out_preferences(probabilities, vocabulary, lists, first),
    }
    table = pd.DataFrame({"text": texts} | {name: numbers[name] for name in (*CASE_NUMBERS, BLOCKED_MASS)})
    words = likeliest_tokens(vocabulary, texts, probabilities, first, CASE_DEPTH).rename(columns={"name": "text"})
    logs = {
        text: probabilities[place].log().clamp(min=LEAST_LOG).half().numpy()
        for place, text in enumerate(texts) if text in asked
    }  # fmt: skip
    return table, words, logs


def phrase_table(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    cases: Sequence[Case],
    phrases: Mapping[str, Sequence[str]],
    max_length: int,
    micro_batch_tokens: int,
) -> pd.DataFrame:
    """Pseudo-log-likelihood (nats) of each phrase in place of the mask of each case of the capability `phrase`.

    Args:
        phrases: by verdict; those of a single token are skipped, since the mask's own distribution covers them.
        max_length: tokens per chunk.
        micro_batch_tokens: most tokens in one forward pass, padding counted.

    Returns:
        Columns part, text, phrase, verdict, tokens (of the phrase), log_likelihood.
    """
    filling = [
        (phrase, verdict)
        for verdict, listed in phrases.items()
        for phrase in dict.fromkeys(listed) if len(tokenizer.tokenize(f" {phrase}")) > 1
    ]  # fmt: skip
    rows = [(case.part, case.text, *each) for case in cases if case.capability == "phrase" for each in filling]
    table = pd.DataFrame(rows, columns=["part", "text", "phrase", "verdict"])
    filled = [text.replace(MASK, phrase) for _, text, phrase, _ in rows]
    starts = [text.index(MASK) for _, text, _, _ in rows]
    spans = [(start, start + len(row[2])) for start, row in zip(starts, rows, strict=True)]
    examples = word_l2r_examples(tokenizer, filled, max_length, spans)
    found = log_likelihoods(model, int(tokenizer.pad_token_id), examples, micro_batch_tokens)
    tokens = np.bincount(examples.row, minlength=len(rows))
    return table.assign(tokens=tokens, log_likelihood=np.bincount(examples.row, found, minlength=len(rows)))
