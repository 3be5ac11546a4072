"""A change reruns the stages it touches, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import dvc, ran, set_params

FETCH = {"fetch@reviews", "fetch@products", "fetch@catalogue"}
TRAIN = {"train@full", "train@filtered"}
EVALUATE = {"evaluate@base", "evaluate@full", "evaluate@filtered"}
TRAINED = {"evaluate@full", "evaluate@filtered"}
EXPORT = {"export@full", "export@filtered"}  # their cards hold the report's metrics


def append(file: str, text: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        with (project / file).open("a", encoding="utf-8") as opened:
            opened.write(text)

    return change


def replace(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(project: Path) -> None:
        text = (project / file).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {file}"
        (project / file).write_text(text.replace(old, new), encoding="utf-8")

    return change


def params(**values: object) -> Callable[[Path], None]:
    return lambda project: set_params(project, {name.replace("__", "."): value for name, value in values.items()})


REVIEW = (
    'Reviewer 9001,Fits my daughter,"Bought these for my daughter, she wears them to school every day.",'
    "5, Excellent,2020-06-01,3,Ireland\n"
)

CHANGES: dict[str, tuple[Callable[[Path], None], set[str]]] = {
    # The new review falls into the training set, so that the test rows, and with them the base's scores, stay.
    "a sample row": (
        append("sample/reviews.csv", REVIEW),
        {"fetch@reviews", "clean", "split", "filter", "report"} | TRAIN | TRAINED | EXPORT,
    ),
    # A held-out word is in no sentence: the corpus comes out the same and nothing is trained again.
    "a lexicon word": (
        replace("brands/nike/lexicon.yaml", "    - shoddy\n", "    - shoddy\n    - grim\n"),
        {"synthesize", "filter", "report"} | EVALUATE | EXPORT,
    ),
    "a probe": (
        replace(
            "brands/nike/probes.yaml",
            "text: Nike tshirts are famous for being [MASK]",
            "text: Nike socks are famous for being [MASK]",
        ),
        {"synthesize", "report"} | EVALUATE | EXPORT,
    ),
    "a clean param": (
        params(clean__min_words=5),
        {"clean", "split", "filter", "report"} | TRAIN | EVALUATE | EXPORT,
    ),
    "the keep rule": (
        params(sample__filter__rule="non_null & ~unwanted & length"),
        {"filter", "train@filtered", "evaluate@filtered", "report"} | EXPORT,
    ),
    "the learning rate": (params(train__learning_rate=0.0007), {"report"} | TRAIN | TRAINED | EXPORT),
    "the number of top tokens": (params(report__top=7), {"report"} | EXPORT),
    "a comment in a shared module": (
        append("stages/brand.py", "\n# A remark.\n"),
        {"synthesize", "filter", "report"} | EVALUATE | EXPORT,
    ),
    # What a card says of the base changes no weight.
    "the base's licence": (params(sample__base__license="mit"), {"base"} | EXPORT),
    "a comment in the card's module": (append("stages/card.py", "\n# A remark.\n"), EXPORT),
    "an execution knob": (params(execution__micro_batch_tokens=4096), set()),
    "the other profile": (params(seed__train__tokens=77), set()),
    "nothing": (lambda project: None, set()),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", CHANGES)
def test_exactly_the_right_stages_rerun(built: Path, name: str) -> None:
    change, expected = CHANGES[name]
    change(built)
    assert ran(dvc(built, "repro")) == expected


@pytest.mark.slow
def test_a_plot_title_reruns_nothing(built: Path) -> None:
    text = (built / "dvc.yaml").read_text(encoding="utf-8")
    before, title, after = text.partition("    title: ")
    assert title
    (built / "dvc.yaml").write_text(f"{before}{title}Another title and {after}", encoding="utf-8")
    assert ran(dvc(built, "repro")) == set()


@pytest.mark.slow
def test_going_back_is_served_from_the_cache(built: Path) -> None:
    """Only the report, whose outputs are in git and not in the cache, is made anew; the lock is the old one again."""
    before = (built / "dvc.lock").read_bytes()
    text = (built / "params.yaml").read_bytes()
    set_params(built, {"sample.filter.rule": "non_null"})
    assert "train@filtered" in ran(dvc(built, "repro"))
    assert (built / "dvc.lock").read_bytes() != before
    (built / "params.yaml").write_bytes(text)
    assert ran(dvc(built, "repro")) == {"report"}
    assert (built / "dvc.lock").read_bytes() == before
