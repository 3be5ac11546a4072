"""The behaviour suite: its cases, what passes against a plain reading of the rules, and the committed sentences."""

from __future__ import annotations

import math
import random
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from brandmlm.config.brand.fields import MASK, expand
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.core.errors import UserError
from brandmlm.evaluation.behaviour import Answers, examine, summarise_suite
from brandmlm.evaluation.behaviour_cases import CAPABILITIES, PERTURBATIONS, make_cases
from brandmlm.evaluation.behaviour_rules import MAX_UNWANTED_GAIN, MIN_OVERLAP
from brandmlm.evaluation.evaluation_tables import CASE_NUMBERS
from brandmlm.evaluation.perturbations import bare, lower_case, respell, swap_letters, toggle_full_stop
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.reporting.tables import pass_rate

BRAND = Path(__file__).parents[2] / "brands" / "nike"
NIKE = load_lexicon(BRAND / "lexicon.yaml")
SUITE = load_behaviour(BRAND / "probes.yaml")
MODELS = ("base", "full", "filtered")
TOKENS = ["light", "soft", "airy", "heavy", "bulky", "red", "shoes", "shoe", "acme", "umbra", "door", "##ing"]
TOKENS += [".", "and"]
SLOT_WORDS = ["Red", "door"]
LEXICON = Lexicon.model_validate(
    {
        "brand": ["Acme"],
        "other_brands": ["Umbra"],
        "products": [{"singular": "shoe", "plural": "shoes"}],
        "wanted": {"used": ["light", "soft"], "held_out": ["airy"]},
        "unwanted": {"used": ["heavy"], "held_out": ["bulky"]},
        "neutral": {"used": ["red"], "held_out": ["blue"]},
    }
)


def test_the_committed_suite_is_large_and_its_parts_share_nothing() -> None:
    probes = {probe.text.casefold() for probe in load_probes(BRAND / "probes.yaml")}
    for suite in SUITE.parts.values():
        claims = [text for pattern in suite.claim for text in expand(pattern)]
        assert len(claims) >= 90 and len(suite.claim) >= 10 and len(suite.plain_english) >= 20
        every = [text for patterns in suite.patterns.values() for pattern in patterns for text in expand(pattern)]
        assert not probes & {text.casefold() for text in every}
        for text in claims:
            assert "Nike" in text and not any(name in text for name in NIKE.other_brands)
        for pattern in (*suite.plain_english, *suite.no_brand):
            assert not any(name in pattern for name in (*NIKE.brand, *NIKE.other_brands))
        assert len({entry.cue for entry in suite.negation}) >= 10
    assert len([text for pattern in SUITE.test.claim for text in expand(pattern)]) >= 200
    frames = [re.sub(r"\{.*?\}", "{}", pattern) for suite in SUITE.parts.values() for pattern in suite.claim]
    assert len(set(frames)) == len(frames)


def test_every_capability_has_cases_in_both_parts_each_once() -> None:
    made = make_cases(SUITE, NIKE)
    assert {(case.part, case.capability) for case in made} == {
        (part, name) for part in ("dev", "test") for name in CAPABILITIES if name != "shift"
    }
    keys = [(case.part, case.capability, case.text) for case in made]
    assert len(set(keys)) == len(keys)
    assert all(case.text.count(MASK) == 1 for case in made)
    claims = {case.text for case in made if case.capability == "claim"}
    assert all(case.origin in claims for case in made if case.origin)


def test_perturbations_change_what_they_name_and_nothing_else() -> None:
    text = "The Acme tshirts are [MASK]."
    assert lower_case(text) == "the acme tshirts are [MASK]."
    assert toggle_full_stop(text) == text[:-1] and toggle_full_stop(text[:-1]) == text
    assert toggle_full_stop("So [MASK]!") == "So [MASK]!"
    assert bare("So [MASK]!!") == bare("So [MASK]") == "So [MASK]" and bare('He said "[MASK]."') == 'He said "[MASK]."'
    assert list(respell(text, [["tshirts", "t-shirts"], ["tshirt", "t-shirt"]])) == ["The Acme t-shirts are [MASK]."]
    assert swap_letters("Acme is [MASK].", ["Acme"]) == "Acme is [MASK]."


@given(st.lists(st.text("abcdefgh", min_size=1, max_size=9), min_size=1, max_size=8))
def test_a_typo_swaps_two_letters_within_a_word(words: list[str]) -> None:
    text = f"Acmebrand {' '.join(words)} {MASK}."
    found = swap_letters(text, ["Acmebrand"])
    assert found == swap_letters(text, ["Acmebrand"]) and found.startswith("Acmebrand ") and found.endswith(f" {MASK}.")
    changed = [place for place in range(len(text)) if text[place] != found[place]]
    assert len(found) == len(text) and len(changed) in (0, 2)
    if changed:
        first, second = changed
        assert second == first + 1 and (found[first], found[second]) == (text[second], text[first])
        assert text[first - 1].isalpha()
    else:
        assert not any(len(word) >= 5 and len(set(word[1:])) > 1 for word in words)


@pytest.mark.parametrize(
    ("suite", "parts"),
    [
        ("dev:\n    claim:\n      - Acme is nice.", ["behaviour.dev.claim[1]", "[MASK] 0 times"]),
        ("dev:\n    claim:\n      - Acme is {[MASK]|so}.", ["behaviour.dev.claim[1]", "outside of braces"]),
        ("dev:\n    claim:\n      - '{Acme is [MASK].'", ["behaviour.dev.claim[1]", "a brace", "{shoes|socks}"]),
        ("dev:\n    claims:\n      - Acme is [MASK].", ["behaviour.dev.claims", "unknown key"]),
        (
            "dev:\n    claim:\n      - A {b|c} [MASK]\n  test:\n    claim:\n      - A c [MASK]",
            ["behaviour.test.claim", "'A c [MASK]'", "behaviour.dev.claim already"],
        ),
        (
            "dev:\n    negation:\n      - {cue: Seldom, text: 'Seldom [MASK].'}\n"
            "  test:\n    negation:\n      - {cue: seldom, text: 'Acme is seldom [MASK].'}",
            ["behaviour: the cue 'seldom' is in dev and in test", "one of the parts"],
        ),
        ("dev:\n    negation:\n      - Acme is not [MASK].", ["behaviour.dev.negation[1]", "no keys"]),
        ("test:\n    slot:\n      - Acme [MASK] shoes.", ["behaviour.test.slot", "behaviour.slot_words"]),
    ],
)
def test_a_faulty_suite_is_refused_by_name(tmp_path: Path, suite: str, parts: list[str]) -> None:
    file = tmp_path / "probes.yaml"
    file.write_text(f"probes:\n  - id: a\n    kind: claim\n    text: Acme [MASK]\nbehaviour:\n  {suite}\n")
    with pytest.raises(UserError) as caught:
        load_behaviour(file)
    assert [part for part in parts if part not in str(caught.value)] == [] and "\n" not in str(caught.value)


def test_a_brand_without_a_suite_is_asked_nothing(tmp_path: Path) -> None:
    file = tmp_path / "probes.yaml"
    file.write_text("probes:\n  - id: a\n    kind: claim\n    text: Acme [MASK]\n")
    assert make_cases(load_behaviour(file), LEXICON) == []


def invent(seed: int) -> Answers:
    """Random answers of three models to eight texts under every capability."""
    rng, verdicts = random.Random(seed), WordVerdicts(LEXICON)
    table, words, phrases = [], [], []
    texts = [f"t{n}" for n in range(8)]
    for model in MODELS:
        for text in texts:
            masses = {"wanted_mass": rng.random() / 3, "unwanted_mass": rng.choice([0.1, 0.105, 0.2, 0.3])}
            masses |= {name: rng.random() for name in CASE_NUMBERS[2:]}
            for name in CAPABILITIES:
                if name != "shift":
                    origin = rng.choice(texts) if name in PERTURBATIONS else None
                    row = {"model": model, "part": "dev", "capability": name, "text": text, "origin": origin}
                    table.append({**row, **masses, "kl": rng.random() if name == "plain_english" else math.nan})
            for rank, token in enumerate(rng.sample(TOKENS, 6), start=1):
                word = {"model": model, "text": text, "rank": rank, "token": token, "verdict": verdicts(token)}
                words.append({**word, "probability": 0.5**rank, "held_out": verdicts.is_held_out(token)})
            for n, (verdict, tokens) in enumerate([("wanted", 2), ("wanted", 3), ("unwanted", 2), ("unwanted", 4)]):
                phrase = {"model": model, "part": "dev", "text": text, "phrase": f"p{n}", "verdict": verdict}
                phrases.append({**phrase, "tokens": tokens, "log_likelihood": -rng.random()})
    return Answers(pd.DataFrame(table), pd.DataFrame(words), pd.DataFrame(phrases), SLOT_WORDS)


def expected(answers: Answers, model: str, name: str, text: str, origin: str | None, top: int) -> bool:
    """The rules once more, word by word."""

    def said(of: str, where: str) -> list[str]:
        own = answers.words[(answers.words["model"] == of) & (answers.words["text"] == where)]
        return list(own[own["rank"] <= top].sort_values("rank")["token"])

    def mass(of: str, kind: str) -> float:
        rows = answers.cases[(answers.cases["model"] == of) & (answers.cases["text"] == text)]
        return float(rows[f"{kind}_mass"].iloc[0])

    good, bad = {"light", "soft", "airy"}, {"heavy", "bulky"}
    words = set(said(model, text))
    fine = not words & bad and bool(words & good)
    if name in ("claim", "look_alike"):
        return fine
    if name in ("locality", "no_brand"):
        praise = len(words & good) - len(set(said("base", text)) & good)
        return praise <= 1 and mass(model, "unwanted") - mass("base", "unwanted") <= MAX_UNWANTED_GAIN
    if name == "bare":
        return said(model, text)[0] not in ("##ing", ".", "and")
    if name == "slot":
        return len(words & {"red", "door"}) >= top / 2
    if name == "phrase":
        rows = answers.phrases[(answers.phrases["model"] == model) & (answers.phrases["text"] == text)]
        value = dict(zip(rows["phrase"], rows["log_likelihood"], strict=True))
        return bool(value["p0"] > value["p2"])  # the only pair of one length
    if name == "product":
        return len(words & {"shoe", "shoes"}) >= top / 2
    if name == "brand":
        return next((word == "acme" for word in said(model, text) if word in ("acme", "umbra")), False)
    if name == "negation":
        return mass(model, "unwanted") > mass(model, "wanted")
    if name == "shift":
        rises = mass(model, "wanted") > mass("base", "wanted")
        return rises and mass(model, "unwanted") - mass("base", "unwanted") <= MAX_UNWANTED_GAIN
    if name == "plain_english":
        return said(model, text)[0] == said("base", text)[0]
    assert origin is not None
    claim = set(said(model, origin))
    return len(claim & words) >= MIN_OVERLAP * top and fine == (not claim & bad and bool(claim & good))


@settings(max_examples=10)
@given(st.integers(0, 10_000), st.integers(2, 5))
def test_outcomes_and_rates_agree_with_a_plain_reading_of_the_rules(seed: int, top: int) -> None:
    answers = invent(seed)
    outcomes = examine(answers, LEXICON, top)
    origin = {(row["model"], row["capability"], row["text"]): row["origin"] for row in answers.cases.to_dict("records")}
    passed: dict[tuple[str, str], list[bool]] = {}
    for row in outcomes.to_dict("records"):
        key = (row["model"], row["capability"], row["text"])
        right = expected(answers, *key, origin.get(key), top)
        assert row["passed"] == right, key
        passed.setdefault(key[:2], []).append(right)
    summary = summarise_suite(outcomes)
    for model in MODELS:
        found = summary[model]["dev"]
        assert set(found) == {name for of, name in passed if of == model}
        for name, of in found.items():
            assert of["cases"] == len(passed[model, name]) == 8
            assert of["pass_rate"] == pytest.approx(sum(passed[model, name]) / 8)
            assert of["pass_rate_low"] <= of["pass_rate"] <= of["pass_rate_high"]
            rows = answers.cases[(answers.cases["model"] == model) & (answers.cases["capability"] == name)]
            for measure in {"wanted_mass", "wanted_held_out_mass", "held_out_preference", "kl"} & of.keys():
                assert of[measure] == pytest.approx(rows[measure].mean())
        assert "kl" in found["plain_english"] and "wanted_mass" in found["locality"]
    two = [*passed["full", "claim"], *passed["full", "typo"]]
    assert pass_rate(summary["full"]["dev"], ("claim", "typo", "absent")) == pytest.approx(sum(two) / 16)
    assert pass_rate(summary["full"]["dev"], ("absent",)) is None
