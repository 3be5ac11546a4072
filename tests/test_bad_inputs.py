"""Bad inputs of all kinds: each is read, or refused in one line, in seconds and in little memory.

A bounded fuzz: params, brand files, YAML, checkpoints, tables and archives, changed at random.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import json
import lzma
import resource
import shutil
import signal
import string
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from bases import tiny_base
from conftest import ROOT, command, environment, run_main, set_params
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML
from safetensors.torch import load_file, save_file

from brandmlm.config.brand.fields import expand
from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.brand.probes import load_behaviour, load_probes
from brandmlm.config.brand.templates import load_templates
from brandmlm.config.params.base import PathBase
from brandmlm.config.params.reading import load_params
from brandmlm.core.errors import UserError
from brandmlm.core.yaml_io import parse_yaml
from brandmlm.data.sources.file import find_paths
from brandmlm.data.tables.options import ReadOptions
from brandmlm.data.tables.reading import read_table
from brandmlm.modeling.bases.path import locate
from brandmlm.modeling.checkpoint import load_checkpoint
from brandmlm.training.callbacks import BestWeightsCallback, MetricsCallback
from brandmlm.training.distributed import DistributedContext
from brandmlm.training.loop import TrainingState
from brandmlm.training.resume import Checkpoints, Progress

SECONDS, KILOBYTES = 10.0, 2 * 2**20
FUZZ = settings(
    max_examples=60, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.large_base_example],
)  # fmt: skip


@contextmanager
def one_line() -> Iterator[None]:
    """The block succeeds or fails with one line, and takes neither long nor much memory."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()

    def hang(number: int, frame: object) -> None:
        raise AssertionError(f"not ended after {SECONDS} s")

    handler = signal.signal(signal.SIGPROF, hang)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # of processor time, in the middle of an endless loop, too
    try:
        yield
    except UserError as error:
        assert "\n" not in str(error) and len(str(error)) < 2100
        str(error).encode()  # no half of a character
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)
    assert time.process_time() - started < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < KILOBYTES


numbers = st.integers() | st.floats() | st.sampled_from([-5, 0, 10**6, 10**12, 10**15, 2**63, 2**70, 1e300])
texts = st.text(max_size=20) | st.sampled_from(
    ["", "big", "evil/kernel", "~nosuchuser/x", "a; touch PWNED #", "\x1b[2J"]
)
leaves = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=4,
)


def places(tree: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The keys of all values in nested mappings and lists."""
    pairs = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, inner in pairs:
        yield (*above, key)
        yield from places(inner, (*above, key))


def changed(document: Any, place: tuple[Any, ...], value: Any) -> Any:
    """A copy of a document with another value at a place."""
    copy = json.loads(json.dumps(document))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    return copy


def document_of(file: Path) -> Any:
    return json.loads(json.dumps(YAML(typ="safe").load(file)))


def dump(document: Any, file: Path) -> None:
    """As YAML, of which JSON is a part: without NaN and with the escapes of both."""
    file.write_text(json.dumps(document).replace("NaN", ".nan").replace("Infinity", ".inf"))


PARAMS = document_of(ROOT / "params.yaml")


@FUZZ
@given(place=st.sampled_from([*places(PARAMS)]), value=values)
def test_params(tmp_path: Path, place: tuple[Any, ...], value: Any) -> None:
    dump(changed(PARAMS, place, value), tmp_path / "params.yaml")
    with one_line():
        load_params(tmp_path / "params.yaml")


BRAND = {
    name: (document_of(ROOT / "brands" / "nike" / f"{name}.yaml"), load)
    for name, load in {
        "lexicon": (load_lexicon,), "templates": (load_templates,), "probes": (load_probes, load_behaviour),
    }.items()
}  # fmt: skip
BRAND_PLACES = [(name, place) for name, (document, _) in BRAND.items() for place in places(document)]


@FUZZ
@given(which=st.sampled_from(BRAND_PLACES), value=values)
def test_brand_files(tmp_path: Path, which: tuple[str, tuple[Any, ...]], value: Any) -> None:
    name, place = which
    document, loaders = BRAND[name]
    dump(changed(document, place, value), tmp_path / f"{name}.yaml")
    for load in loaders:
        with one_line():
            load(tmp_path / f"{name}.yaml")


@FUZZ
@given(st.text(alphabet="ab1:-[]{}&*<!#|>?%@\"'\n ,.~=\t", max_size=60))
def test_yaml(text: str) -> None:
    with one_line():
        parse_yaml(text, "file.yaml")


@FUZZ
@given(st.binary(max_size=60))
def test_yaml_bytes(data: bytes) -> None:
    with one_line():
        parse_yaml(data, "file.yaml")


def bomb(merge: bool) -> str:
    """References to references to ...: nine to the power of ten values, or as many merges, in half a kilobyte."""
    prefix = "<<: " if merge else ""
    lines = [f"a0: &a0 {{{prefix and ''}k: 1}}"]
    for level in range(1, 11):
        names = ",".join([f"*a{level - 1}"] * 9)
        lines.append(f"a{level}: &a{level} {{{'<<' if merge else 'k'}: [{names}]}}")
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[" * 5000 + "]" * 5000, "nested too deeply"),
        ("".join(f"{' ' * depth}a:\n" for depth in range(1000)), "nested too deeply"),
        (bomb(merge=False), "too many references"),
        (bomb(merge=True), "too many references"),
        ("a: &a [*a]", "a.1 refers to itself"),
        ("a: &a {b: *a, c: *a}", "a.b refers to itself"),
        ("a: 2024-13-45", "month must be in 1..12; put this value in quotes"),
        ("a: 2024-12-24", "a: neither text nor a number; put it in quotes"),
        ("a: " + "1" * 5000, "put this value in quotes"),
        ("a: 0x" + "f" * 5000, "a: a number of more than 64 bits"),
        ("1: a", "the key 1 is no text; put it in quotes"),
        ("- a\n" * 60_000, "more than 50,000 values"),
        ("#" * 1_100_000, "over the 1,000,000 of a YAML file here"),
    ],
)
def test_documents_that_are_no_configuration(text: str, told: str) -> None:
    with one_line(), pytest.raises(UserError) as error:
        parse_yaml(text, "file.yaml")
    assert str(error.value).startswith("file.yaml: ") and told in str(error.value)


def test_references_within_reason_are_read() -> None:
    assert parse_yaml("a: &a [1, 2]\nb: *a\nc: {<<: {d: 1}}", "file.yaml") == {"a": [1, 2], "b": [1, 2], "c": {"d": 1}}


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        ("train.seed", -5, "greater than or equal to 0"),
        ("execution.threads", 100_000, "less than or equal to 1024"),
        ("sample.synthesize.sentences", 10**12, "less than or equal to 1000000"),
        ("sample.train.tokens", 10**15, "less than or equal to 1000000000"),
        ("train.seed", 2**64, "more than 64 bits"),
        ("train.learning_rate", "x" * 5000, "xxx..."),
    ],
)
def test_params_out_of_bounds(tmp_path: Path, place: str, value: Any, told: str) -> None:
    dump(changed(PARAMS, tuple(place.split(".")), value), tmp_path / "params.yaml")
    with one_line(), pytest.raises(UserError) as error:
        load_params(tmp_path / "params.yaml")
    assert place in str(error.value) and told in str(error.value)
    assert len(str(error.value)) < 400


def test_a_pattern_of_too_many_sentences(tmp_path: Path) -> None:
    assert len(expand("{a|b} {c|d} [MASK]")) == 4
    pattern = "{" + "|".join(string.ascii_lowercase[:8]) + "} "
    document = changed(BRAND["probes"][0], ("behaviour", "dev", "claim"), [f"{pattern * 9}[MASK]"])
    dump(document, tmp_path / "probes.yaml")
    with one_line(), pytest.raises(UserError, match="a pattern of 134,217,728 sentences; write at most 1,000"):
        load_behaviour(tmp_path / "probes.yaml")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("checkpoint") / "base"
    tiny_base(folder)
    return folder


@pytest.fixture
def copy(base: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(base, tmp_path / "copy", dirs_exist_ok=True))


def edit(name: str, **values: Any) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        file = folder / name
        file.write_text(json.dumps(json.loads(file.read_text()) | values))

    return change


def poison(value: float) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        weights = load_file(folder / "model.safetensors")
        weights[min(weights)].view(-1)[3] = value
        save_file(weights, folder / "model.safetensors", {"format": "pt"})

    return change


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (edit("config.json", num_attention_heads=0), "num_attention_heads is '0', not a number from 1"),
        (edit("config.json", hidden_size="big"), "hidden_size is 'big', not a number from 1"),
        (edit("config.json", num_hidden_layers=10**6), "num_hidden_layers is '1000000', not a number from 1"),
        (edit("config.json", num_hidden_layers=900), "num_hidden_layers is 900, more than the"),
        (edit("config.json", vocab_size=9_999_999), "vocab_size is 9,999,999, which no weight has"),
        (edit("config.json", _attn_implementation="evil/kernel"), "'evil/kernel', code from elsewhere"),
        (edit("config.json", attn_implementation={"": "evil/kernel"}), "code from elsewhere"),
        (edit("config.json", is_decoder=True), "is_decoder is set: not a masked language model"),
        (edit("config.json", model_type=None), "not the config of a model"),
        (lambda folder: (folder / "config.json").write_text("[" * 100_000), "config.json: not valid JSON"),
        (edit("tokenizer_config.json", mask_token="the"), "its mask token is the word 'the'"),
        (poison(float("nan")), "has values that are not finite; restore it with `dvc checkout`"),
        (poison(float("inf")), "has values that are not finite"),
    ],
)
def test_checkpoints_that_mislead(copy: Path, spoil: Callable[[Path], None], told: str) -> None:
    spoil(copy)
    with one_line(), pytest.raises(UserError) as error:
        load_checkpoint(copy)
    assert str(error.value).startswith(str(copy)) and told in str(error.value)


CONFIG_KEYS = (
    "num_attention_heads", "num_hidden_layers", "hidden_size", "intermediate_size", "vocab_size", "hidden_act",
    "max_position_embeddings", "type_vocab_size", "pad_token_id", "layer_norm_eps", "model_type", "architectures",
    "dtype", "tie_word_embeddings", "quantization_config", "auto_map", "position_embedding_type",
    "chunk_size_feed_forward", "problem_type", "id2label", "transformers_version", "attn_implementation",
    "initializer_range", "pruned_heads",
)  # fmt: skip


@pytest.mark.slow
@settings(FUZZ, max_examples=30)
@given(key=st.sampled_from(CONFIG_KEYS), value=values)
def test_configs(base: Path, tmp_path: Path, key: str, value: Any) -> None:
    folder = Path(shutil.copytree(base, tmp_path / "copy", dirs_exist_ok=True))
    edit("config.json", **{key: value})(folder)
    with one_line(), torch.no_grad():
        load_checkpoint(folder)


def spoiled(data: bytes, edits: list[tuple[float, bytes]], cut: float) -> bytes:
    """The bytes with others at some places (shares of the length), cut off at a share of the length."""
    copy = bytearray(data)
    for place, new in edits:
        start = int(place * (len(copy) - 1))
        copy[start : start + len(new)] = new
    return bytes(copy[: int(cut * len(copy))])


damages = st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), min_size=1, max_size=5)
CHECKPOINT_FILES = ("config.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt", "model.safetensors")


@pytest.mark.slow
@settings(FUZZ, max_examples=30)
@given(name=st.sampled_from(CHECKPOINT_FILES), edits=damages, cut=st.floats(0.2, 1), header=st.booleans())
def test_damaged_checkpoints(
    base: Path, tmp_path: Path, name: str, edits: list[tuple[float, bytes]], cut: float, header: bool
) -> None:
    """A base or a model of which bytes are other ones, in the first ones if `header`, or missing."""
    folder = Path(shutil.copytree(base, tmp_path / "copy", dirs_exist_ok=True))
    if header:
        edits, cut = [(place / 100, new) for place, new in edits], 1.0
    (folder / name).write_bytes(spoiled((folder / name).read_bytes(), edits, cut))
    with one_line(), torch.no_grad():
        load_checkpoint(folder)


@pytest.mark.slow
@settings(FUZZ, max_examples=30)
@given(name=st.sampled_from(["training.pt", "random-0.pt", "files.json"]), edits=damages, cut=st.floats(0.2, 1))
def test_damaged_checkpoints_of_a_training(
    tmp_path: Path, name: str, edits: list[tuple[float, bytes]], cut: float
) -> None:
    """They are resumed from or discarded, whatever their bytes are."""
    model = torch.nn.Linear(3, 3)
    metrics = MetricsCallback(10, 100, None, show=False)
    progress = Progress(
        model, torch.optim.AdamW(model.parameters()), TrainingState(), BestWeightsCallback(model), metrics
    )
    shutil.rmtree(tmp_path / "full", ignore_errors=True)
    checkpoints = Checkpoints(tmp_path / "full", progress, DistributedContext())
    checkpoints.save(TrainingState(step=3))
    file = tmp_path / "full" / "step-3" / name
    file.write_bytes(spoiled(file.read_bytes(), edits, cut))
    with one_line():
        told = checkpoints.discard_damaged()
        latest = checkpoints.latest()
        assert (told is None) == (latest is not None)
        if latest:
            checkpoints.restore(latest)


ROWS = "text,rating\n" + "".join(f"These shoes are number {number},{number % 5 + 1}\n" for number in range(200))


def limited(kilobytes: int, *words: str) -> list[str]:
    """The command with a limit on the size of files: what a full disk does to a writer."""
    return ["sh", "-c", f'ulimit -f {kilobytes}; exec "$@"', "sh", *words]


@pytest.mark.slow
def test_a_disk_that_is_full_while_a_base_is_saved(base: Path, tmp_path: Path) -> None:
    shutil.copy2(ROOT / "params.yaml", tmp_path)
    set_params(tmp_path, {"sample.base": {"kind": "path", "path": str(base)}})
    words = limited(100, sys.executable, "-m", "stages.base", "--out", "data/base")
    done = command(tmp_path, *words, ok=False, PYTHONPATH=str(ROOT))
    assert done.returncode == 1
    assert done.stderr == (
        "error: data/base: File too large; raise the limit on the size of files (`ulimit -f`) and run it again\n"
    )
    assert not [*(tmp_path / "data").iterdir()]


@pytest.mark.parametrize("word", [b"\xff shoes are [MASK].", b"\xed\xa0\x80"])
def test_an_argument_in_another_encoding(tmp_path: Path, word: bytes) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "brandmlm", "predict", word], cwd=tmp_path, capture_output=True, check=False,
        env=environment(PYTHONPATH=str(ROOT), PYTHONUTF8="1"),
    )  # fmt: skip
    assert done.returncode == 1 and done.stderr.startswith(b"error: the argument \\udc")
    assert done.stderr.endswith(b": not UTF-8; write it with that encoding\n") and done.stderr.count(b"\n") == 1


def fails_with(error: BaseException, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    def main() -> None:
        raise error

    code, out, said = run_main(monkeypatch, capsys, main, "command")
    assert (code, out) == (1, "") and said.count("\n") == 1
    return said


def test_errors_of_the_system_are_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    refused = OSError(errno.EROFS, "Read-only file system", "plots")
    told = fails_with(refused, monkeypatch, capsys)
    assert told == "error: plots: Read-only file system; the disk is read-only: run it in another folder\n"
    assert "out of memory" in fails_with(MemoryError(), monkeypatch, capsys)
    assert fails_with(UserError("a\x1b[2Jb\nc"), monkeypatch, capsys) == "error: a\\x1b[2Jb c\n"


@pytest.mark.parametrize("path", ["~nosuchuser/base", "~nosuchuser"])
def test_a_user_that_does_not_exist(path: str) -> None:
    with pytest.raises(UserError, match=f"^params.yaml: base.path: {path}: no such user"):
        locate(PathBase(kind="path", path=path))
    with pytest.raises(UserError, match=f"^{path}: no such user"):
        find_paths(path)


def zipped(data: bytes) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("rows.csv", data)
    return whole.getvalue()


def frame() -> pd.DataFrame:
    return pd.read_csv(io.StringIO(ROWS))


def parquet() -> bytes:
    whole = io.BytesIO()
    frame().to_parquet(whole)
    return whole.getvalue()


def workbook() -> bytes:
    whole = io.BytesIO()
    frame().to_excel(whole, engine="xlsxwriter")
    return whole.getvalue()


PACKED = {
    "rows.csv": ROWS.encode(),
    "rows.csv.gz": gzip.compress(ROWS.encode(), mtime=0),
    "rows.csv.bz2": bz2.compress(ROWS.encode()),
    "rows.csv.xz": lzma.compress(ROWS.encode()),
    "rows.zip": zipped(ROWS.encode()),
    "rows.jsonl": b'{"text": "a", "rating": 1}\n' * 50,
    "rows.json": json.dumps([{"text": "a", "rating": 1}] * 50).encode(),
    "rows.parquet": parquet(),
    "rows.xlsx": workbook(),
}


@FUZZ
@given(
    name=st.sampled_from([*PACKED]),
    edits=damages,
    cut=st.floats(0.2, 1),
)
def test_tables_and_archives(tmp_path: Path, name: str, edits: list[tuple[float, bytes]], cut: float) -> None:
    (tmp_path / name).write_bytes(spoiled(PACKED[name], edits, cut))
    with one_line():
        read_table(tmp_path / name, ReadOptions(name=name))
