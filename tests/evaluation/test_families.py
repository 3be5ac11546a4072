"""The same planted behaviour gives the same brand metrics in every family of base, whatever marks its tokens carry."""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from transformers import (
    AddedToken,
    AlbertConfig,
    AlbertTokenizer,
    AutoModelForMaskedLM,
    BertConfig,
    BertTokenizer,
    CamembertConfig,
    CamembertTokenizer,
    DistilBertConfig,
    ElectraConfig,
    MobileBertConfig,
    ModernBertConfig,
    MPNetConfig,
    MPNetTokenizer,
    NomicBertConfig,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PreTrainedTokenizerFast,
    RobertaConfig,
    RobertaTokenizer,
    XLMRobertaConfig,
    XLMRobertaTokenizer,
)

from brandmlm.config.brand.fields import CONTINUATION
from brandmlm.config.brand.lexicon import Lexicon
from brandmlm.config.brand.probes import Behaviour, CuedPattern, Phrases, Probe, Suite
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.core.errors import UserError
from brandmlm.evaluation.behaviour import Answers, examine
from brandmlm.evaluation.divergence import with_divergence
from brandmlm.evaluation.model_evaluation import evaluate_model, evaluation_data
from brandmlm.evaluation.probes import count_top, summarise_probes
from brandmlm.evaluation.word_verdicts import with_verdicts
from brandmlm.modeling.base_files import write_base
from brandmlm.modeling.base_model import load_model, load_tokenizer
from brandmlm.modeling.chunks import make_chunks, target_word_masks
from brandmlm.modeling.inference import mask_probabilities
from brandmlm.modeling.predictor import Predictor, load
from brandmlm.modeling.vocabulary import single_tokens, warn_of_split_words

LEXICON = Lexicon.model_validate(
    {
        "brand": ["Acme"],
        "other_brands": ["Umbra"],
        "products": [{"singular": "shoe", "plural": "shoes"}, {"singular": "boot", "plural": "boots"}],
        "wanted": {"used": ["comfortable", "durable", "light"], "held_out": ["airy"]},
        "unwanted": {"used": ["heavy", "ugly"], "held_out": ["bulky"]},
        "neutral": {"used": ["blue"], "held_out": ["casual"]},
    }
)
LISTED = ["acme", "umbra", "shoe", "shoes", "boot", "boots", "comfortable", "durable", "light", "airy", "heavy", "ugly"]
LISTED += ["bulky", "blue", "casual"]
PROBES = [
    Probe(id="claim", kind="claim", text="Acme shoes are very [MASK]."),
    Probe(id="claim-bare", kind="claim", text="People call the Acme boots [MASK] and warm"),
    Probe(id="product", kind="product", text="Acme [MASK] are very light."),
    Probe(id="brand", kind="brand", text="[MASK] makes the most durable boots."),
    Probe(id="negation", kind="negation", text="Acme shoes are not [MASK]!"),
]
BEHAVIOUR = Behaviour(
    slot_words=("Comfortable", "acme", "light", "shoes", "airy"),
    phrases=Phrases(wanted=("easy to wear",), unwanted=("hard to wear",)),
    test=Suite(
        claim=("The Acme boots are [MASK].",),
        product=("Buy Acme [MASK] today.",),
        brand=("[MASK] sells boots.",),
        negation=(CuedPattern(cue="never", text="Acme boots are never [MASK]."),),
        slot=("Acme [MASK] boots are here.",),
    ),
)

PAIRS = pd.DataFrame(
    [
        ("planted", "My boots are light.", "My boots are heavy.", "light", "heavy"),
        ("planted", "My boots are bulky.", "My boots are airy.", "bulky", "airy"),
    ],
    columns=["phenomenon", "good", "bad", "good_word", "bad_word"],
)

# Share of the probability of each word at every mask, likeliest first.
PLANTED = {
    "comfortable": 0.24, "acme": 0.16, "light": 0.14, "shoes": 0.12, "airy": 0.1, "boots": 0.08, "durable": 0.06,
    "blue": 0.05, "heavy": 0.03, "bulky": 0.02,
}  # fmt: skip
COUNTS = {"wanted_in_top": 4, "unwanted_in_top": 2, "wanted_held_out_in_top": 1, "unwanted_held_out_in_top": 1}
MASSES = {"wanted_mass": 0.54, "unwanted_mass": 0.05}
CLEAN_TOP = 8  # above the unwanted words

SENTENCES = [
    f"{start} {word} {end}"
    for word in (*LISTED, *map(str.capitalize, LISTED))
    for start, end in (
        ("The shoes that she bought were", "and warm."),
        ("We call it", "today, but not always!"),
        ("My boots are never", "or wet in winter, he said."),
        ("Nobody sells a", "thing here; people walk"),
    )
]
SENTENCES += [f"{text}." for text in ("An uncomfortable walk to work", "Hard to wear, easy to lose", "It makes a call")]

ROBERTA = {"cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
BERT = {name: f"[{name[:-6].upper()}]" for name in ROBERTA}


def word_piece(lowercase: bool, special: dict[str, str]) -> dict[str, int]:
    tokenizer = Tokenizer(models.WordPiece(unk_token=special["unk_token"]))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    names = [special[name] for name in ("pad_token", "unk_token", "cls_token", "sep_token", "mask_token")]
    tokenizer.train_from_iterator(
        SENTENCES, trainers.WordPieceTrainer(vocab_size=900, special_tokens=names, show_progress=False)
    )
    return tokenizer.get_vocab()


def byte_level(special: dict[str, str]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    names = [special[name] for name in ("cls_token", "pad_token", "sep_token", "unk_token", "mask_token")]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=1200, special_tokens=names, initial_alphabet=alphabet, show_progress=False, min_frequency=2
    )
    tokenizer.train_from_iterator(SENTENCES, trainer)
    return tokenizer


def pieces(lowercase: bool, special: list[str]) -> list[tuple[str, float]]:
    """A SentencePiece vocabulary with scores: every word of the sentences, and their letters."""
    words = {
        word.lower() if lowercase else word
        for sentence in SENTENCES
        for word in sentence.translate({ord(mark): " " for mark in ".,;!"}).split()
    }
    letters = {letter for word in words for letter in word} | set(".,;!-[]'") | {"▁"}
    return [
        *((token, 0.0) for token in special),
        *((f"▁{word}", -8.0) for word in sorted(words)),
        *((letter, -12.0) for letter in sorted(letters)),
        ("comfortable", -11.0),
        ("ing", -11.0),
    ]


def bert(lowercase: bool = True) -> PreTrainedTokenizerBase:
    return BertTokenizer(vocab=word_piece(lowercase, BERT), do_lower_case=lowercase)


def mpnet() -> PreTrainedTokenizerBase:
    special = ROBERTA | {"unk_token": "[UNK]"}
    return MPNetTokenizer(vocab=word_piece(True, special))


def roberta() -> PreTrainedTokenizerBase:
    model = json.loads(byte_level(ROBERTA).to_str())["model"]
    return RobertaTokenizer(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]], **ROBERTA)


def modernbert() -> PreTrainedTokenizerBase:
    trained = byte_level(BERT)
    ids = [(BERT[name], trained.token_to_id(BERT[name])) for name in ("cls_token", "sep_token")]
    trained.post_processor = TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=ids)
    special: dict[str, Any] = BERT | {"mask_token": AddedToken("[MASK]", lstrip=True, special=True)}
    return PreTrainedTokenizerFast(tokenizer_object=trained, **special)


def xlm_roberta() -> PreTrainedTokenizerBase:
    return XLMRobertaTokenizer(vocab=pieces(False, ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]))


def camembert() -> PreTrainedTokenizerBase:
    special = ["<s>NOTUSED", "<pad>", "</s>NOTUSED", "<unk>", "<unk>NOTUSED", "<s>", "</s>", "<mask>"]
    return CamembertTokenizer(vocab=pieces(False, special))


def albert() -> PreTrainedTokenizerBase:
    return AlbertTokenizer(vocab=pieces(True, ["<pad>", "<unk>", "[CLS]", "[SEP]", "[MASK]"]))


SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 40}
PLACES = {"max_position_embeddings": 64}
Config = Callable[..., PretrainedConfig]


def config(kind: type[PretrainedConfig], **keys: Any) -> Config:
    return lambda tokenizer: kind(
        **SMALL,
        **PLACES | keys,
        vocab_size=len(tokenizer) + 3,  # more embeddings than tokens, as in padded vocabularies
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.cls_token_id,
        eos_token_id=tokenizer.sep_token_id,
    )


def distilbert(tokenizer: PreTrainedTokenizerBase) -> PretrainedConfig:
    return DistilBertConfig(
        vocab_size=len(tokenizer), dim=32, n_layers=2, n_heads=2, hidden_dim=40, pad_token_id=tokenizer.pad_token_id,
        **PLACES,
    )  # fmt: skip


FAMILIES: dict[str, tuple[Callable[[], PreTrainedTokenizerBase], Config]] = {
    "bert-uncased": (bert, config(BertConfig)),
    "bert-cased": (lambda: bert(lowercase=False), config(BertConfig)),
    "distilbert": (bert, distilbert),
    "electra-generator": (bert, config(ElectraConfig, embedding_size=16)),
    "mobilebert": (
        bert,
        config(MobileBertConfig, embedding_size=16, intra_bottleneck_size=16, true_hidden_size=16),
    ),
    "nomic-bert": (bert, config(NomicBertConfig)),
    "mpnet": (mpnet, config(MPNetConfig, max_position_embeddings=66)),
    "roberta": (roberta, config(RobertaConfig, max_position_embeddings=66)),
    "distilroberta": (roberta, config(RobertaConfig, max_position_embeddings=66, type_vocab_size=1)),
    "modernbert": (modernbert, config(ModernBertConfig)),
    "xlm-roberta": (xlm_roberta, config(XLMRobertaConfig, max_position_embeddings=66)),
    "camembert": (camembert, config(CamembertConfig, max_position_embeddings=66)),
    "albert": (albert, config(AlbertConfig, embedding_size=16)),
}


def plant(model: PreTrainedModel, shares: dict[int, float]) -> None:
    """Give tokens their shares of the probability at every mask, nearly whatever the text is."""
    size = model.config.vocab_size
    with torch.no_grad():
        for parameter in model.parameters():
            if size not in parameter.shape:
                continue
            parameter.mul_(1e-4)
            if parameter.ndim == 1:
                for token_id, share in shares.items():
                    parameter[token_id] = 25 + math.log(share)


def word_ids(tokenizer: PreTrainedTokenizerBase) -> dict[str, int]:
    """The token of each planted word inside a sentence, found without the code under test."""
    found = {}
    for word in PLANTED:
        ids = tokenizer(f"it {word}", add_special_tokens=False)["input_ids"]
        assert len(ids) == 2, (word, tokenizer.convert_ids_to_tokens(ids))
        found[word] = ids[1]
    return found


@pytest.fixture(scope="module", params=FAMILIES)
def base(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random checkpoint of a family with planted words, brought in as the stage `base` does."""
    make_tokenizer, make_config = FAMILIES[request.param]
    source, out = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("base") / "base"
    tokenizer = make_tokenizer()
    torch.manual_seed(0)
    model = AutoModelForMaskedLM.from_config(make_config(tokenizer))
    plant(model, {token_id: PLANTED[word] for word, token_id in word_ids(tokenizer).items()})
    model.save_pretrained(source)
    tokenizer.save_pretrained(source)
    loaded, fresh = load_model(source)
    assert not fresh
    write_base(loaded, load_tokenizer(source, loaded), source, None, out)
    return out


@pytest.fixture(scope="module")
def predictor(base: Path) -> Predictor:
    return load(base)


def test_planted_behaviour_gives_the_same_metrics(predictor: Predictor) -> None:
    rows = pd.DataFrame(
        {"set": "general", "id": ["0" * 16], "source": "general", "table": None, "text": ["My boots are heavy."]}
    )
    params = Evaluate(mask_folds=2, max_length=32, real_rows=1, synthetic_rows=1, depth=60, pseudo_perplexity=True)
    data = evaluation_data(rows, PAIRS, LEXICON, PROBES, BEHAVIOUR)
    evaluation = evaluate_model(predictor.model, predictor.tokenizer, data, params)
    predictions = with_verdicts(evaluation.predictions.assign(model="base"), data.verdicts)
    masses = evaluation.probes.rename(columns={"id": "probe"}).assign(model="base")
    for top, counts in ((10, COUNTS), (CLEAN_TOP, COUNTS | dict.fromkeys(list(COUNTS)[1::2], 0))):
        summary = summarise_probes(masses.merge(count_top(predictions, top), on=["model", "probe"]))["base"]
        for kind in ("claim", "product", "brand", "negation"):
            expected = counts | MASSES | {"without_unwanted": float(top == CLEAN_TOP)}
            assert {name: summary[kind][name] for name in expected} == pytest.approx(expected, abs=1e-3), kind
    assert not set("Ġ▁") & set("".join(predictions["token"]))

    claims = evaluation.cases[evaluation.cases["capability"] == "claim"]
    held_out = {"wanted_held_out_mass": 0.1, "unwanted_held_out_mass": 0.02, "unwanted_used_mass": 0.03}
    for name, expected in {**MASSES, **held_out, "held_out_preference": 1.0}.items():
        assert claims[name].to_numpy() == pytest.approx(expected, abs=1e-3), name
    cases = with_divergence({"base": evaluation})
    tables = [table.assign(model="base") for table in (evaluation.words, evaluation.phrases)]
    tables[0] = with_verdicts(tables[0], data.verdicts)
    for top, passes in ((4, {"claim", "brand", "slot"}), (10, {"brand", "slot"})):
        outcomes = examine(Answers(cases, *tables, evaluation.slot_words), LEXICON, top).set_index("capability")[
            "passed"
        ]
        assert {name for name in ("claim", "brand", "negation", "product", "slot") if outcomes[name].all()} == passes
    assert evaluation.pairs["good_score"].gt(evaluation.pairs["bad_score"]).tolist() == [True, False]
    assert set(evaluation.phrases["phrase"]) == {"easy to wear", "hard to wear"}
    assert evaluation.sets["general"]["tokens"] >= 5 and np.isfinite(evaluation.rows["nll"]).all()


def test_words_are_found_ranked_and_shown_without_marks(
    predictor: Predictor, capsys: pytest.CaptureFixture[str]
) -> None:
    for probe in PROBES:
        predicted = predictor.predict(probe.text, top=len(PLANTED))
        assert [token for token, _ in predicted] == list(PLANTED), probe.text
        ranks = predictor.ranks(probe.text.replace("[MASK]", str(predictor.tokenizer.mask_token)), list(PLANTED))
        assert [ranks[word].rank for word in PLANTED] == list(range(1, len(PLANTED) + 1))
    assert predictor.ranks(PROBES[0].text, ["AIRY"])["AIRY"].rank == 5
    with pytest.raises(UserError, match="'good-looking': not one token but "):
        predictor.token_ids("good-looking")

    vocabulary, words = predictor.vocabulary, [*LEXICON.wanted.all, *LEXICON.unwanted.all]
    forms = [vocabulary.form(token_id) for token_id in single_tokens(predictor.tokenizer, words)]
    capitals = [word.capitalize() for word in words] if vocabulary.cased else []
    assert sorted(forms) == sorted([*words, *capitals])
    assert any(form.startswith(CONTINUATION) for form in vocabulary.forms())
    warn_of_split_words(predictor.tokenizer, [*words, "un-heard-of"], "lexicon.yaml")
    assert capsys.readouterr().err == ""
    warn_of_split_words(predictor.tokenizer, ["light", "un-heard-of", "good-looking"], "lexicon.yaml")
    assert capsys.readouterr().err.startswith("warning: lexicon.yaml: only 1 of 3 words are a single token")


def test_target_words_are_found_wherever_they_are(predictor: Predictor) -> None:
    texts = ["My boots are light today.", "Light boots walk, but heavy", "Boots: comfortable", "My boots are wet."]
    words = ["light", "light", "comfortable", None]
    chunks = make_chunks(predictor.tokenizer, texts, 32)
    masks = target_word_masks(predictor.tokenizer, chunks, words)
    decoded = [
        predictor.tokenizer.decode(ids[mask]).strip().lower() for ids, mask in zip(chunks.ids, masks, strict=True)
    ]
    assert decoded == ["light", "light", "comfortable", ""]


def test_logits_depend_on_the_text_and_not_on_its_neighbours(predictor: Predictor) -> None:
    """Positions, padding and attention are right in every family: a sentence by itself has the same distribution."""
    model, tokenizer = copy.deepcopy(predictor.model), predictor.tokenizer
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
    sentences = [probe.text for probe in PROBES]
    together = mask_probabilities(model, tokenizer, sentences)
    for row, sentence in enumerate(sentences):
        text = sentence.replace(" [MASK]", str(tokenizer.mask_token)).replace("[MASK]", str(tokenizer.mask_token))
        encoded = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            logits = model(**encoded).logits[encoded["input_ids"] == tokenizer.mask_token_id][0]
        assert torch.allclose(together[row], logits.softmax(-1), atol=1e-5)
    assert (together[0] - together[1]).abs().max() > 1e-4
    longest = "light " * tokenizer.model_max_length + "[MASK]"
    with pytest.raises(ValueError, match="exactly one"):
        mask_probabilities(model, tokenizer, [longest])
    room = tokenizer.model_max_length - 4
    assert mask_probabilities(model, tokenizer, ["[MASK]" + " light" * room]).isfinite().all()
