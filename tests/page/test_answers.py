"""What the page answers: the models' words, the rows behind a word, the suite, findings; and wrong input."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from served import Served

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.evaluation.word_verdicts import WordVerdicts
from brandmlm.modeling.predictor import load

SENTENCE = "Nike shoes are very [MASK]."
FOLDERS = {"base": "data/base", "v1": "data/models/full", "v2": "data/models/filtered"}


def test_three_models_side_by_side(served: Served) -> None:
    status, answer, _ = served.ask("/api/fill", {"sentence": SENTENCE, "word": "heavy"})
    assert status == 200
    verdict = WordVerdicts(load_lexicon("brands/nike/lexicon.yaml"))
    assert [model["model"] for model in answer["models"]] == list(FOLDERS)
    for model in answer["models"]:
        predictor = load(FOLDERS[model["model"]])
        expected = predictor.predict(SENTENCE, 10)
        assert [word["word"] for word in model["words"]] == [token for token, _ in expected]
        assert [word["probability"] for word in model["words"]] == pytest.approx([each for _, each in expected])
        assert all(word["verdict"] == verdict(word["word"]) for word in model["words"])
        assert model["asked"]["rank"] == predictor.ranks(SENTENCE, ["heavy"])["heavy"].rank
        # By hand over the whole vocabulary.
        shares = predictor.probabilities([SENTENCE])[0].tolist()
        forms = predictor.vocabulary.forms()
        for side in ("wanted", "unwanted"):
            mass = sum(share for form, share in zip(forms, shares, strict=True) if verdict(form) == side)
            assert model[side] == pytest.approx(mass, abs=1e-5)
    assert answer["asked"] == {"word": "heavy", "verdict": "unwanted"} and answer["outdated"] is False


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("", "Write a sentence first."),
        ("Nike shoes are very light.", "No word is masked yet"),
        ("[MASK] shoes are very [MASK].", "2 words are masked"),
        ("word " * 10_000 + "[MASK]", "10,001 words"),
        ("x-" * 600 + " [MASK]", "needs exactly one [MASK] among its first"),
    ],
)
def test_a_wrong_sentence_gets_a_sentence(served: Served, sentence: str, said: str) -> None:
    status, content, _ = served.ask("/api/fill", {"sentence": sentence})
    assert status == 400 and said in content["error"] and "Traceback" not in content["error"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"sentence": 1}',
        b'{"sentence": "a", "more": 1}',
        b"\xff\xfe",
        b'{"sentence": null}',
    ],
)
def test_what_is_no_request_of_the_page_gets_a_sentence(served: Served, body: bytes) -> None:
    status, content, _ = served.ask("/api/fill", body)
    assert status == 422 and list(content) == ["error"]


def test_markup_stays_text(served: Served) -> None:
    script = "<script>alert(1)</script> Nike is [MASK]."
    status, answer, headers = served.ask("/api/fill", {"sentence": script, "word": "<b>"})
    assert status == 200 and headers["content-type"] == "application/json"
    assert answer["sentence"] == script


def test_why_counts_the_rows_that_have_the_word(served: Served) -> None:
    rows, kept = (pd.read_parquet(f"data/{part}/train.parquet") for part in ("split", "filtered"))
    having = rows[rows["text"].str.contains(r"(?i)(?<!\w)heavy(?!\w)", regex=True)]
    known = int(having["id"].isin(kept["id"]).sum())
    status, told, _ = served.ask("/api/why", {"sentence": SENTENCE, "word": "heavy"})
    assert status == 200 and told["rows"] == {"kept": known, "dropped": len(having) - known}
    assert told["verdict"] == "unwanted" and told["place"] == "unwanted, training"
    shown = [row["text"] for fate in ("kept", "dropped") for row in told["examples"][fate]]
    assert shown and all("heavy" in text.lower() for text in shown)
    assert [rank["model"] for rank in told["ranks"]] == list(FOLDERS)


def test_a_word_that_is_not_one_token_has_rows_and_no_rank(served: Served) -> None:
    told = served.ask("/api/why", {"sentence": SENTENCE, "word": "ultracomfortable"})[1]
    assert all(rank["rank"] is None for rank in told["ranks"]) and told["rows"] == {"kept": 0, "dropped": 0}
    answer = served.ask("/api/fill", {"sentence": SENTENCE, "word": "ultracomfortable"})[1]
    assert all(model["asked"] is None for model in answer["models"])


def test_the_suite_is_that_of_the_last_run(served: Served) -> None:
    suite = served.ask("/api/suite")[1]
    metrics = json.loads(Path("metrics/details.json").read_text())["behaviour"]
    shown = {"base": "base", "v1": "full", "v2": "filtered"}
    for part, capabilities in suite["parts"].items():
        assert capabilities
        for each in capabilities:
            name = each["capability"].replace(" ", "_")
            for model, rate in zip(suite["models"], each["rates"], strict=True):
                known = metrics[shown[model]][part].get(name, {}).get("pass_rate")
                assert rate == (pytest.approx(known, abs=1e-4) if known is not None else None)
            failing = [said["model"] for failed in each["failed"] for said in failed["said"]]
            for model in ("v1", "v2"):
                rate = each["rates"][suite["models"].index(model)]
                assert failing.count(model) == round((1 - rate) * each["cases"])


def findings_of(served: Served, text: str, kind: str = "text") -> list[dict[str, Any]]:
    status, answer, _ = served.ask("/api/check", {"text": text, "kind": kind})
    assert status == 200, answer
    found: list[dict[str, Any]] = answer["findings"]
    return found


def test_findings_are_where_javascript_counts(served: Served) -> None:
    text = "👟👟 Nike shoes are ugly."
    [found] = findings_of(served, text)
    units = text.encode("utf-16-le")
    assert units[2 * found["start"] : 2 * found["end"]].decode("utf-16-le") == found["phrase"] == "ugly"
    assert findings_of(served, "Nike shoes are light.") == []


def test_a_text_has_limits(served: Served) -> None:
    status, content, _ = served.ask("/api/check", {"text": "word " * 10_000, "kind": "text"})
    assert status == 400 and "10,000 words" in content["error"] and "brand-mlm check" in content["error"]
    status, content, _ = served.ask("/api/check", {"text": "word", "kind": "../x"})
    assert status == 400 and "no format" in content["error"]


def test_models_that_were_trained_again_are_told(served: Served) -> None:
    weights = Path("data/models/filtered/model.safetensors")
    data = weights.read_bytes()
    weights.unlink()  # as DVC does it, which may have linked the file into its cache
    weights.write_bytes(data)
    assert served.ask("/api/fill", {"sentence": SENTENCE})[1]["outdated"] is True


def test_nothing_is_written_outside_the_project(served: Served, lexicon: Path) -> None:
    """By Python's own events: every file that is opened to write, made, renamed or removed while all is asked."""
    written: list[str] = []
    watching = True

    def watch(event: str, args: tuple[object, ...]) -> None:
        if not watching or not args or not isinstance(args[0], str | bytes | os.PathLike):
            return
        opened = event == "open" and int(str(args[2])) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if opened or event in ("os.rename", "os.mkdir", "os.remove", "os.symlink", "os.link", "shutil.move"):
            written.append(os.path.realpath(os.fsdecode(args[0])))

    sys.addaudithook(watch)
    try:
        digest = served.ask("/api/lexicon")[1]["digest"]
        for path, body in (
            ("/", None),
            ("/static/style.css", None),
            ("/api/suite", None),
            ("/api/fill", {"sentence": SENTENCE}),
            ("/api/why", {"sentence": SENTENCE, "word": "light"}),
            ("/api/check", {"text": "Nike shoes are ugly.", "kind": "html"}),
            ("/api/preview", {"word": "bouncy", "target": "wanted.used"}),
            ("/api/save", {"word": "bouncy", "target": "wanted.used", "digest": digest}),
        ):
            assert served.ask(path, body)[0] == 200
    finally:
        watching = False
    folder = lexicon.parent.resolve()
    assert written
    assert [path for path in written if folder not in (Path(path), *Path(path).parents) and path != os.devnull] == []


def test_the_page_names_no_other_host(served: Served) -> None:
    page = served.ask("/")[1]
    sources = [page, *(served.ask(f"/static/{file.name}")[1] for file in sorted(STATIC.iterdir()))]
    assert len(sources) > 6
    for source in sources:
        assert "//" not in source.replace("http://www.w3.org/2000/svg", "").replace("// ", "").replace("://", "")
    assert all("://" not in source.replace("http://www.w3.org/2000/svg", "") for source in sources)
    assert "<script>" not in page and " style=" not in page and " onclick=" not in page


STATIC = Path(__file__).parents[2] / "brandmlm" / "page" / "static"
