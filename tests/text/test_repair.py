"""Text repair: properties of every text (hypothesis), and cases from real exports."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bench import repair as repair_bench
from brandmlm.text.glued import unglue, unglue_blocks
from brandmlm.text.html import html_to_text
from brandmlm.text.personal_data import scrub
from brandmlm.text.repair import repair
from brandmlm.text.unicode import fix_unicode

PIECES = st.sampled_from(
    [
        "<p>", "</p>", "<br/>", "<b>", "&amp;", "&lt;", "&gt;", "&nbsp;", "&#39;", "<", ">", "\n\n", "\n", " ", "  ",
        ".", "!", "?", ",", "...", "…", "The", "the", "I", "It", "comfort", "COMFORT", "VaporMax", "Nike.com", "e.g.",
        "[MASK]", "[", "]", "(", ")", '"', "'", "“", "â€™", "Ã©", "\u00a0", "\u200b", "é", "😍", "12",
        "4111 1111 1111 1111",
        "order", "#", "+44 20 7946 0123", "C01234567890", "@", "a@example.com", "https://example.com/x", "-", "/", "0",
        "at", "dot", "gmail.com", "0151", "91234", "5678", "AB", "DE89", "37", "insta:", "_", ":", "::", "1.2.3.4",
        "www.", ".com", "phone", "7", "[number]", "[email]",
    ]
)  # fmt: skip
MESSY = st.lists(PIECES | st.text(max_size=4), max_size=14).map("".join)
PLAIN = st.text(alphabet="abcxyzABCITSHE .,!?:;)(\"'-%\n", max_size=60)


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@given(MESSY)
@settings(max_examples=600, deadline=None)
@example("<b>&amp;lt;b&amp;gt;</b>")
def test_repairing_twice_is_repairing_once(text: str) -> None:
    once = repair(text)
    assert repair(once) == once


@given(MESSY)
@settings(max_examples=200, deadline=None)
def test_white_space_is_single_blanks_and_no_special_token_is_left(text: str) -> None:
    once = repair(text)
    assert once == " ".join(once.split())
    assert not re.search(r"\[(MASK|SEP|CLS|PAD|UNK)\]", once)


@given(PLAIN)
@settings(max_examples=400, deadline=None)
def test_plain_text_keeps_its_letters(text: str) -> None:
    assert letters(repair(text)) == letters(text)


@given(st.text(alphabet="abcABIT .,!?:;)(\"'-%03é😍", max_size=60))
@settings(max_examples=400, deadline=None)
def test_unglue_adds_only_blanks_and_full_stops_and_deletes_only_blanks(text: str) -> None:
    unglued = unglue(text)
    assert re.sub(r"[\s.]", "", unglued) == re.sub(r"[\s.]", "", text)
    assert unglued.count(".") >= text.count(".")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("COMFORT.The shoe", "COMFORT. The shoe"),
        ("help keep you cool.It fits", "help keep you cool. It fits"),
        ("ha ha!!Still not here", "ha ha!! Still not here"),
        ("what is wrong with u????Been trying", "what is wrong with u???? Been trying"),
        ("great pricesBecause I'm also", "great prices. Because I'm also"),
        ("the limited editionShipping is slow", "the limited edition. Shipping is slow"),
        ("so happyI would buy", "so happy. I would buy"),
        ("on Saturday the 27th.Out of the blue", "on Saturday the 27th. Out of the blue"),
        ('said "slight delay".Then silence', 'said "slight delay". Then silence'),
        ("no, it wasn't.I also thought", "no, it wasn't. I also thought"),
        ("JUST WOW.I WOULD", "JUST WOW. I WOULD"),
        ("amazing products.highly recommended", "amazing products. highly recommended"),
        ("ever...thanks again", "ever... thanks again"),
        ("customer services,will never", "customer services, will never"),
        ("i bought shoes .quality is ok .size is ok ,but bad .I do",
         "i bought shoes. quality is ok. size is ok, but bad. I do"),
        ("shoes i ordered .", "shoes i ordered."),
        ("2 pockets.2 zips", "2 pockets. 2 zips"),
        ("for your team.NFL shield", "for your team. NFL shield"),
    ],
)  # fmt: skip
def test_glued_sentences_are_separated(text: str, expected: str) -> None:
    assert repair(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Dri-FIT", "iPhone", "eBay", "PayPal", "McDonald", "e.g. this", "(e.g., that)", "U.S.A.",
        "U.S. Academy", "3.5 cm",
        "FlyEase", "PrimaLoft", "ZoomX", "T-Shirt", "VaporMax", "NikeCourt", "SuperRep", "LeBron's", "TiempoX Lunar",
        "YouTube", "adiZero", "iSPA", "PhantomVNM", "Nike Fly.By Mid 2", "Zer0.2", "Pre-Love O.X.", "S.D. Jones",
        "Free RN 5.0 2020", "Nike.com is", "nike.de", "$1,000", "Ca,nt cancel", "1/2-Zip", "and/or",
        "a 9.5, fits", "24/7",
        "this :) and ;) too", "WHAT IS IT!?!", "at 9:04 sharp", "SNKRS", "Air-Sole", "KD13 EP", "'90s",
        "T:Shirt", "Yahoo!",
    ],
)  # fmt: skip
def test_names_numbers_and_abbreviations_stay_whole(text: str) -> None:
    assert repair(text) == text


def test_a_page_that_lost_its_block_ends_is_separated() -> None:
    glued = (
        "SWOOSH DETAILS.Thick cotton all day.BenefitsNike Dri-FIT helps you.Soft feelProduct DetailsStandard fit"
        "100% cottonMachine washImportedShown: NavyStyle: NKAY44BMTF-KT6"
    )
    assert repair(unglue_blocks(glued)) == (
        "SWOOSH DETAILS. Thick cotton all day. Benefits. Nike Dri-FIT helps you. Soft feel. Product Details. "
        "Standard fit. 100% cotton. Machine wash. Imported. Shown: Navy. Style: NKAY44BMTF-KT6"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>Returned.</p><p>Still empty &amp; sad</p>", "Returned. Still empty & sad"),
        ("<div><b class='x'>SHADE.</b><br/><p>The hat</p><ul><li>100% cotton</li><li>Hand wash</li></ul></div>",
         "SHADE. The hat. 100% cotton. Hand wash"),
        ("&lt;p&gt;Escaped&lt;/p&gt;&lt;p&gt;twice&amp;#33;&lt;/p&gt;", "Escaped. twice!"),
        ("a<script>var x = 1;</script><style>b{}</style><!-- no -->b", "ab"),
        ("I <3 it, size < 10 and > 8, says <John>", "I <3 it, size < 10 and > 8, says <John>"),
        ("R&D and H&M & you", "R&D and H&M & you"),
        ("I&#39;d say &quot;no&quot;", 'I\'d say "no"'),
        ("First part\n\nSecond part\nstill second", "First part. Second part still second"),
        ("Soft, <em>very</em> soft", "Soft, very soft"),
    ],
)  # fmt: skip
def test_html_becomes_sentences(text: str, expected: str) -> None:
    assert repair(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Itâ€™s â‚¬60", "It's €60"),
        ("“curly” ‘quotes’", "\"curly\" 'quotes'"),
        ("so.\u00a0The\u2009next", "so. The next"),
        ("zero\u200bwidth\ufeff \u00adsoft", "zerowidth soft"),
        ("ｗｉｄｅ 𝗯𝗼𝗹𝗱", "wide bold"),
        ("Flyknit™ ½ m² ®", "Flyknit™ ½ m² ®"),
        ("don´t don`t", "don't don't"),
        ("Club Ame\u0301rica", "Club América"),
        ("love 😍🔥", "love 😍🔥"),
        ("cut…", "cut..."),
        ('case ""CLOSED"" today', 'case "CLOSED" today'),
        ("bell\x07 and \x00null", "bell and null"),
    ],
)
def test_unicode_is_repaired(text: str, expected: str) -> None:
    assert repair(text) == expected


@pytest.mark.parametrize("piece", repair_bench.PIECES)
def test_repairing_long_odd_texts_twice_is_repairing_once(piece: str) -> None:
    """A pattern that backtracks without end would never return; bench/repair.py measures the time."""
    once = repair(repair_bench.odd_text(piece, 40_000))
    assert repair(once) == once


def test_each_step_works_alone() -> None:
    assert html_to_text("<p>a</p><p>b</p>") == "a. b"
    assert fix_unicode("â€œxâ€\x9d") == '"x"'
    assert scrub("at a@b.co") == "at [email]"


def test_a_number_of_more_digits_than_any_phone_s_is_no_error() -> None:
    assert repair("04111 1111 1111 11117") == repair(repair("04111 1111 1111 11117"))
