"""Findings with proposals, their baseline and their formats, by a tiny model."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from bases import tiny_base
from conftest import ROOT, made_once

from brandmlm.checking import proposals
from brandmlm.checking.baseline import read_baseline, without_accepted, write_baseline
from brandmlm.checking.checker import Checker
from brandmlm.checking.documents import read_passages, read_text
from brandmlm.checking.english.evaluation import FAULTY_ADJECTIVES, FAULTY_NOUNS, FAULTY_VERBS
from brandmlm.checking.finding import FACTS_NOTE, Located
from brandmlm.checking.formats import as_github, as_json, as_sarif, for_people
from brandmlm.checking.praise import lists_of
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.core.errors import UserError
from brandmlm.modeling.predictor import load

TEXT = "A light shoe.\n\nOur boots are heavy,\nand an ugly hat."


@pytest.fixture(scope="module")
def checker(shared_folder: Path) -> Checker:
    lexicon = load_lexicon(ROOT / "brands" / "nike" / "lexicon.yaml")
    return Checker(lexicon, load(made_once(shared_folder / "tiny-base", tiny_base)))


def located(checker: Checker, text: str = TEXT, name: str = "copy.txt") -> list[Located]:
    passage = read_text(text, "text")
    return [Located(name, each, passage.source_line(each.start)) for each in checker.findings(text)]


def test_findings_have_places_and_proposals(checker: Checker) -> None:
    heavy, ugly = checker.findings(TEXT)
    assert (heavy.line, heavy.column, heavy.phrase, heavy.rule) == (3, 15, "heavy", "listed")
    assert TEXT[heavy.start : heavy.end] == "heavy"
    assert (ugly.line, ugly.column) == (4, 8)
    assert 1 <= len(heavy.proposals) <= 5
    assert {"light", "lightweight", "sleek"} & set(heavy.proposals)
    assert all(word[0] in "aeiou" for word in ugly.proposals)  # after "an"


@pytest.mark.parametrize(
    ("text", "phrase", "sample"),
    [
        ("Heavy boots.", "Heavy", str.istitle),
        ("OUR HEAVY BOOTS.", "HEAVY", str.isupper),
        ("It runs heavier than before.", "heavier", lambda word: word.endswith("er")),
        ("Our dullest shoe.", "dullest", lambda word: word.endswith("est")),
        ("The heel pinches.", "pinches", lambda word: word.split()[0].endswith("s")),
        ("Discover the pain of it.", "pain", str.islower),
        ("A coat that is cheaply made.", "cheaply", lambda word: word.endswith("ly") or word == "well"),
    ],
)
def test_proposals_have_the_form_of_the_phrase(checker: Checker, text: str, phrase: str, sample: object) -> None:
    [finding] = checker.findings(text)
    assert finding.phrase == phrase and finding.proposals
    assert callable(sample) and all(map(sample, finding.proposals))


def test_nothing_bad_is_proposed(checker: Checker) -> None:
    text = " ".join(f"It is {word}." for word in ("ugly", "dull", "rough", "flimsy", "rude", "sluggish", "pricey"))
    findings = checker.findings(text)
    assert len(findings) == 7
    for finding in findings:
        assert not any(checker.findings(f"Our shoe is {word}.") for word in finding.proposals)


@pytest.mark.parametrize(
    ("text", "praise"),
    [
        ("Our shoddy zip.", {"smooth", "secure", "strong", "sturdy"}),
        ("Our zip is shoddy.", {"smooth", "secure", "strong", "sturdy"}),
        ("Our shoddy seams.", {"neat", "precise", "flawless"}),
        ("Our team is shoddy.", {"friendly", "helpful", "careful", "quick"}),
        ("Our replies are slow.", {"quick"}),
        ("Our zip jams.", {"glides", "works"}),
        ("You will hate our trainers.", {"love", "adore", "enjoy"}),
        ("Returns are a hassle.", {"breeze", "pleasure", "joy"}),
        ("We process refunds grudgingly.", {"quickly", "promptly", "easily"}),
    ],
)
def test_things_are_praised_for_what_they_are(checker: Checker, text: str, praise: set[str]) -> None:
    [finding] = checker.findings(text)
    assert praise & set(finding.proposals)


def test_the_first_proposals_are_unlike_each_other(checker: Checker, monkeypatch: pytest.MonkeyPatch) -> None:
    with_likeness = checker.findings("Our coat is dull.")[0].proposals
    monkeypatch.setattr(proposals, "ALIKE", 50.0)
    assert checker.findings("Our coat is dull.")[0].proposals != with_likeness


def test_every_praise_is_said_of_something_once_in_a_list() -> None:
    for tag in ("JJ", "VB", "NN"):
        for words in lists_of(tag):
            assert words and len(set(words)) == len(words)
            faults = {"JJ": FAULTY_ADJECTIVES, "VB": FAULTY_VERBS, "NN": FAULTY_NOUNS}[tag]
            assert not faults & set(words)


def test_macros_stay_and_offsets_hold_in_markup(checker: Checker) -> None:
    text = "<p>Hi {{name}}, the <b>[Product]</b> is &nbsp;<i>heavy</i>.</p>"
    [finding] = checker.findings(text, "html")
    assert text[finding.start : finding.end] == "heavy"


def test_a_comment_allows_a_phrase(checker: Checker) -> None:
    text = "<!-- brand-mlm: allow heavy -->\nOur boots are heavy.\n\nOur hats are heavy.\n"
    assert [finding.line for finding in checker.findings(text, "markdown")] == [4]


def test_passages_are_checked_one_after_the_other(checker: Checker) -> None:
    rows = "".join(f'{{"text": "Our hat {number} is heavy."}}\n' for number in range(300))
    lines = [found.line for _, found in checker.check(read_passages("a.jsonl", rows.encode(), None))]
    assert lines == list(range(1, 301))


def test_a_baseline_accepts_findings_until_their_sentence_changes(checker: Checker, tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    assert write_baseline(file, located(checker)) == 2
    accepted = read_baseline(file)
    assert list(without_accepted(located(checker, "\n\n" + TEXT), accepted)) == []
    changed = TEXT.replace("boots", "shoes")
    assert len(list(without_accepted(located(checker, changed), accepted))) == 2
    twice = list(without_accepted(located(checker, TEXT + "\n\n" + TEXT), accepted))
    assert len(twice) == 2
    assert len(list(without_accepted(located(checker, TEXT, "other.txt"), accepted))) == 2


@pytest.mark.parametrize("content", ["", "[]", '{"version": 2, "accepted": []}', '{"version": 1, "accepted": [1]}'])
def test_what_is_no_baseline(content: str, tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    file.write_text(content)
    with pytest.raises(UserError, match="not a baseline"):
        read_baseline(file)
    with pytest.raises(UserError, match="no such baseline"):
        read_baseline(tmp_path / "none.json")


def test_people_see_the_phrase_underlined(checker: Checker) -> None:
    heavy, _ = located(checker)
    first, line, underline, proposals = for_people(heavy).split("\n")
    assert first.startswith("copy.txt:3:15: 'heavy': the lexicon lists 'heavy'")
    assert line[underline.index("^") : underline.rindex("^") + 1] == "heavy"
    assert proposals.startswith("    try: ") and FACTS_NOTE in proposals


def test_long_lines_are_shortened_and_controls_escaped(checker: Checker) -> None:
    [finding] = located(checker, "Fine words " * 40 + "and our hats are heavy \x1b[31m now.")
    _, line, underline, *_ = for_people(finding).split("\n")
    assert len(line) < 160 and line[underline.index("^") :].startswith("heavy") and "\x1b" not in line


def test_json_has_all_of_a_finding(checker: Checker) -> None:
    record = json.loads(as_json(located(checker)[0]))
    assert (record["file"], record["line"], record["column"], record["phrase"]) == ("copy.txt", 3, 15, "heavy")
    assert record["note"] == FACTS_NOTE and record["proposals"]


def test_github_annotations_escape_what_would_end_them(checker: Checker) -> None:
    [annotation] = map(as_github, located(checker, "Hats are heavy.", "a,b:c%.txt"))
    head, _, message = annotation.partition("::")[2].partition("::")
    assert head == "warning file=a%2Cb%3Ac%25.txt,line=1,title=off-brand,col=10,endColumn=15"
    assert "\n" not in message and FACTS_NOTE in message


def test_sarif_has_the_required_structure(checker: Checker) -> None:
    """As the schema of SARIF 2.1.0 requires; see its sections 3.13 to 3.57."""
    found = located(checker, name="my copy.txt")
    log = json.loads("".join(as_sarif(found)))
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-2.1.0.json")
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "brand-mlm" and run["columnKind"] == "unicodeCodePoints"
    assert all(FACTS_NOTE.capitalize() in rule["help"]["text"] for rule in rules)
    assert len(run["results"]) == len(found)
    for result, each in zip(run["results"], found, strict=True):
        assert result["ruleId"] in {rule["id"] for rule in rules} and result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "my%20copy.txt"
        region = place["region"]
        assert (region["startLine"], region["startColumn"]) == (each.finding.line, each.finding.column)
        assert region["endColumn"] - region["startColumn"] == len(each.finding.phrase)
        for fix, word in zip(result["fixes"], each.finding.proposals, strict=True):
            [change] = fix["artifactChanges"]
            [replacement] = change["replacements"]
            assert replacement["deletedRegion"] == region and replacement["insertedContent"]["text"] == word
    assert json.loads("".join(as_sarif([])))["runs"][0]["results"] == []
