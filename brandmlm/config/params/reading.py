"""Read all of `params.yaml`: for commands, and for the check that `make repro` begins with."""

from __future__ import annotations

import os
from pathlib import Path

from brandmlm.config.params.base import AnyBase
from brandmlm.config.params.clean import Clean
from brandmlm.config.params.evaluate import Evaluate
from brandmlm.config.params.execution import Execution
from brandmlm.config.params.fetch import Fetch
from brandmlm.config.params.filter import Filter
from brandmlm.config.params.gates import Gate
from brandmlm.config.params.report import Report
from brandmlm.config.params.section import FolderName
from brandmlm.config.params.sections import Sections, check_dvc_sections, find_profiles, merge_profile, read_document
from brandmlm.config.params.sources import Sources
from brandmlm.config.params.split import Split
from brandmlm.config.params.synthesize import Synthesize
from brandmlm.config.params.train import Train


class Params(Sections):
    """All of `params.yaml` for the profile in force."""

    profile: str
    brand: FolderName
    sources: Sources
    base: AnyBase
    fetch: Fetch
    clean: Clean
    synthesize: Synthesize
    split: Split
    filter: Filter
    train: Train
    evaluate: Evaluate
    report: Report
    execution: Execution
    gates: dict[str, Gate]


def load_params(path: str | os.PathLike[str] = "params.yaml") -> Params:
    """Read and check the whole file, the blocks of other profiles too. Raises UserError that names the key at fault."""
    file = Path(path)
    document = read_document(file)
    # The profile in force first: its faults are the ones to report.
    merged = {profile: merge_profile(document, file, profile) for profile in find_profiles(document)}
    parsed = {profile: Params.check(values, document, file, profile) for profile, values in merged.items()}
    check_dvc_sections(document, file)
    return parsed[document["profile"]]
