"""`brand-mlm new-brand`: from rows, from products alone, from the template; what is asked, and what is left behind."""

from __future__ import annotations

import io
import json
import re
import shutil
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from conftest import ROOT, command, commit, lend_environment, run_main, set_params
from pages import commands
from rich.console import Console
from ruamel.yaml import YAML

from brandmlm.commands import app
from brandmlm.commands.brand_dialogue import sort_words
from brandmlm.commands.new_brand import Request, create
from brandmlm.config.brand.lexicon import Lexicon, load_lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.config.brand.templates import load_templates
from brandmlm.config.params.reading import load_params
from brandmlm.core.files import read_json
from brandmlm.data.synthesis.frame_checks import check_frames

FILES = ["lexicon.yaml", "probes.yaml", "templates.yaml"]
RIVALS = ("--rival", "Ostrello", "--rival", "Kofferby")
ROWS = [
    {"headline": "Small kettle", "body": "I bought this kettle in May. It is quick and quiet.", "stars": "4/5"},
    {"headline": "Loud", "body": "My Wobblestone kettle is loud, and the lid is flimsy.", "stars": "1/5"},
    {"headline": "Quick", "body": "The Wobblestone is very quick. These kettles are great.", "stars": "5/5"},
    {"headline": "Great", "body": "Bought this kettle for my mother. It is great!", "stars": "5/5"},
    {"headline": "Awful", "body": "This kettle is awful and loud. Returned the kettle.", "stars": "1/5"},
]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with its template and its params, as the current folder, with five rows about kettles."""
    shutil.copytree(ROOT / "brands" / "template", tmp_path / "brands" / "template")
    for name in ("params.yaml", "dvc.yaml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in ROWS), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `brand-mlm new-brand` in this process."""

    def run(*words: str) -> tuple[int, str, str]:
        return run_main(monkeypatch, capsys, app.invoke, "brand-mlm", "new-brand", *words)

    return run


def check(folder: Path) -> Lexicon:
    """The lexicon of a brand whose files the pipeline accepts."""
    assert sorted(path.name for path in folder.iterdir()) == FILES
    lexicon = load_lexicon(folder / "lexicon.yaml")
    check_frames(lexicon, load_templates(folder / "templates.yaml"), folder / "templates.yaml")
    load_behaviour(folder / "probes.yaml")
    kinds = {probe.kind for probe in load_probes(folder / "probes.yaml")}
    assert kinds == {"claim", "product", "brand", "negation", "other_brand"}
    return lexicon


def files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def read(file: Path) -> Any:
    return YAML(typ="safe").load(file.read_text(encoding="utf-8"))


def test_rows_make_a_brand_and_a_profile_in_force(project: Path, run: Run) -> None:
    before = (project / "params.yaml").read_text(encoding="utf-8")
    code, out, err = run("wobblestone", "--name", "Wobblestone", "--reviews", "rows.jsonl", *RIVALS, "--yes")
    assert (code, err) == (0, "")
    assert "text = 'headline' + 'body', rating = 'stars'" in " ".join(out.split())
    assert "40% of 5 different texts name the brand" in out and out.endswith("dvc exp run\n")

    lexicon = check(project / "brands" / "wobblestone")
    assert (lexicon.brand, lexicon.other_brands) == (("Wobblestone",), ("Ostrello", "Kofferby"))
    assert [product.plural for product in lexicon.products[:2]] == ["kettles", "products"]
    assert "great" in lexicon.wanted.used[:2] and len(lexicon.wanted.used) >= 20 <= len(lexicon.unwanted.used)
    assert "awful" in lexicon.unwanted.held_out  # as the template has it

    params = load_params()
    assert (params.profile, params.brand) == ("wobblestone", "wobblestone")
    document = read(project / "params.yaml")
    assert {**document["wobblestone"], "sources": None} == {**document["sample"], "sources": None}
    assert document["wobblestone"]["sources"]["reviews"] == {
        "kind": "file",
        "path": "rows.jsonl",
        "table": "review",
        "columns": {"text": ["headline", "body"], "rating": "stars"},
    }
    # All else is as it was, to the letter.
    after = (project / "params.yaml").read_text(encoding="utf-8")
    old = re.sub(r"(?m)^(profile|brand):( +)\S+", r"\1:\2wobblestone", before)
    assert after.startswith(old) and after[len(old) :].startswith("\n# Wobblestone: made by")


def test_products_alone_will_do(project: Path, run: Run) -> None:
    names = [
        "Copper Kettle 1.5 l (red)",
        "Steel kettle, large",
        "Travel Kettle for two",
        "Tea Strainer",
        "Tea strainers",
    ]
    descriptions = [
        f"This {'kettle' if 'ettle' in name else 'strainer'} by Wobblestone fits any pot." for name in names
    ]
    rows = [{"name": name, "description": text} for name, text in zip(names, descriptions, strict=True)]
    (project / "products.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    assert run("wobblestone", "--products", "products.jsonl", "--yes")[0] == 0
    lexicon = check(project / "brands" / "wobblestone")
    assert [product.forms for product in lexicon.products[:2]] == [("kettle", "kettles"), ("strainer", "strainers")]
    assert list(load_params().sources) == ["products"]


def test_the_template_alone_makes_a_folder(project: Path, run: Run) -> None:
    before = (project / "params.yaml").read_bytes()
    code, out, err = run("north-ridge", "--alias", "NRidge")
    assert (code, err) == (0, "") and "dvc exp run -S brand=north-ridge" in out
    assert check(project / "brands" / "north-ridge").brand == ("North Ridge", "NRidge")
    probes = load_probes(project / "brands" / "north-ridge" / "probes.yaml")
    assert any("North Ridge" in probe.text for probe in probes)
    assert "Yourbrand" not in "".join(path.read_text() for path in (project / "brands" / "north-ridge").iterdir())
    assert (project / "params.yaml").read_bytes() == before
    assert not list((project / "brands").glob(".*"))


@pytest.mark.parametrize("name", ["Smart", "Home", "L'Oréal & Sons", "product", "Globex", "very"])
def test_a_name_that_the_template_uses_itself_leaves_the_word_to_the_brand(name: str, project: Path) -> None:
    create(Request("mine", (name,)))
    lexicon = check(project / "brands" / "mine")
    assert lexicon.brand == (name,)
    assert any(name in probe.text for probe in load_probes(project / "brands" / "mine" / "probes.yaml"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["North"], "lower-case letters"),
        (["../nike"], "lower-case letters"),
        (["template"], "exists already"),
        (["sample"], "a section has this name already"),
        (["train"], "a section has this name already"),
        (["acme", "--reviews", "none.csv", "--yes"], "none.csv: no such file"),
        (["acme", "--reviews", "page.csv", "--yes"], "page.csv: "),
        (["acme", "--reviews", "numbers.csv", "--yes"], "no column"),
        (["acme", "--reviews", "rows.jsonl", "--text", "bodies", "--yes"], "'bodies'"),
        (["acme", "--reviews", "rows.jsonl"], "no terminal to ask questions on; add --yes"),
        (["acme", "--name", "Acme {x}"], "Acme {x}"),
        (["2024"], "'2024' is a number"),
        (["true", "--reviews", "rows.jsonl", "--yes"], "'true' is a number, date or truth value"),
        (["acme", "--rival", "ACME", "--reviews", "rows.jsonl", "--yes"], "--rival ACME: this is a name of the brand"),
        (["acme", "--text", "body", "--yes"], "--text names columns of --reviews, which is missing"),
        (["acme", "--reviews", "rows.jsonl", "--product-text", "x", "--yes"], "add --products FILE"),
        (["acme", "--reviews", "https://shop.example/rows.csv", "--yes"], "this is an address; download the table"),
        (["acme", "--reviews", "twice.csv", "--yes"], "no column holds texts (of 'body' there are several"),
        (["acme", "--reviews", "nested.jsonl", "--yes"], "no column holds texts"),
        (["acme", "--products", "numbers.csv", "--yes"], "with --product-text"),
        (["acme", "--reviews", "two.zip", "--yes"], "a.csv, b.csv; save the right one as a file of its own"),
    ],
)
def test_what_will_not_do_is_one_line_and_leaves_nothing(
    words: list[str], message: str, project: Path, run: Run
) -> None:
    (project / "page.csv").write_text("<!DOCTYPE html><html><body>Not found</body></html>", encoding="utf-8")
    (project / "numbers.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    (project / "twice.csv").write_text("body,body,stars\nThe kettle is really good,,5\n", encoding="utf-8")
    nested = [json.dumps({"id": number, "review": {"body": ROWS[number]["body"]}}) for number in range(5)]
    (project / "nested.jsonl").write_text("\n".join(nested), encoding="utf-8")
    with zipfile.ZipFile(project / "two.zip", "w") as archive:
        archive.writestr("a.csv", "text\nOne\n")
        archive.writestr("b.csv", "text\nTwo\n")
    before = files(project)
    code, _, err = run(*words)
    assert (code, err.count("\n")) == (1, 1) and message in err
    assert files(project) == before


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Answers that are typed at a terminal, a line each."""

    def type_in(text: str) -> None:
        class Terminal(io.StringIO):
            def isatty(self) -> bool:
                return True

        monkeypatch.setattr("sys.stdin", Terminal(text))

    return type_in


def test_a_person_corrects_the_columns_sorts_the_words_and_keeps_the_current_brand(
    project: Path, run: Run, terminal: Callable[[str], None]
) -> None:
    terminal(
        "n\nheadlines\n"  # a column that is not there is asked for again
        "n\nbody\ny\n"
        "Ostrello {x}\nOstrello, Kofferby\n"  # what is no name is asked for again
        "drop products flimsy\nwant loud\nunwant quiet 'second rate'\nsell 'coffee maker', jugs lens\ndrop nothing\n"
        "shout loud\nwant Ostrello\nwant\nsell {jugs}\n\n"
        "n\n"
    )
    code, out, err = run("wobblestone", "--reviews", "rows.jsonl")
    assert (code, err) == (0, ""), err
    assert "'shout' is none of" in out and "'Ostrello' is the name of a brand" in out and "'headlines'" in out
    assert "'want' has no words" in out and "'{jugs}' is no word" in out
    lexicon = check(project / "brands" / "wobblestone")
    assert lexicon.other_brands == ("Ostrello", "Kofferby")
    assert [product.plural for product in lexicon.products][:4] == ["lenses", "jugs", "coffee makers", "kettles"]
    assert lexicon.products[1].singular == "jug" and "'nothing' is in no list" in out and "'Ostrello {x}'" in out
    assert "loud" in lexicon.wanted.used and "quiet" in lexicon.unwanted.used
    assert "second rate" in lexicon.unwanted.used and "flimsy" not in lexicon.unwanted.all
    document = read(project / "params.yaml")
    assert document["wobblestone"]["sources"]["reviews"]["columns"] == {"text": "body", "rating": "stars"}
    assert (document["profile"], document["brand"]) == ("sample", "nike")
    assert "dvc exp run -S profile=wobblestone -S brand=wobblestone" in out


def test_answers_that_end_early_leave_nothing(project: Path, run: Run, terminal: Callable[[str], None]) -> None:
    before = files(project)
    terminal("y\n")
    code, _, err = run("wobblestone", "--reviews", "rows.jsonl")
    assert code == 1 and "the answers ended" in err and err.count("\n") == 1
    assert files(project) == before


@pytest.mark.parametrize("place", ["templates_file", "atomic_file", "load_behaviour"])
def test_ctrl_c_leaves_nothing(place: str, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = files(project)
    monkeypatch.setattr(f"brandmlm.commands.brand_writing.{place}", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create(Request("wobblestone", ("Wobblestone",), files={"reviews": Path("rows.jsonl")}, yes=True))
    assert files(project) == before


def test_the_last_word_of_a_list_stays(project: Path) -> None:
    lexicon = load_lexicon(project / "brands" / "template" / "lexicon.yaml")
    lines = iter([f"drop {' '.join(form for product in lexicon.products for form in product.forms)}", ""])
    with Path("/dev/null").open("w") as nowhere:
        rest = sort_words(Console(file=nowhere), lexicon, lambda _: next(lines))
    assert len(rest.products) == 1


def test_a_file_inside_the_project_is_named_from_its_root(
    project: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "inside").mkdir()
    shutil.move(project / "rows.jsonl", project / "inside")
    monkeypatch.chdir(project / "inside")
    assert run("wobblestone", "--reviews", "rows.jsonl", "--yes")[0] == 0
    assert read(project / "params.yaml")["wobblestone"]["sources"]["reviews"]["path"] == "inside/rows.jsonl"


def test_a_base_that_splits_most_words_is_said(project: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("brandmlm.commands.brand_proposal.single_token_test", lambda _: lambda word: len(word) < 4)
    _, out, _ = run("acme", "--reviews", "rows.jsonl", "--yes")
    assert re.search(r"only \d wanted words are a single token of the base, and 20 train well", out)


def test_few_rows_that_name_the_brand_are_said(project: Path, run: Run) -> None:
    _, out, _ = run("acme", "--reviews", "rows.jsonl", "--yes")
    assert "0% of 5 different texts name the brand; `clean` stops at so few: add the names" in out


def test_a_name_in_decomposed_letters_is_found(project: Path, run: Run) -> None:
    text = (project / "rows.jsonl").read_text(encoding="utf-8")
    (project / "rows.jsonl").write_text(text.replace("Wobblestone", "Étoile"), encoding="utf-8")
    decomposed = unicodedata.normalize("NFD", "Étoile")
    assert "40% of 5" in run("etoile", "--name", decomposed, "--reviews", "rows.jsonl", "--yes")[1]
    file = project / "brands" / "etoile" / "lexicon.yaml"
    file.write_text(unicodedata.normalize("NFD", file.read_text(encoding="utf-8")), encoding="utf-8")  # by an editor
    assert load_lexicon(file).brand == ("Étoile",)


def test_rows_in_another_language_are_said(project: Path, run: Run) -> None:
    rows = [
        f"Der Kessel von Zirbel ist wirklich {word} und schön anzusehen;5"
        for word in ("leise", "schnell", "robust", "sauber")
    ]
    (project / "de.csv").write_text("\n".join(["Kommentar;Sterne", *rows]), encoding="utf-8")
    code, out, _ = run("zirbel", "--reviews", "de.csv", "--yes")
    assert code == 0 and "write `language: de` and `sentiment: none` into brands/zirbel/lexicon.yaml" in out


@pytest.mark.long
def test_every_command_of_the_page_works_unedited(small: Path) -> None:
    """A new brand from the second brand's rows, and the second brand itself, from the command to the results."""
    rows = pd.read_json(small / "sample" / "quillstead" / "reviews.jsonl", lines=True, dtype=False)
    rows.replace("Quillstead", "Acme", regex=True).to_csv(small / "reviews.csv", index=False)
    pages = pd.read_csv(small / "sample" / "products.csv", dtype=str).head(30)
    pages.replace("(?i)nike", "Acme", regex=True).to_csv(small / "products.csv", index=False)
    tiny = read(small / "params.yaml")["sample"]
    sections = ("base", "synthesize", "train")  # small for the second brand, too
    set_params(small, {f"quillstead.{section}": tiny[section] for section in sections})
    commit(small)
    metrics, variables = {}, lend_environment(small)
    for line in commands("docs/new-brand.md"):
        done = command(small, "sh", "-c", line, ok=False, **variables)
        assert done.returncode == 0, f"{line}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        if line.startswith("dvc exp run"):
            metrics[line] = read_json(small / "metrics" / "details.json")
            shown = (small / "plots" / "behaviour.md").read_text(encoding="utf-8")
            assert ("Quillstead" if "quillstead" in line else "Acme") in shown and "Nike" not in shown
    assert len(metrics) == 2
    for each in metrics.values():
        assert each["rows"]["clean"]["reviews"]["kept"] > 130
        assert each["probes"]["filtered"]["claim"]["probes"] >= 20
    assert read(small / "params.yaml")["profile"] == "quillstead"
