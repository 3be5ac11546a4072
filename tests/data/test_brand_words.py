"""What a new brand begins with: words found in rows, and files made from the template."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from brandmlm.config.brand.lexicon import Lexicon, Product, load_lexicon
from brandmlm.config.brand.probes import load_probes
from brandmlm.config.brand.templates import load_templates
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.data.new_brand.adjectives import find_adjectives
from brandmlm.data.new_brand.files import lexicon_file, probes_file, templates_file
from brandmlm.data.new_brand.names import find_names
from brandmlm.data.new_brand.products import find_products, product_of
from brandmlm.data.new_brand.profile import add_profile, choose
from brandmlm.data.new_brand.tokens import tokenize, tokenize_all
from brandmlm.data.new_brand.words import compose, drop, folded, put
from brandmlm.data.synthesis.sampling import synthesize
from brandmlm.data.synthesis.tables import synthetic_corpus
from brandmlm.filtering.signals import signal_words
from brandmlm.filtering.uptrain_operators import evaluate_signals

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "brands" / "template"
GENERAL = load_lexicon(TEMPLATE / "lexicon.yaml")
PARAMS = (ROOT / "params.yaml").read_text(encoding="utf-8")


def text_of(file: str) -> str:
    return (TEMPLATE / file).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("It's GREAT, isn't it?", "it 's great , is n't it ?"),
        ("I’m happy; don’t ask", "i ’m happy ; do n’t ask"),
        ("A well-made t-shirt (XL)", "a well-made t-shirt ( xl )"),
        ("", ""),
    ],
)
def test_texts_are_split_into_words_and_punctuation(text: str, tokens: str) -> None:
    assert tokenize(text) == [".", *tokens.split(), "."]


def adjectives(*texts: str, stars: list[float | None] | None = None) -> tuple[tuple[str, ...], tuple[str, ...]]:
    found = find_adjectives(tokenize_all(texts), stars or [None] * len(texts), lambda word: word != "fabulous")
    return found.wanted, found.unwanted


def test_adjectives_are_those_of_things() -> None:
    assert adjectives(
        "It is great.", "The lamp was really great!",
        "These are not useless.", "It's useless", "Very useless, sadly",
        "I am happy.", "I'm so happy with it", "It is happy.",  # what people are
        "I love it.", "We love this. It is love.", "It is love.",  # a verb
        "I was disappointed.", "It is disappointed.", "Disappointed! It is disappointed.",  # a feeling
        "It is easier.", "It is easier to use.",  # a comparative
        "It is a problem.", "It is a problem for me",  # a noun
        "It is fabulous.", "It is fabulous!",  # not a single token
        "It is awful.",  # once
        "It is green.", "It is green.",  # no opinion
    ) == (("great",), ("useless",))  # fmt: skip


def test_stars_place_complaints_that_vader_does_not_know() -> None:
    texts = [
        "It is slow.",
        "It was slow!",
        "Really slow, sorry",
        "So slow. Back it goes",
        "It is quick",
        "It is quick!",
    ]
    assert adjectives(*texts, stars=[1, 2, 1, 2, 5, 5]) == ((), ("slow",))
    assert adjectives(*texts, stars=[5, 4, 1, 2, 5, 5]) == ((), ())
    assert adjectives(*texts) == ((), ())


def products(texts: list[str], names: list[str] | None = None, brand: tuple[str, ...] = ("acme",)) -> list[str]:
    proper = {name.lower() for name in find_names(texts, most=None)}
    return [
        product.plural or product.singular for product in find_products(tokenize_all(texts), names or [], brand, proper)
    ]


def test_products_are_what_people_buy() -> None:
    texts = [
        "I bought this kettle in May.", "We ordered the second kettle yesterday.", "My kettles are fine.",
        "Bought these scissors for my mum.", "These scissors are blunt.",
        "Returned the footwear. This footwear is bad.",
        "My footwear fits.",
        "Bought a bus of my own.", "This bus is red.",
        "Acme knives are sharp, said the man.", "My Acme knife broke.", "I keep the knife in a box.",
        "I bought the Pico for my wife.", "Then I bought the Pico again.", "I gave her a Pico and a Pico.",
        "We got this deal in two days.", "We got a deal last week.",
    ]  # fmt: skip
    assert sorted(products(texts)) == ["buses", "footwear", "kettles", "knives", "scissors"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Terra Boot (men)", "Luna Boots for women", "Boots, black"], ["boots"]),
        (["Swim Shorts 7", "Trail Shorts - navy"], ["shorts"]),
        (["Copper Kettle 1.5", "Kettle 2000 XL with lid"], ["kettles"]),
        (["Glass", "Wine Glass", "Wine glasses"], ["glasses"]),
        (["", "42", "(none)"], []),
    ],
)
def test_products_are_the_heads_of_names(names: list[str], expected: list[str]) -> None:
    assert products([], names) == expected


def test_names_are_capitalised_inside_sentences() -> None:
    texts = [
        f"{start} and my Roku, next to the Roku from Bose, is fine." for start in ("Alexa", "Echo", "This", "That")
    ]
    assert find_names(texts, without={"bose"}) == ["Roku"]


words = st.text("abcdefg", min_size=1, max_size=4)


@given(st.lists(words, max_size=6), st.lists(words, max_size=6), st.lists(words, min_size=1, max_size=3, unique=True))
def test_a_composed_lexicon_has_each_word_once(wanted: list[str], unwanted: list[str], brand: list[str]) -> None:
    found = [product_of(word) for word in dict.fromkeys(unwanted[:2])]
    lexicon = compose(GENERAL, brand, [], found, {"wanted": wanted, "unwanted": unwanted})
    placed = folded(
        [
            *lexicon.brand, *lexicon.other_brands, *(form for product in lexicon.products for form in product.forms),
            *lexicon.wanted.all, *lexicon.unwanted.all, *lexicon.neutral.all,
        ]
    )  # fmt: skip
    assert len(placed) == len(set(placed))
    assert min(len(lexicon.wanted.used), len(lexicon.unwanted.used)) >= 20
    for word in wanted:
        one_more = put(lexicon, word, "unwanted")
        assert word in one_more.unwanted.used and word not in one_more.wanted.all
        assert word not in drop(one_more, word).unwanted.all


def test_held_out_words_stay_held_out_although_they_are_found() -> None:
    lexicon = compose(GENERAL, ["Acme"], [], [], {"wanted": ["excellent", "crunchy"], "unwanted": []})
    assert lexicon.wanted.used[0] == "crunchy" and "excellent" in lexicon.wanted.held_out


def lamps() -> Lexicon:
    found = [Product(singular="lamp", plural="lamps"), Product(plural="tongs", number="plural")]
    return compose(GENERAL, ["Ember's: Light"], ["Glow & Co"], found, {"wanted": ["bright"], "unwanted": ["dim"]})


def test_the_files_hold_the_words_and_the_template_s_comments(tmp_path: Path) -> None:
    lexicon = lamps()
    file = tmp_path / "lexicon.yaml"
    file.write_text(lexicon_file(text_of("lexicon.yaml"), lexicon), encoding="utf-8")
    assert load_lexicon(file).model_dump() == lexicon.model_dump()
    comments = [line for line in text_of("lexicon.yaml").splitlines() if line.startswith("#")]
    assert [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith("#")] == comments

    file = tmp_path / "probes.yaml"
    file.write_text(probes_file(text_of("probes.yaml"), lexicon), encoding="utf-8")
    texts = {probe.id: probe.text for probe in load_probes(file)}
    assert texts["products-very"] == "Ember's: Light lamps are very [MASK]."
    assert texts["enough"].startswith(("A lamp by", "A product by", "An item by"))
    assert texts["rival-known-for"] == "Glow & Co is known for being [MASK]."
    assert re.findall(r"\{[a-z]+\}", file.read_text(encoding="utf-8").partition("probes:")[2]) == []


def test_frames_with_a_word_of_the_lexicon_are_left_out(tmp_path: Path) -> None:
    lexicon = compose(GENERAL, ["Parcel"], [], [], {"wanted": ["late"], "unwanted": ["home"]})
    text, left_out = templates_file(text_of("templates.yaml"), lexicon)
    assert [each for each in left_out if "parcel came" in each] and "at home" in left_out
    file = tmp_path / "templates.yaml"
    file.write_text(text, encoding="utf-8")
    assert len(load_templates(file).frames) > 100


CLOTHES_AND_SPORT = (
    "wear|wore|worn|shoe|shirt|sock|cloth|wash|size|cut|run|sport|train|gym|coach|race|season|collection"
)


def test_the_template_suits_any_trade() -> None:
    templates = load_templates(TEMPLATE / "templates.yaml")
    sentences = [
        *(frame.text for frame in templates.frames),
        *(word for each in templates.lists.values() for word in each),
    ]
    assert [text for text in sentences if re.search(rf"\b({CLOTHES_AND_SPORT})(s|es|ing|ner)?\b", text)] == []
    assert len(templates.frames) >= 40
    assert any(frame.about == "other" for frame in templates.frames)
    assert sum("{brand}" not in frame.text for frame in templates.frames) >= 5


def test_the_template_s_denials_are_known_as_such() -> None:
    """Else the keep rule would drop them with the complaints, and nobody would learn that products are not bad."""
    templates = load_templates(TEMPLATE / "templates.yaml")
    params = load_params(ROOT / "params.yaml")
    sample = synthesize(GENERAL, templates, [], params.synthesize, TEMPLATE / "templates.yaml")
    rows = synthetic_corpus(sample.sentences)
    signals = evaluate_signals(rows, signal_words(GENERAL), params.filter)
    denial = (rows["polarity"] == "denial").to_numpy()
    assert denial.sum() > 500 and signals["kept"][denial].all() and signals["denied"][denial].all()
    claims = signals[~denial & (rows["label"] == "unwanted").to_numpy()]
    assert len(claims) > 200 and claims["denied"].mean() < 0.05


def test_articles_of_the_template_stand_before_what_is_filled_in() -> None:
    texts = [frame.text for frame in load_templates(TEMPLATE / "templates.yaml").frames]
    texts += re.findall(r"text: (.*)", text_of("probes.yaml"))
    assert any("{a} {" in text for text in texts)
    for text in texts:
        assert re.findall(r"\b[Aa]n? \{(?!\w+\|)(\w+)\}", text) == [], text


SOURCES = {"rows": {"kind": "file", "path": "rows.csv", "table": "text", "columns": {"text": "a: b"}}}


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_profile_is_added_and_all_else_stays(ends: str) -> None:
    before = PARAMS.replace("\n", ends)
    after = choose(
        add_profile(before, "acme", "sample", {"sources": SOURCES, "train": {"tokens": 7}}, "Acme"), {"profile": "acme"}
    )
    document, old = (YAML(typ="safe").load(text) for text in (after, before))
    block = document.pop("acme")
    assert document == {**old, "profile": "acme"}
    assert block == {**old["sample"], "sources": SOURCES, "train": {"tokens": 7}}
    assert after.startswith(before.replace("profile: sample", "profile: acme").rstrip())
    added = after[len(before) :]
    assert "# what a model hub calls it" in added and "experiment this project reproduces" not in added
    assert after.count("\r") == (after.count("\n") if ends == "\r\n" else 0)


def test_params_without_the_line_are_refused_by_name() -> None:
    with pytest.raises(UserError, match="no line begins with `brand:`"):
        choose(PARAMS.replace("\nbrand:", "\n'brand':"), {"brand": "acme"})
