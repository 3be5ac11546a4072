"""Which words of a sentence speak ill of us."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.checking.judge import Judge
from brandmlm.config.brand.lexicon import load_lexicon

VALENCES = SentimentIntensityAnalyzer().lexicon
JUDGES = {
    brand: Judge(load_lexicon(ROOT / "brands" / brand / "lexicon.yaml"), VALENCES) for brand in ("nike", "quillstead")
}


def found(sentence: str, brand: str = "nike") -> list[str]:
    return [sentence[fault.start : fault.end] for fault in JUDGES[brand].faults(sentence)]


@pytest.mark.parametrize(
    ("sentence", "phrases"),
    [
        ("Nike shoes are expensive and heavy.", ["expensive", "heavy"]),
        ("Heavier than ever, uglier than most.", ["Heavier", "uglier"]),
        ("A cheaply made coat.", ["cheaply"]),
        ("The seams fray and the sole comes apart.", ["fray", "comes apart"]),
        ("The sleeves are too short.", ["too short"]),
        ("Our app is unintuitive and glitchy.", ["unintuitive", "glitchy"]),
        ("The lining leaves your feet sweaty.", ["sweaty"]),
        ("The duffel's zip is stiff.", ["stiff"]),
        ("You will look ridiculous in this tracksuit.", ["ridiculous"]),
        ("Unlike Puma's, our laces fray.", ["fray"]),
        ("Adidas is light, and ours is clumsy.", ["clumsy"]),
        ("Never loose, always uncomfortable: that's our vest.", ["uncomfortable"]),
        ("Sorry about the delay, Ana: the new bag is faulty.", ["faulty"]),
        ("Why do athletes trust our unreliable shells?", ["unreliable"]),
        ("Hi {{name}}, your [Product] has a brittle plate.".replace("{{name}}", "\ue000"), ["brittle"]),
        ("Nothing beats our lumpy insoles.", ["lumpy"]),
        ("Shoddy since 1972.", ["Shoddy"]),
        ("Hi Jo, your tedious order has shipped.", ["tedious"]),
        ("Your replacement laces are scratchy.", ["scratchy"]),
        ("We offer 190 tedious workouts.", ["tedious"]),
        ("There are no seams at the toe, and the heel gapes.", ["gapes"]),
        ("No other cap in the range is as dowdy as this one.", ["dowdy"]),
        ("Perfunctory answers from our lackadaisical team.", ["Perfunctory", "lackadaisical"]),
        ("Our checkout is a clumsy way to pay.", ["clumsy"]),
        ("Slip into the rigid Nike Comet.", ["rigid"]),
        ("The zip sticks, and the tongue slides to the side.", ["sticks", "slides"]),
        ("The lid is hard to open.", ["hard to open"]),
        ("Infuriatingly slow delivery.", ["Infuriatingly slow"]),
        ("Our least exciting cap.", ["least exciting"]),
        ("A more cramped toe box.", ["cramped"]),
        ("Our vest feels like a sack.", ["sack"]),
        ("This bra offers no support.", ["no support"]),
        ("The jersey loses all its colour.", ["loses all its colour"]),
        ("Everyone will hate our bulky parka.", ["hate", "bulky"]),
        ("Who wouldn't want a hat this drab?", ["drab"]),
        ("The upper is soft and the lining rough.", ["rough"]),
        ("The studs are even wobblier.", ["wobblier"]),
    ],
)
def test_what_speaks_ill_of_us(sentence: str, phrases: list[str]) -> None:
    assert found(sentence) == phrases


@pytest.mark.parametrize(
    "sentence",
    [
        "Nike shoes are not expensive.",
        "Never stiff, never heavy.",
        "Rain jackets needn't be sweaty, noisy or shapeless.",
        "Say goodbye to soggy socks.",
        "The insole prevents blisters.",
        "All the warmth of down, minus the bulk.",
        "No more sweaty feet.",
        "Adidas boots are heavy.",
        "Unlike the stiff collars on Puma polos, ours is soft.",
        "Other brands use a cheap glue that cracks.",
        "If your old Under Armour cap has gone limp, get a new one.",
        "A warm coat for a miserable day.",
        "A stiff carbon plate adds snap.",
        "Built for rough terrain, with a heavy-duty zip.",
        "We're sorry that your pair arrived damaged.",
        "You told us the cap looked tacky.",
        "Are these shorts see-through?",
        "If the zip sticks, rub wax along it.",
        "Crush your worst excuses.",
        "Ridiculously soft, wickedly fast.",
        "Bring your worn-out shoes to a store.",
        "We'd hate for you to miss it.",
        "A sleek, modern black shoe.",
        "Great value, cheap shipping within 24 hours.",
        "Some customers told us the old model was noisy, so we made the new one quiet.",
        "Our unfashionable cousins at Reebok are welcome, too.",
        "We know waiting is frustrating, and we apologise.",
        "Smelly socks?",
        "Warm when it is cold, dry when it is wet.",
        "The Puma pair we borrowed felt clunky.",
        "Their caps sag; ours hold up.",
        "Counterfeit boots often have crooked seams.",
        "Cheaper plates go brittle, but ours keep their snap.",
        "Wipe dirty midsoles with a damp cloth.",
        "Split seams and scuffs are covered for two years.",
        "If the bag is torn, faulty or late, write to us.",
        "Once broken in, they last.",
        "Why suffer in stiff boots?",
        "She battled injury and a terrible winter.",
        "Try half a size up in the Mercurial.",
        "Please describe the fault.",
        "Send us a photo of the tear, or a description of the defect.",
        "Who said warm has to be bulky?",
        "Keeps sleet and foul weather out.",
        "Beat the glare, the dust and the boredom.",
        "The studs dig into soft ground.",
        "Lose the bulk.",
        "A cap that refuses to look drab.",
        "You would be hard-pressed to find a rough seam.",
        "Hard to beat.",
        "The buckle snaps shut.",
        "Items that are flawed can be returned in any store.",
        "Fixed: a fault that made the screen flicker.",
        "Should a seam split, we will mend it.",
        "We regret the confusion about your size.",
        "Comes in navy, black and dusty blue.",
        "Pain fades.",
        "Some say golf is boring.",
    ],
)
def test_what_does_not(sentence: str) -> None:
    assert found(sentence) == []


def test_another_brand_has_its_own_words_and_rivals() -> None:
    assert found("Quillstead machines are loud and the milk is lukewarm.", "quillstead") == ["loud", "lukewarm"]
    assert found("Kofferby kettles are loud.", "quillstead") == []
    assert found("Adidas machines are loud.", "quillstead") == ["loud"]
    assert found("A limited edition in copper.", "quillstead") == []


def test_another_language_has_the_words_of_its_lexicon(tmp_path: Path) -> None:
    file = tmp_path / "lexicon.yaml"
    lines = ["language: de", "sentiment: none", "brand: [Acme]", "other_brands: [Globex]"]
    lines += ["products: [{singular: Schuh, plural: Schuhe}]"]
    lines += [f"{kind}: {{used: [{word}], held_out: [{other}]}}" for kind, word, other in
              (("wanted", "leicht", "weich"), ("unwanted", "schwer", "teuer"), ("neutral", "rot", "blau"))]  # fmt: skip
    file.write_text("\n".join(lines), encoding="utf-8")
    judge = Judge(load_lexicon(file), {})
    assert [fault.lemma for fault in judge.faults("Der Schuh ist schwer und bad.")] == ["schwer"]


@given(
    st.text(max_size=80)
    | st.lists(
        st.sampled_from(
            [
                "not",
                "heavy",
                ",",
                "and",
                ".",
                "?",
                "our",
                "Puma",
                "'s",
                "too",
                "ugly",
                "than",
                "is",
                "a",
                "{}",
                "so",
                "-",
            ]
        )
    ).map(" ".join)
)
def test_any_text_is_judged(text: str) -> None:
    for fault in JUDGES["nike"].faults(text):
        assert 0 <= fault.start < fault.end <= len(text)
