"""Draw labelled sentences from a brand's frames and words.

In:  the brand's lexicon, templates, and probes with the behaviour suite.
Out: `corpus.parquet` (the corpus table with source `synthetic`, group = the frame's group, label = the list of the
     labelled word, and the columns `word`: that word, and `about`: whose products the sentence is about, `brand`,
     `other` or `none`), `counts.json`.

The slots of frames are listed in `brandmlm/data/synthesis/slots.py`.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

from brandmlm.config.brand.lexicon import load_lexicon
from brandmlm.config.brand.templates import load_templates
from brandmlm.config.params.sections import Sections
from brandmlm.config.params.synthesize import Synthesize
from brandmlm.core.command_line import run, say
from brandmlm.core.files import atomic_folder, write_json
from brandmlm.core.stage_code import parse_stage
from brandmlm.data.corpus import write_table
from brandmlm.data.synthesis.probe_overlap import load_test_sentences
from brandmlm.data.synthesis.sampling import synthesize
from brandmlm.data.synthesis.tables import count_sentences, synthetic_corpus


class Params(Sections):
    synthesize: Synthesize


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw labelled sentences from a brand's frames and words.")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--templates", type=Path, required=True, help="the brand's sentence frames (YAML)")
    parser.add_argument("--probes", type=Path, required=True, help="the brand's probe sentences (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus.parquet and counts.json")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    params = Params.read().synthesize
    templates = load_templates(arguments.templates)
    probes = load_test_sentences(arguments.probes)
    sample = synthesize(load_lexicon(arguments.lexicon), templates, probes, params, arguments.templates)
    counts = count_sentences(sample, len(templates.frames))
    with atomic_folder(arguments.out) as out:
        write_table(synthetic_corpus(sample.sentences), out / "corpus.parquet")
        write_json(out / "counts.json", counts)

    labels = ", ".join(f"{number:,} {label}" for label, number in counts["labels"].items())
    say(
        f"synthesize: {counts['frames']} frames, {sample.space:,} fillings, {len(sample.sentences):,} sentences "
        f"({labels}; {counts['about']['brand']:,} about our brand), {sample.equal_to_probe} replaced as equal "
        f"to a probe, {time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
