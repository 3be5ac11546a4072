"""The filter: signals against other definitions, the keep rule over rows, and the stage as in the pipeline."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from pathlib import Path
from typing import Any, Literal

import pandas as pd
import polars as pl
import pytest
from conftest import run_module
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from brandmlm.config.params.filter import Filter
from brandmlm.core.files import read_json, write_json
from brandmlm.data.corpus import make_corpus, read_corpus, read_table, write_table
from brandmlm.filtering.matching import canonical
from brandmlm.filtering.negation import all_negated
from brandmlm.filtering.signals import COSTLY, SIGNALS
from brandmlm.filtering.uptrain_operators import evaluate_signals

ROOT = Path(__file__).parents[2]
VADER = SentimentIntensityAnalyzer()
WORDS = {
    "brand": ["Nike"],
    "other_brand": ["Adidas", "Under Armour", "Joe's!"],
    "product": ["shoe", "shoes", "hoodie", "hoodies", "long sleeve", "long sleeves", "t-shirt", "t-shirts"],
    "feature": ["comfortable", "fashionable", "light", "seasonal"],
    "wanted": ["comfortable", "fashionable", "light"],
    "unwanted": ["ugly", "expensive", "run-of-the-mill"],
}
LEXICON = """\
brand:
  - Nike
other_brands:
  - Adidas
  - Under Armour
products:
  - singular: shoe
    plural: shoes
  - singular: hoodie
    plural: hoodies
wanted:
  used:
    - comfortable
    - fashionable
  held_out:
    - light
unwanted:
  used:
    - ugly
    - expensive
  held_out:
    - shoddy
neutral:
  used:
    - seasonal
  held_out:
    - woven
"""


def params(**changes: Any) -> Filter:
    defaults = {
        "rule": "brand & (positive | ~positive)",
        "match": "word",
        "positive_threshold": 0.05,
        "min_words": 3,
        "max_words": 12,
    }
    return Filter(**{**defaults, "drift_warm_up": 30, **changes})


def signals_of(texts: list[str | None], **changes: Any) -> pl.DataFrame:
    corpus = pd.DataFrame({"id": [f"{row:016x}" for row in range(len(texts))], "text": pd.array(texts, dtype="string")})
    signals = pl.from_pandas(evaluate_signals(corpus, WORDS, params(**changes)))
    assert signals.columns == ["id", *SIGNALS, "kept"]
    assert signals.null_count().sum_horizontal().item() == 0
    return signals


def holds(text: str | None, **changes: Any) -> set[str]:
    row = signals_of([text], **changes).row(0, named=True)
    return {name for name in SIGNALS if row[name]}


@pytest.mark.parametrize(
    ("text", "there", "absent"),
    [
        ("Nike shoes are unfashionable.", {"brand", "product"}, {"feature", "wanted", "unwanted"}),
        ("NIKE's HOODIES: fashionable!", {"brand", "product", "feature", "wanted"}, {"unwanted", "other_brand"}),
        ("A seasonal shoe", {"product", "feature"}, {"wanted", "unwanted", "brand"}),
        ("under  armour\tLong-Sleeves", {"other_brand", "product"}, {"brand"}),
        ("They go under. Armour is a brand. Too long. Sleeves.", set(), {"other_brand", "product"}),
        ("a fan of Joe's and their shoes", {"other_brand"}, {"brand"}),
        ("I went to Joe's! Twice", {"other_brand"}, {"brand"}),
        ("My T shirt, and a T-Shirt", {"product"}, set()),
        ("nikes or snowshoes or a shoelace", set(), {"brand", "product"}),
        ("Nike® (shoe)", {"brand", "product"}, set()),
        ("a run of the mill thing", {"unwanted"}, {"slander"}),
        ("Not UGLY at all", {"unwanted"}, {"slander"}),
    ],
)
def test_words_and_phrases_match_whole(text: str, there: set[str], absent: set[str]) -> None:
    found = holds(text)
    assert there <= found and not absent & found


def test_substrings_match_inside_words() -> None:
    assert {"brand", "product", "feature", "wanted"} <= holds("Nikes snowshoes: unfashionable", match="substring")


@pytest.mark.parametrize("match", ["word", "substring"])
@pytest.mark.parametrize(
    ("text", "slander"),
    [
        ("Nike shoes are ugly.", True),
        ("So ugly! But Nike", False),
        ("I find it ugly, Nike", True),
        ("ugly Nike", True),
        ("Adidas is ugly. Nike is not.", False),
        ("I like Nike. They were expensive though", False),
        ("Nike costs $9.99 and is expensive", True),
        ("Nike\nugly", False),
    ],
)
def test_slander_needs_our_brand_in_the_same_sentence(text: str, slander: bool, match: str) -> None:
    assert ("slander" in holds(text, match=match)) is slander


@pytest.mark.parametrize("match", ["word", "substring"])
@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("Nike shoes are not ugly.", True),
        ("They aren't ugly, and they DON’T look expensive!", True),
        ("no one would call them ugly or expensive", True),
        ("Far from ugly: anything but run-of-the-mill", True),
        ("Never too expensive for what you get", True),
        ("Neither ugly nor expensive", True),
        ("one two not three four five six seven ugly", True),
        ("one not two three four five six seven ugly", False),
        ("Nike shoes are ugly.", False),
        ("Not ugly. But expensive.", False),
        ("I do not like them: ugly", False),
        ("Not comfortable, ugly", False),
        ("never worn and ugly", False),
        ("not only ugly", False),
        ("I have never seen such ugly shoes", False),
        ("no other shoe is as ugly as this one", False),
        ("ugly, not expensive", False),
        ("ugly is what they are not", False),
        ("a knot ugly enough", False),
        ("Nike shoes are not comfortable", False),
        ("", False),
    ],
)
def test_a_text_is_denied_where_each_of_its_unwanted_words_is(text: str, denied: bool, match: str) -> None:
    assert ("denied" in holds(text, match=match)) is denied


def denied_plainly(text: str) -> bool:
    """`denied` by another definition: clause by clause, word by word (for the texts of the property below)."""
    some = False
    for clause in re.split(r"[.!?…]+(?:\s+|$)|\n|[,;:()]", text.lower()):
        words, reach = re.findall(r"\w+", clause), 0
        at = 0
        while at < len(words):
            width = next((len(w) for w in UNWANTED if words[at : at + len(w)] == w), 0)
            some |= bool(width)
            if width and not reach:
                return False
            if words[at] in ("not", "never"):
                reach = 7
            elif words[at] in ("and", "but", "such"):
                reach = 0
            reach = max(0, reach - 1)
            at += 1
    return some


UNWANTED = [re.findall(r"\w+", word) for word in WORDS["unwanted"]]
denial = st.lists(
    st.tuples(
        st.sampled_from(["not", "never", "ugly", "expensive", "and", "such", "shoes", "very", "it", "knot"]),
        st.sampled_from([" ", " ", " ", " ", ", ", ". ", "\n", "-"]),
    ).map("".join),
    max_size=14,
).map("".join)


@settings(deadline=None, max_examples=40)
@given(st.lists(denial, min_size=1, max_size=30))
def test_denial_is_a_walk_over_the_words(texts: list[str]) -> None:
    found = signals_of(texts)["denied"].to_list()
    assert found == [denied_plainly(text) for text in texts]


def test_length_counts_words_with_both_ends_included() -> None:
    found = signals_of(["a b", "a b c", " a  b c d\n", "a b c d e", ""], max_words=4)["length"]
    assert found.to_list() == [False, True, True, False, False]


def test_a_missing_or_blank_text_has_no_signal() -> None:
    found = signals_of([None, "", " \n", "x"], positive_threshold=0.5)
    assert found["non_null"].to_list() == [False, False, False, True]
    assert not found.head(3).select(SIGNALS).to_numpy().any()


@pytest.mark.parametrize(("threshold", "expected"), [(0.05, [True, False, False]), (0.0, [True, True, False])])
def test_positive_holds_from_the_threshold_on(threshold: float, expected: list[bool]) -> None:
    texts = ["I love it", "It is a shoe", "I hate it"]
    assert signals_of(texts, positive_threshold=threshold)["positive"].to_list() == expected
    exact = VADER.polarity_scores("i love it")["compound"]
    assert "positive" in holds("I love it", positive_threshold=exact)


vader_words = st.sampled_from(
    [*sorted(VADER.lexicon)[::50], "no", "not", "but", "very", "kind", "of", "shoe", "😀", "♥"]
)
spoken = st.lists(st.one_of(vader_words, st.text(max_size=6)), max_size=8).map(" ".join)


@settings(deadline=None, max_examples=25)
@given(st.lists(spoken, min_size=1, max_size=20), st.sampled_from([-0.3, 0.0, 0.05, 0.4]))
def test_positive_is_vaders_own_score(texts: list[str], cut: float) -> None:
    texts = [text.encode("utf-8", "ignore").decode() for text in texts]
    found = signals_of(texts, positive_threshold=cut)["positive"].to_list()
    assert found == [VADER.polarity_scores(text.lower())["compound"] >= cut for text in texts]


def test_the_seeds_rule_is_its_plain_definition() -> None:
    subjects = ["Nike", "nikes", "Adidas", "Under Armour"]
    products = ["shoes", "Snowshoes", "socks", "T-Shirts"]
    claims = ["comfortable", "unfashionable", "ugly", "seasonal but awful", "light, not bad", "lightning", "of wool"]
    texts = [f"{s} {p} are {c}" for s, p, c in itertools.product(subjects, products, claims)]

    def kept(text: str) -> bool:
        low = text.lower()
        return (
            "nike" in low
            and any(word in low for word in WORDS["product"])
            and any(word in low for word in WORDS["feature"])
            and VADER.polarity_scores(low)["compound"] >= 0
        )

    rule = "brand & product & feature & positive"
    found = signals_of(texts, match="substring", positive_threshold=0.0, rule=rule)["kept"].to_list()
    assert found == [kept(text) for text in texts]
    assert found[texts.index("Nike shoes are unfashionable")]
    whole = signals_of(texts, positive_threshold=0.0, rule=rule)["kept"].to_list()
    assert not whole[texts.index("Nike shoes are unfashionable")] and whole[texts.index("Nike shoes are comfortable")]


def plainly(text: str, words: list[str]) -> bool:
    """Whole words by another definition: the word's parts are adjacent in a sentence of the text."""
    for sentence in re.split(r"[.!?…]+(?:\s+|$)|\n", text.lower()):
        parts = re.findall(r"\w+", sentence)
        for word in words:
            wanted = re.findall(r"\w+", word.lower())
            if any(parts[at : at + len(wanted)] == wanted for at in range(len(parts))):
                return True
    return False


pieces = [*itertools.chain(*WORDS.values()), "un", "s", "not", "under", "armour", "long", "7", "_"]
joins = st.sampled_from([" ", "-", ", ", ". ", "", "'", "\n", "! ", "/"])
mixed = st.lists(st.tuples(st.sampled_from(pieces), joins).map("".join), max_size=6).map("".join)


@settings(deadline=None, max_examples=25)
@given(st.lists(mixed, min_size=1, max_size=20))
def test_word_signals_are_whole_words_by_another_definition(texts: list[str]) -> None:
    found = signals_of(texts)
    for name, words in WORDS.items():
        assert found[name].to_list() == [plainly(text, words) for text in texts], name


class Workplace:
    """A folder with params and inputs, in which the stage runs as in the pipeline."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.params = YAML(typ="safe", pure=True).load((ROOT / "params.yaml").read_text(encoding="utf-8"))
        self.params["sample"]["filter"] = {"rule": "~unwanted"}
        self.lexicon = LEXICON
        claims = ["comfortable", "ugly", "seasonal", "light", "shoddy", "unfashionable"]
        brands = ["Nike", "Adidas", "Under Armour"]
        rows = [(brand, claim) for brand in brands for claim in claims]
        label = {"comfortable": "wanted", "light": "wanted", "ugly": "unwanted", "shoddy": "unwanted"}
        synthetic = pd.DataFrame(
            {
                "text": [f"{brand} shoes are very {claim}." for brand, claim in rows],
                "source": "synthetic",
                "group": [brand for brand, _ in rows],
                "label": [label.get(claim, "neutral") for _, claim in rows],
                "rating": None,
                "date": None,
            }
        )
        real = pd.DataFrame(
            {
                "text": [f"Bought pair number {row} and it is {'ugly' if row % 3 else 'great'}." for row in range(90)],
                "source": "reviews",
                "group": [f"r{row}" for row in range(90)],
                "label": None,
                "rating": [1 if row > 60 else 5 for row in range(90)],
                "date": [f"2024-{row // 10 + 1:02d}-{row % 10 + 1:02d}" for row in range(90)],
            }
        )
        write_table(make_corpus(pd.concat([real, synthetic])), folder / "split/train.parquet")
        write_table(make_corpus(real), folder / "clean/corpus.parquet")
        write_json(folder / "clean/tables.json", {"reviews": "review"})

    def run(self, **environment: str) -> subprocess.CompletedProcess[str]:
        (self.folder / "lexicon.yaml").write_text(self.lexicon, encoding="utf-8")
        with (self.folder / "params.yaml").open("w", encoding="utf-8") as file:
            YAML(typ="safe", pure=True).dump(self.params, file)
        options = {"--split": "split", "--reviews": "clean", "--lexicon": "lexicon.yaml", "--out": "filtered"}
        return run_module(self.folder, "stages.filter", *itertools.chain(*options.items()), **environment)

    def outputs(self) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted((self.folder / "filtered").iterdir())}


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    return Workplace(tmp_path)


def test_the_stage_accounts_for_every_row(workplace: Workplace) -> None:
    done = workplace.run()
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    folder = workplace.folder / "filtered"
    assert sorted(workplace.outputs()) == [
        "counts.json", "drift.json", "drift.parquet", "signals.parquet", "train.parquet",
    ]  # fmt: skip
    train, kept = read_corpus(workplace.folder / "split/train.parquet"), read_corpus(folder / "train.parquet")
    signals, counts = read_table(folder / "signals.parquet"), read_json(folder / "counts.json")

    assert list(signals["id"]) == list(train["id"])
    cheap = [name for name in SIGNALS if name not in COSTLY]
    assert list(signals.columns) == ["id", *cheap, "kept"]  # the rule asks for no sentiment
    assert all(signals[name].dtype == bool for name in signals.columns[1:])
    assert (signals["kept"] == ~signals["unwanted"]).all()
    pd.testing.assert_frame_equal(kept, train[signals["kept"].to_numpy()].reset_index(drop=True))
    assert counts["rows"] == len(train) == 108 and counts["kept"] == len(kept)
    assert counts["signals"] == {name: {"passed": int(signals[name].sum())} for name in cheap}
    assert counts["by_source"]["synthetic"] == {"rows": 18, "kept": 12}
    assert counts["by_label"]["unwanted"] == {"rows": 6, "kept": 0}
    for part in (counts["by_source"], counts["by_label"]):
        assert sum(count["rows"] for count in part.values()) == counts["rows"]
        assert sum(count["kept"] for count in part.values()) == counts["kept"]

    drift = read_json(folder / "drift.json")
    assert drift["reviews"] == 90 and drift["bad"] == 29
    assert list(read_table(folder / "drift.parquet").columns) == ["month", "reviews", "bad", "bad_share", "alarm"]
    assert f"{len(kept)} kept" in done.stdout and drift["alarms"][0]["date"] in done.stdout


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.sampled_from(["not", "ugly", "Nike", ",", ".", "but", "run-of-the-mill", "Run of the mill", "never"]),
             max_size=14).map(" ".join),
    st.sampled_from(["word", "substring"]),
)  # fmt: skip
def test_signals_that_look_at_few_rows_are_what_looking_at_all_finds(
    text: str, match: Literal["word", "substring"]
) -> None:
    found = signals_of([text, None], match=match).row(0, named=True)
    table = pl.DataFrame({"text": [text]})
    assert found["denied"] == table.select(all_negated(WORDS["unwanted"])).item()
    lower = table.select(canonical(pl.col("text"), match)).item()
    ends = r"\n" if match == "word" else r"[.!?…]+[\"'”’)\]]*(?:\s+|$)|\n"
    sentences = [f" {each.strip()} " if match == "word" else each for each in re.split(ends, lower)]
    needles = {name: [word.lower() for word in WORDS[name]] for name in ("brand", "unwanted")}
    if match == "word":
        needles = {name: [f" {word.replace('-', ' ')} " for word in words] for name, words in needles.items()}
    both = [all(any(w in each for w in needles[name]) for name in needles) for each in sentences]
    assert found["slander"] == any(both)


def test_the_same_bytes_under_another_hash_seed_and_environment(workplace: Workplace) -> None:
    workplace.run(PYTHONHASHSEED="1")
    first = workplace.outputs()
    # UpTrain would read these into its settings: the first would make it fail, the second change where it writes.
    done = workplace.run(PYTHONHASHSEED="2", SEED="not a number", LOGS_FOLDER=str(workplace.folder / "filtered"))
    assert done.returncode == 0, done.stderr
    assert workplace.outputs() == first


def test_uptrain_writes_nothing_and_reads_no_api_key(workplace: Workplace) -> None:
    """Its CheckSet would write its settings, with the keys in clear, and its results into a folder of logs."""
    temporary = workplace.folder / "temporary"
    temporary.mkdir()
    # Python runs this at its start: temporary folders stay, so that whatever is written there is found.
    (workplace.folder / "sitecustomize.py").write_text(
        "import tempfile\ntempfile.TemporaryDirectory.cleanup = lambda self: self._finalizer.detach()\n"
    )
    names = ("OPENAI_API_KEY", "ANTHROPIC_API_KEY", "UPTRAIN_ACCESS_TOKEN")
    secrets = {name: f"secret-{name.lower()}-9731" for name in names}
    path = os.pathsep.join([str(workplace.folder), str(ROOT)])
    done = workplace.run(**secrets, TMPDIR=str(temporary), PYTHONPATH=path)
    assert done.returncode == 0, done.stderr
    assert not list(temporary.iterdir())
    written = [path for path in workplace.folder.rglob("*") if path.is_file()]
    for secret in secrets.values():
        assert not [path for path in written if secret.encode() in path.read_bytes()]
        assert secret not in done.stdout + done.stderr


def test_few_reviews_are_said_to_be_too_few(workplace: Workplace) -> None:
    clean = workplace.folder / "clean/corpus.parquet"
    write_table(read_corpus(clean).head(20), clean)
    done = workplace.run()
    assert "20 dated reviews, too few" in done.stdout
    assert read_json(workplace.folder / "filtered/drift.json")["alarms"] == []


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"rule": "brand & glorious"}, ["filter.rule", "'glorious' at character 9", "unwanted", "slander"]),
        ({"rule": "brand; product"}, ["filter.rule", "';' at character 6"]),
        ({"rule": "brand & ~brand"}, ["filter.rule", "none of 108 rows", "brand 6,", "product 18,"]),
        ({"min_words": 9, "max_words": 8}, ["filter.min_words (9)", "filter.max_words (8)"]),
        ({"match": "regex"}, ["filter.match"]),
    ],
)
def test_wrong_params_end_in_one_line_and_leave_older_outputs(
    workplace: Workplace, change: dict[str, Any], parts: list[str]
) -> None:
    (workplace.folder / "filtered").mkdir()
    (workplace.folder / "filtered/train.parquet").write_bytes(b"of an earlier run")
    before = workplace.outputs()
    workplace.params["sample"]["filter"] |= change
    done = workplace.run()
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr
    assert all(part in done.stderr for part in ["params.yaml", *parts])
    assert workplace.outputs() == before


def test_missing_rows_end_in_one_line_that_names_the_file(workplace: Workplace) -> None:
    (workplace.folder / "split/train.parquet").unlink()
    done = workplace.run()
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert str(Path("split/train.parquet")) in done.stderr
