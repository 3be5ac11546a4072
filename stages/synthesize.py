"""Fill a brand's sentence frames with its words.

Comes in: the brand's lexicon, templates and probes, the behaviour suite among them.
Goes out: `corpus.parquet`, the corpus table with source `synthetic`, group = the frame's group, label = the list whose
word filled the slot, and the columns `word` (that word) and `about` (`brand`, `other` or `none`: whose products the
sentence speaks of); `counts.json`.

Slots of a frame:

| slot                                    | takes                                                                   |
|-----------------------------------------|-------------------------------------------------------------------------|
| `{adjective}`                           | a word of any of the three lists: the label                             |
| `{quality}`                             | a wanted or unwanted word: what can be graded ("very ...")              |
| `{wanted}` `{unwanted}` `{neutral}`     | a word of that list                                                     |
| `{also}`                                | another word of the same list                                           |
| `{brand}`                               | the brand spoken of: ours, or in other sentences one of the others      |
| `{rival}`                               | one of the others, never the one spoken of                              |
| `{product}` `{products}` `{goods}`      | a singular; a plural; a plural or a mass noun                           |
| `{more_products}`                       | another plural                                                          |
| `{are|is}`                              | the first with a plural as the frame's noun, the second with all others |
| `{a}`                                   | a or an, by the sound of what follows                                   |
| `{name}` of a list in `templates.yaml`  | one of its words                                                        |

A slot that stands twice takes the same word. A frame has exactly one slot for a labelled word. Sentences begin with a
capital by themselves. Held-out words never enter a sentence.

Sampling is without replacement and never holds the space: every frame, brand and word has its own shuffled order of
the fillings left (Fisher-Yates, permuting lazily), frames take turns, and each takes the word used least so far.
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
from brandmlm.data.sampling import corpus_of, count, synthesize
from brandmlm.data.templates import asked_sentences


class Params(Sections):
    synthesize: Synthesize


def main() -> None:
    parser = argparse.ArgumentParser(description="Fill a brand's sentence frames with its words.")
    parser.add_argument("--lexicon", type=Path, required=True, help="the brand's word lists (YAML)")
    parser.add_argument("--templates", type=Path, required=True, help="the brand's sentence frames (YAML)")
    parser.add_argument("--probes", type=Path, required=True, help="the brand's probe sentences (YAML)")
    parser.add_argument("--out", type=Path, required=True, help="folder for corpus.parquet and counts.json")
    arguments = parse_stage(parser)
    started = time.perf_counter()

    params = Params.read().synthesize
    templates = load_templates(arguments.templates)
    sample = synthesize(
        load_lexicon(arguments.lexicon), templates, asked_sentences(arguments.probes), params, arguments.templates
    )
    counts = count(sample, len(templates.frames))
    with atomic_folder(arguments.out) as out:
        write_table(corpus_of(sample.sentences), out / "corpus.parquet")
        write_json(out / "counts.json", counts)

    labels = ", ".join(f"{number:,} {label}" for label, number in counts["labels"].items())
    say(
        f"synthesize: {counts['frames']} frames, {sample.space:,} fillings, {len(sample.sentences):,} sentences "
        f"({labels}; {counts['about']['brand']:,} about our brand), {sample.equal_to_probe} equal to a probe and left "
        f"out, {time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    run(main)
