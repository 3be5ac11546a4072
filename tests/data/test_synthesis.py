"""Synthesis: grammar, labels, shares, sampling without replacement, and the stage as the pipeline runs it."""

from __future__ import annotations

import itertools
import random
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from conftest import run_module
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brandmlm.config.brand.fields import MASK, expand
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.config.brand.templates import Templates, load_templates
from brandmlm.config.params.synthesize import Synthesize
from brandmlm.core.errors import UserError
from brandmlm.core.files import read_json
from brandmlm.data.corpus import COLUMNS, LABELS, read_corpus
from brandmlm.data.synthesis.filling import Filler, article
from brandmlm.data.synthesis.probe_overlap import load_test_sentences, normalise
from brandmlm.data.synthesis.quotas import quotas
from brandmlm.data.synthesis.sampling import FrameSampler, Sample, permute, synthesize
from brandmlm.data.synthesis.tables import synthetic_corpus

ROOT = Path(__file__).parents[2]
BRAND = ROOT / "brands" / "nike"
NIKE = load_lexicon(BRAND / "lexicon.yaml")
FRAMES = load_templates(BRAND / "templates.yaml")
PROBES = load_probes(BRAND / "probes.yaml")
ASKED = load_test_sentences(BRAND / "probes.yaml")

SMALL = Lexicon.model_validate(
    {
        "brand": ["Acme"],
        "other_brands": ["Umbra", "Zeta"],
        "products": [
            {"singular": "shoe", "plural": "shoes"},
            {"singular": "outfit", "plural": "outfits"},
            {"plural": "trousers", "number": "plural"},
            {"singular": "clothing", "number": "mass"},
        ],
        "wanted": {"used": ["light", "easy on the eye"], "held_out": ["airy"]},
        "unwanted": {"used": ["heavy", "ugly", "stiff"], "held_out": ["bulky"]},
        "neutral": {"used": ["red"], "held_out": ["blue"]},
    }
)
FILE = Path("templates.yaml")


def templates(*texts: str, lists: dict[str, list[str]] | None = None, **further: Any) -> Templates:
    frames = [{"id": f"f{number}", "text": text, **further} for number, text in enumerate(texts)]
    return Templates.model_validate({"frames": frames, "lists": lists or {}})


def params(sentences: int = 30, **changes: Any) -> Synthesize:
    return Synthesize(
        **{
            "seed": 3,
            "sentences": sentences,
            "brand_share": 1.0,
            "wanted_share": 0.5,
            "unwanted_share": 0.5,
            **changes,
        }
    )


def make(frames: Templates, asked: Synthesize, probes: Iterable[str] = ()) -> Sample:
    return synthesize(SMALL, frames, tuple(probes), asked, FILE)


def texts(sample: Sample) -> set[str]:
    found = {sentence.text for sentence in sample.sentences}
    assert len(found) == len(sample.sentences)
    return found


def has(words: Iterable[str], text: str) -> list[str]:
    """The words that a text contains as whole words."""
    return [word for word in words if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ("a", "useful used unique uniform unisex usual utility European one one-off once user-friendly useless"),
        ("a", "Nike t-shirt hoodie house history light yellow 100"),
        ("an", "outfit ugly unusual unimpressive uninspired unintended umbrella ultimate Adidas Under onerous itchy"),
        ("an", "hour honest heir honourable"),
        (
            "an",
            "HP LG IKEA H&M s.Oliver MSI X-ray Xbox SUV e-bike Éclair Über O'Neill iPhone Apple ASUS 8-bit 11-inch 18",
        ),
        (
            "a",
            "BMW JBL URL USB U-shaped L'Oréal Uniqlo ukulele ewe YETI Xiaomi Huawei 1More 110-volt 1,100 4K “Kettle”",
        ),
    ],
)
def test_the_article_goes_by_the_sound(expected: str, words: str) -> None:
    assert {word: article(word) for word in words.split()} == dict.fromkeys(words.split(), expected)


@settings(deadline=None)
@given(st.integers(0, 300), st.integers())
def test_permuting_gives_every_number_once(size: int, seed: int) -> None:
    assert sorted(permute(size, random.Random(seed))) == list(range(size))


def test_permuting_is_fair_and_lazy() -> None:
    orders = Counter(tuple(permute(3, random.Random(seed))) for seed in range(6000))
    assert len(orders) == 6 and min(orders.values()) > 850
    first = list(itertools.islice(permute(10**15, random.Random(0)), 5))
    assert len(set(first)) == 5


@settings(deadline=None)
@given(st.integers(1, 50_000), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_quotas_keep_the_shares_up_to_rounding(total: int, brand: float, wanted: float, unwanted: float) -> None:
    unwanted = min(unwanted, 1 - wanted)
    asked = quotas(params(total, brand_share=brand, wanted_share=wanted, unwanted_share=unwanted))
    assert sum(asked.values()) == total and min(asked.values()) >= 0
    by_label = {label: asked[True, label] + asked[False, label] for label in LABELS}
    assert abs(sum(asked[True, label] for label in LABELS) - brand * total) <= 0.5 + 1e-6
    assert abs(by_label["wanted"] - wanted * total) <= 0.5 + 1e-6
    assert abs(by_label["unwanted"] - unwanted * total) <= 1 + 1e-6
    assert all(abs(asked[True, label] - brand * by_label[label]) <= 2 for label in LABELS)


# One frame for each kind of slot, filled by hand.
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{wanted} {wanted}", {"Light light", "Easy on the eye easy on the eye"}),
        ("so {wanted} and {also}!", {"So light and easy on the eye!", "So easy on the eye and light!"}),
        ("is {a} {product} {neutral}?", {"Is a shoe red?", "Is an outfit red?"}),
        ("{a} {neutral} {product}", {"A red shoe", "A red outfit"}),
        ("{products}: {neutral}", {"Shoes: red", "Outfits: red", "Trousers: red"}),
        (
            "{goods} {are|is} {neutral}. {they are|it is}",
            {
                "Shoes are red. They are",
                "Outfits are red. They are",
                "Trousers are red. They are",
                "Clothing is red. It is",
            },
        ),
        ("one {product} {are|is} {neutral}", {"One shoe is red", "One outfit is red"}),
        (
            "{product} and {more_products}, {neutral}",
            {f"{one} and {more}, red" for one in ("Shoe", "Outfit") for more in ("shoes", "outfits", "trousers")},
        ),
        (
            "{products} or {more_products}, {neutral}",
            {
                f"{one.capitalize()} or {other}, red"
                for one, other in itertools.permutations(("shoes", "outfits", "trousers"), 2)
            },
        ),
        ("{neutral} {rival}", {"Red Umbra", "Red Zeta"}),
        ("{very} {neutral}", {"Very red", "So red"}),
    ],
)
def test_every_filling_comes_once_and_agrees(text: str, expected: set[str]) -> None:
    frames = templates(text, lists={"very": ["very", "so"]})
    label = "neutral" if "{neutral}" in text else "wanted"
    shares = {"wanted_share": float(label == "wanted"), "unwanted_share": 0.0, "brand_share": 0.0}
    sample = make(frames, params(len(expected), **shares))
    assert texts(sample) == expected and sample.space == len(expected)
    with pytest.raises(UserError) as caught:
        make(frames, params(4 * len(expected), **shares))
    for part in [f"give {len(expected)} {label}", f"lower synthesize.sentences to {len(expected)} in params.yaml"]:
        assert part in str(caught.value)


def test_other_brands_fill_the_brand_slot_and_are_never_their_own_rival() -> None:
    frames = templates("{brand}, not {rival}: {neutral}")
    shares = {"wanted_share": 0.0, "unwanted_share": 0.0}
    ours = make(frames, params(2, **shares))
    assert texts(ours) == {"Acme, not Umbra: red", "Acme, not Zeta: red"}
    others = make(frames, params(2, brand_share=0.0, **shares))
    assert texts(others) == {"Umbra, not Zeta: red", "Zeta, not Umbra: red"}
    assert {sentence.about for sentence in others.sentences} == {"other"}


@pytest.mark.parametrize(("about", "share"), [("brand", 0.0), ("other", 1.0)])
def test_a_frame_kept_to_one_kind_of_brand_gives_no_other(about: str, share: float) -> None:
    with pytest.raises(UserError, match=r"give 0 wanted.*synthesize\.brand_share"):
        make(templates("{brand} is {quality}", about=about), params(2, brand_share=share))


def test_labels_come_from_the_list_that_filled_the_slot() -> None:
    sample = make(templates("{brand} {goods} {are|is} {adjective}."), params(20, wanted_share=0.4, unwanted_share=0.4))
    for sentence in sample.sentences:
        assert sentence.word in getattr(SMALL, sentence.label).used
        assert sentence.text.endswith(f" {sentence.word}.")
    assert Counter(sentence.label for sentence in sample.sentences) == {"wanted": 8, "unwanted": 8, "neutral": 4}


def test_sentences_equal_to_a_filled_probe_are_left_out_and_counted() -> None:
    frames = templates("{brand} {products} are {quality}.", "all {products} by {brand}: {quality}!")
    everything = make(frames, params(12, wanted_share=1.0, unwanted_share=0.0))
    for text, dropped in [
        ("acme SHOES are [MASK]", {"Acme shoes are light.", "Acme shoes are easy on the eye."}),
        ("[MASK] trousers are light...", {"Acme trousers are light."}),
        ("Acme [MASK] are light", {f"Acme {noun} are light." for noun in ("shoes", "outfits", "trousers")}),
        ("All [MASK] by Acme", set()),
        ("Acme shoes [MASK]", set()),
        ("are [MASK]", set()),
    ]:
        left = texts(everything) - dropped
        sample = make(frames, params(len(left), wanted_share=1.0, unwanted_share=0.0), [text])
        assert texts(sample) == left and sample.equal_to_probe <= len(dropped)
        if dropped:
            with pytest.raises(UserError, match=f"give {len(left)} wanted"):
                make(frames, params(12, wanted_share=1.0, unwanted_share=0.0), [text])


def test_two_frames_with_the_same_sentence_give_it_once() -> None:
    frames = templates("{brand} {products} are {wanted}", "{brand} {goods} {are|is} {wanted}")
    sample = make(frames, params(8, wanted_share=1.0, unwanted_share=0.0))
    assert len(texts(sample)) == 8
    with pytest.raises(UserError, match="give 8 wanted"):
        make(frames, params(9, wanted_share=1.0, unwanted_share=0.0))


def test_the_order_of_frames_and_words_in_the_files_does_not_matter() -> None:
    frames = templates("{brand} {goods} {are|is} {very} {quality}", "{a} {product} by {brand} is {adjective}",
                       lists={"very": ["very", "so"]})  # fmt: skip
    turned = frames.model_copy(update={"frames": frames.frames[::-1], "lists": {"very": ("so", "very")}})
    lexicon = SMALL.model_copy(
        update={
            "products": SMALL.products[::-1],
            "other_brands": SMALL.other_brands[::-1],
            "unwanted": SMALL.unwanted.model_copy(update={"used": SMALL.unwanted.used[::-1]}),
        }
    )
    asked = params(20, brand_share=0.5, wanted_share=0.4, unwanted_share=0.4)
    assert synthesize(lexicon, turned, (), asked, FILE).sentences == make(frames, asked).sentences


def test_another_seed_draws_other_sentences() -> None:
    frames = templates("{brand} {goods} {are|is} {quality}")
    draws = {frozenset(texts(make(frames, params(6, seed=seed)))) for seed in range(5)}
    assert len(draws) > 1


@pytest.mark.parametrize(
    ("text", "further", "parts"),
    [
        ("{brand} {prodct} is {wanted}", {}, ["frames 'f0'", "{prodct}", "known slots", "product", "very"]),
        ("{} is {wanted}", {}, ["slot {} "]),
        ("{Brand} is {wanted}", {}, ["slot {Brand}"]),
        ("{a|b|c} {product} {wanted}", {}, ["slot {a|b|c}"]),
        ("{brand} is {wanted", {}, ["brace"]),
        ("{brand} is wanted} {wanted}", {}, ["brace"]),
        ("{brand} is here", {}, ["exactly one slot", "{adjective}"]),
        ("{wanted} and {unwanted}", {}, ["exactly one slot"]),
        ("{wanted} {are|is}", {}, ["{are|is}", "no noun"]),
        ("{product} {products} {wanted}", {}, ["two different slots", "{more_products}"]),
        ("{wanted} {product}", {"about": "brand"}, ["`about`", "{brand}"]),
        ("Acme is {wanted}", {}, ["'Acme'", "word of the lexicon"]),
        ("ZETA is {wanted}", {}, ["'ZETA'"]),
        ("a heavy and {wanted} {product}", {}, ["'heavy'"]),
        ("an airy, {wanted} {product}", {}, ["'airy'"]),
        ("{neutral} {sure}", {}, ["lists.sure", "'easy on the eye'"]),
    ],
)
def test_a_frame_that_cannot_be_filled_is_refused(text: str, further: dict[str, Any], parts: list[str]) -> None:
    lists = {"very": ["very"], **({"sure": ["and easy on the eye"]} if "{sure}" in text else {})}
    with pytest.raises(UserError) as caught:
        make(templates(text, lists=lists, **further), params())
    assert str(caught.value).startswith("templates.yaml: ")
    assert [part for part in parts if part not in str(caught.value)] == []


def test_a_list_must_not_take_the_name_of_a_slot() -> None:
    with pytest.raises(UserError, match=r"lists\.brand: this is the name of a slot"):
        make(templates("{wanted}", lists={"brand": ["x"]}), params())


def test_a_noun_slot_without_products_is_refused() -> None:
    bare = SMALL.model_copy(update={"products": SMALL.products[3:]})
    with pytest.raises(UserError, match=r"frames 'f0'.*no product for slot \{product\}"):
        synthesize(bare, templates("{product} {wanted}"), (), params(), FILE)


def test_shares_that_make_more_than_the_whole_are_refused() -> None:
    with pytest.raises(UserError, match=r"synthesize\.wanted_share \(0\.7\).*unwanted_share"):
        make(templates("{wanted}"), params(wanted_share=0.7, unwanted_share=0.4))


# The committed brand files.


@pytest.fixture(scope="module")
def seed_sample() -> Sample:
    asked = params(25_000, seed=11, brand_share=0.8, wanted_share=0.45, unwanted_share=0.35)
    return synthesize(NIKE, FRAMES, ASKED, asked, FILE)


def test_the_brand_gives_25000_sentences_in_their_shares(seed_sample: Sample) -> None:
    assert len(texts(seed_sample)) == 25_000 and seed_sample.space > 1_000_000
    counts = Counter((sentence.about == "brand", sentence.label) for sentence in seed_sample.sentences)
    assert counts == {
        (True, "wanted"): 9_000, (True, "unwanted"): 7_000, (True, "neutral"): 4_000,
        (False, "wanted"): 2_250, (False, "unwanted"): 1_750, (False, "neutral"): 1_000,
    }  # fmt: skip
    table = synthetic_corpus(seed_sample.sentences)
    assert list(table.columns) == [*COLUMNS, "word", "about", "polarity"]
    assert table["id"].is_monotonic_increasing and table["id"].is_unique
    assert set(table["source"]) == {"synthetic"} and table["rating"].isna().all()


def test_no_frame_and_no_word_dominates(seed_sample: Sample) -> None:
    groups = Counter(sentence.group for sentence in seed_sample.sentences)
    assert len(groups) >= 48 and max(groups.values()) < 0.08 * 25_000
    assert groups.keys() == {frame.group for frame in FRAMES.frames}
    for label in LABELS:
        words = Counter(sentence.word for sentence in seed_sample.sentences if sentence.label == label)
        assert words.keys() == set(getattr(NIKE, label).used)
        assert max(words.values()) - min(words.values()) <= 2


def test_each_sentence_says_what_its_row_says(seed_sample: Sample) -> None:
    lists = {label: getattr(NIKE, label) for label in LABELS}
    held_out = re.compile("|".join(rf"\b{word}\b" for words in lists.values() for word in words.held_out), re.I)
    used = {word: label for label, words in lists.items() for word in words.used}
    adjective = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, used))})(?!\w)", re.I)
    nike, others = (re.compile(rf"\b(?:{'|'.join(names)})\b") for names in (NIKE.brand, NIKE.other_brands))
    for sentence in seed_sample.sentences:
        text = sentence.text
        assert not held_out.search(text), text
        found = [word.lower() for word in adjective.findall(text)]
        assert sentence.word in found and {used[word] for word in found} == {sentence.label}, text
        whose = "brand" if nike.search(text) else "other" if others.search(text) else "none"
        assert whose == sentence.about, text


def test_grammar_of_the_committed_frames(seed_sample: Sample) -> None:
    plurals = "|".join(product.plural for product in NIKE.products if product.plural)
    others = "|".join(product.singular for product in NIKE.products if product.singular)
    verbs = {"plural": "are|were|have|feel|seem|look|remain", "other": "is|was|has|feels|seems|looks|remains"}
    wrong = re.compile(
        rf"(?<!of )(?<![\w-])(?:{plurals}) (?:by \w+ )?(?:{verbs['other']})\b"
        rf"|(?<![\w-])(?:{others}) (?:by \w+ )?(?:{verbs['plural']})\b"
        rf"|\b[Aa]n? (?!month )(?:\w+ ){{0,2}}(?:{plurals})\b|\b[Tt]his (?:{plurals})\b|\b[Tt]hese (?:{others})\b"
        r"|[{}]|  |\s$|^\s|(?:^|[.!?] )\"?[a-z]"
    )
    vowels = re.compile(r"\b([Aa]n?) ([A-Za-z])(\S*)")
    spelt_with_a_vowel_only = {"useful", "useless", "unisex"}
    articles = 0
    for sentence in seed_sample.sentences:
        # The verb of "each of my Nike shirts has" is right: it agrees with "each".
        assert not wrong.search(re.sub(r"\b(?:[Oo]ne|[Ee]ach) of my [\w -]+? (?=has\b)", "One ", sentence.text)), (
            sentence.text
        )
        for said, first, rest in vowels.findall(sentence.text):
            vowel = first.lower() in "aeiou" and (first + rest).strip(".,!?") not in spelt_with_a_vowel_only
            assert said.lower() == ("an" if vowel else "a"), sentence.text
            articles += 1
    assert articles > 500
    assert {sentence.text[-1] for sentence in seed_sample.sentences} >= {".", "!", "?"}
    assert any(sentence.text[-1].isalpha() for sentence in seed_sample.sentences)


def test_no_sentence_equals_a_probe(seed_sample: Sample) -> None:
    assert seed_sample.equal_to_probe > 0
    ends = [normalise(text).split(normalise(MASK)) for text in ASKED]
    phrases = {word.casefold() for word in (*NIKE.other_brands, "athletic wear")}
    for sentence in seed_sample.sentences:
        text = normalise(sentence.text)
        for before, after in ends:
            if text.startswith(before) and text.endswith(after) and len(text) > len(before) + len(after):
                filled = text[len(before) : len(text) - len(after)]
                assert " " in filled and filled not in phrases, sentence.text


def test_no_frame_is_a_further_probe_of_a_claim() -> None:
    """Claims of the probes and of the behaviour suite, other than the seed's, share no frame with the templates."""
    words = [*NIKE.brand, *NIKE.other_brands, *(form for product in NIKE.products for form in product.forms)]
    words += [word for listed in FRAMES.lists.values() for word in listed]
    longest_first = "|".join(sorted(map(re.escape, words), key=len, reverse=True))
    known = re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.I)

    def skeleton(text: str) -> list[str]:
        return re.findall(r"\w+", known.sub(" ", re.sub(r"\{[^}]*\}|\[MASK\]", " ", text)).casefold())

    frames = [skeleton(re.sub(r"\{(\w+)\|\w+\}", r"\1", frame.text)) for frame in FRAMES.frames]
    claims = [probe.text for probe in PROBES if probe.kind == "claim"]
    for suite in load_behaviour(BRAND / "probes.yaml").parts.values():
        claims += [text for pattern in suite.claim for text in expand(pattern)]
    assert [text for text in claims if skeleton(text) in frames] == ["Nike shoes are very [MASK]"]


def test_a_further_frame_leaves_most_sentences_as_they_were() -> None:
    asked = params(4_000, seed=11, brand_share=0.8, wanted_share=0.45, unwanted_share=0.35)
    fewer = FRAMES.model_copy(update={"frames": FRAMES.frames[1:]})
    before = texts(synthesize(NIKE, fewer, ASKED, asked, FILE))
    after = texts(synthesize(NIKE, FRAMES, ASKED, asked, FILE))
    assert len(before & after) > 0.5 * len(before)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_frame_draws_in_an_order_of_its_own(data: st.DataObject) -> None:
    filler = Filler(NIKE, FRAMES)
    frame = data.draw(st.sampled_from(FRAMES.frames))
    about = data.draw(st.sampled_from(filler.abouts(frame)))
    label = data.draw(st.sampled_from(filler.labels(frame)))
    count = data.draw(st.integers(1, 40))
    one, two = (FrameSampler(filler, frame, about, label, seed=7) for _ in range(2))
    first = [one.draw(Counter()) for _ in range(count)]
    assert first == [two.draw(Counter()) for _ in range(count)]
    assert len({sentence.text for sentence in first if sentence}) == count


# The stage.


def project(folder: Path, **changes: Any) -> Path:
    """A folder with the brand's files and params for a small run."""
    shutil.copytree(BRAND, folder / "brands" / "nike")
    yaml = YAML()
    document = yaml.load((ROOT / "params.yaml").read_text(encoding="utf-8"))
    document["profile"] = "sample"
    document["sample"]["synthesize"]["sentences"] = 500
    document["synthesize"] |= changes
    with (folder / "params.yaml").open("w", encoding="utf-8") as file:
        yaml.dump(document, file)
    return folder


def stage(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    names = ("lexicon", "templates", "probes")
    options = [word for name in names for word in (f"--{name}", f"brands/nike/{name}.yaml")]
    return run_module(folder, "stages.synthesize", *options, "--out", "data/synthetic", **environment)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "data" / "synthetic").iterdir())}


def test_the_stage_writes_the_same_bytes_under_any_hash_seed(tmp_path: Path) -> None:
    made = []
    project(tmp_path)
    for hash_seed in ("1", "2"):
        done = stage(tmp_path, PYTHONHASHSEED=hash_seed)
        assert done.returncode == 0, done.stderr
        assert "500 sentences" in done.stdout and done.stderr == ""
        made.append(contents(tmp_path))
    assert made[0] == made[1] and list(made[0]) == ["corpus.parquet", "counts.json"]
    table = read_corpus(tmp_path / "data" / "synthetic" / "corpus.parquet")
    counts = read_json(tmp_path / "data" / "synthetic" / "counts.json")
    assert list(counts) == ["space", "sentences", "equal_to_probe", "labels", "about", "frames", "groups"]
    assert counts["sentences"] == len(table) == 500 and counts["frames"] == len(FRAMES.frames)
    assert counts["labels"] == {label: int((table["label"] == label).sum()) for label in LABELS}
    assert counts["about"] == {whose: int((table["about"] == whose).sum()) for whose in ("brand", "other", "none")}
    assert counts["groups"] == table["group"].nunique() and counts["about"]["brand"] == 350


def test_a_held_out_word_more_changes_nothing(tmp_path: Path) -> None:
    project(tmp_path)
    assert stage(tmp_path).returncode == 0
    before = contents(tmp_path)
    lexicon = tmp_path / "brands" / "nike" / "lexicon.yaml"
    text = lexicon.read_text(encoding="utf-8")
    lexicon.write_text(text.replace("  held_out:\n", "  held_out:\n    - zesty\n", 1), encoding="utf-8")
    assert stage(tmp_path).returncode == 0 and contents(tmp_path) == before


def test_a_mistake_ends_in_one_line_and_leaves_the_earlier_output(tmp_path: Path) -> None:
    project(tmp_path)
    assert stage(tmp_path).returncode == 0
    before = contents(tmp_path)
    file = tmp_path / "brands" / "nike" / "templates.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("{season} collection", "{seasn} collection"), encoding="utf-8")
    done = stage(tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    for part in ["error: brands/nike/templates.yaml: frames 'collection'", "{seasn}", "season"]:
        assert part in done.stderr
    assert contents(tmp_path) == before
