"""Groups: variants of a product and texts that share most of their wording are never in two splits."""

from __future__ import annotations

import csv
import itertools
import random
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brandmlm.config.params.split import Split
from brandmlm.data.cleaning import clean
from brandmlm.data.grouping import LARGEST, SMALL, merge_groups, product_group
from brandmlm.data.near_duplicates import jaccard, shingles
from brandmlm.data.product_names import product_key, without_brand
from brandmlm.data.splitting import split_corpus
from brandmlm.text.sentences import words

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
ADIDAS = SHARED / "raw-adidas" / "products.csv"


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("Nike Air Max 90", "NIKE AIR MAX 90 "),
        ("Nike Air Max 90", "Nike Air Max 90 Women's Shoe"),
        ("Nike Air Max 90", "Nike Air Max 90 (Black/White)"),
        ("Nike Air Max 90", "Men's Nike Air Max 90"),
        ("Nike Air Max 90", "Nike Air Max 90 Big Kids' Shoe"),
        ("Nike Air Max 90", "Nike Air Max 90 Shoe, size 9.5"),
        ("Club América Home", "Club America Home"),
        ("Nike Air Force 1 '07", "Nike Air Force 1 ’07"),
        ("Women's adidas Running Aerobounce 2 Shoes", "MEN'S ADIDAS RUNNING AEROBOUNCE 2 SHOES"),
        ("Kids' Unisex adidas Originals Gazelle", "adidas Originals Gazelle Shoes"),
        ("adidas SL20 Shoes", "adidas SL 20 Women's"),
        ("Acme Trail 2 Herren", "Damen Acme Trail 2"),
        ("Little Girls' Acme Rain Coat Blue", "Acme Rain Coat"),
    ],
)
def test_variants_of_a_product_share_a_key(name: str, other: str) -> None:
    assert product_key(name) == product_key(other)


def test_different_products_have_different_keys_and_none_is_emptied() -> None:
    names = ["Nike Air Max 90", "Nike Air Max 95", "Nike Air Max 90 Premium", "Nike", "Kids Shoes", "Women's Black"]
    names += ["Big Pack", "Acme Barista 2 Coffee Machine", "Acme Barista 3 Coffee Machine", "Women's"]
    assert len({product_key(name) for name in names}) == len(names) and all(map(product_key, names))


def test_a_key_without_the_brand() -> None:
    assert without_brand(product_key("Women's adidas Gazelle"), ["Adidas"]) == "gazelle"
    assert without_brand(product_key("New Balance 990"), ["Balance", "New Balance"]) == "990"
    assert without_brand("adidas", ["adidas"]) == "adidas"


def merged(rows: list[tuple[str, str]], brand: tuple[str, ...] = ()) -> list[str]:
    return merge_groups([group for group, _ in rows], [words(text) for _, text in rows], brand)


def test_shops_that_leave_the_brand_out_name_the_same_product() -> None:
    keys = [product_group(product_key(name)) for name in ("Women's adidas Gazelle", "GAZELLE Shoes", "Adidas Samba")]
    first, second, other = merged(list(zip(keys, ["One text", "Another one", "A third"], strict=True)), ("Adidas",))
    assert first == second != other


def test_texts_with_more_than_half_of_their_word_pairs_in_common_share_a_group() -> None:
    rows = [
        ("text:b", "the shoe has a soft sole and a knitted upper that lets air in"),
        ("text:a", "the shoe has a soft sole and a knitted upper that keeps you dry"),
        ("text:c", "the shoe has a soft sole, nothing else to say about it, sadly"),
        ("text:d", "one two three four"),
        ("text:e", "one two three five"),
    ]
    # 10 of 16 pairs; 6 of 20; 2 of 4, which is no more than half.
    assert merged(rows) == ["text:a", "text:a", "text:c", "text:d", "text:e"]


SENTENCES = st.lists(st.sampled_from("abcdef"), min_size=1, max_size=8).map(" ".join)


@given(st.lists(st.tuples(st.sampled_from(["g1", "g2", "g3", "product:x", "product:acme x"]), SENTENCES), max_size=12),
       st.randoms(use_true_random=False))  # fmt: skip
def test_groups_do_not_depend_on_the_order_and_no_similar_pair_is_split(
    rows: list[tuple[str, str]], rng: random.Random
) -> None:
    order = rng.sample(range(len(rows)), len(rows))
    groups = merged(rows, ("Acme",))
    assert [groups[place] for place in order] == merged([rows[place] for place in order], ("Acme",))
    for (one, (group, text)), (other, (twin, like)) in itertools.combinations(enumerate(rows), 2):
        similarity = jaccard(shingles(words(text)), shingles(words(like)))
        if group == twin or similarity > 0.5 or {group, twin} == {"product:x", "product:acme x"}:
            assert groups[one] == groups[other]


def test_a_chain_of_similar_texts_is_no_giant_group() -> None:
    # Each text shares 15 of 23 word pairs with the next: a window over a long text.
    long = [f"w{number}" for number in range(2000)]
    texts = [" ".join(long[start : start + 20]) for start in range(0, 1600, 4)]
    groups = merged([(f"text:{number}", text) for number, text in enumerate(texts)])
    assert max(Counter(groups).values()) <= max(SMALL, LARGEST * len(texts)) + 1
    few = merged([(f"text:{number}", text) for number, text in enumerate(texts[:SMALL])])
    assert len(set(few)) == 1


def test_a_large_product_still_takes_its_likes_in() -> None:
    page = "a soft sole and a knitted upper that lets air in and keeps stones out"
    product = [("product:x", f"{page}, says number {number}") for number in range(60)]
    rest = [(f"text:{number}", f"text {number} has other {number} words than {number} pages") for number in range(60)]
    *groups, last = merged([*product, *rest, ("text:like", f"{page}, says another")])
    assert last == groups[0] == "product:x" and len(set(groups)) == 61


def leaking(corpus: pd.DataFrame) -> float:
    """The share of test rows that share at least 60 % of their word pairs with a training row."""
    split = split_corpus(corpus, Split(salt="brand-mlm", validation=0.1, test=0.2))
    train, test = ([shingles(words(text)) for text in split[name]["text"]] for name in ("train", "test"))
    return sum(any(jaccard(one, other) >= 0.6 for other in train) for one in test) / len(test)


def test_variants_do_not_leak_into_the_test_rows() -> None:
    rng, general = random.Random(1), (ROOT / "bench" / "general.txt").read_text(encoding="utf-8").split()
    pages = [" ".join(rng.sample(general, 30)) for _ in range(40)]
    texts = [f"In {colour}: {page}" for page in pages for colour in ("bright red", "pale blue", "dark green")]
    corpus = clean(pd.DataFrame({"text": texts}), near_duplicate=0.99).corpus
    assert len(corpus) == len(texts)
    assert leaking(corpus) == 0
    assert leaking(corpus.assign(group=corpus["id"])) > 0.5


@pytest.mark.skipif(not ADIDAS.is_file(), reason=f"the real pages are not in {SHARED}")
def test_real_pages_do_not_leak() -> None:
    with ADIDAS.open(encoding="utf-8", newline="") as file:
        pages = list(csv.DictReader(file))
    table = pd.DataFrame(
        {
            "text": [f"{page['name']}. {page['description']}" for page in pages],
            "group": [product_group(product_key(page["name"])) for page in pages],
        }
    )
    corpus = clean(table).corpus
    assert leaking(corpus) == 0
    assert corpus["group"].value_counts().max() <= LARGEST * len(corpus)
