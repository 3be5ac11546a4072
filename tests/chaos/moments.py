"""Moments: what happens to a pipeline, where in it, and when. All follow from a seed and a number."""

from __future__ import annotations

import random
import signal
from dataclasses import dataclass

from chaos.edits import BROKEN, EDITS, EVALUATE, EXPORT, SPOILED, TRAIN

# Training is in progress longest, and has checkpoints.
WEIGHTS = {
    "code": 1.0, "fetch": 1.0, "base": 1.0, "clean": 1.0, "synthesize": 1.0, "split": 1.0, "filter": 1.0,
    **dict.fromkeys(TRAIN, 2.0), **dict.fromkeys(EVALUATE, 0.5), "report": 1.5, **dict.fromkeys(EXPORT, 0.7),
}  # fmt: skip
HAPPENINGS = {"kill": 5, "kill, edit": 1.5, "edit": 2, "disk": 2, "kill, disk": 0.5}
SIGNALS = ("SIGKILL", "SIGTERM", "SIGINT")
TARGETS = ("dvc", "stage", "group")

# From what on the delay counts: the start of DVC, the start of the stage, its first byte of output, the rename of its
# complete output (DVC then moves it into its cache), a checkpoint.
EVENTS = {"dvc": 1.5, "stage": 4.0, "writing": 0.05, "written": 0.4, "checkpoint": 0.3}  # and the longest delay, s


@dataclass(frozen=True)
class Moment:
    number: int
    change: str  # the edit that makes stages run
    stage: str  # in which it happens
    event: str
    delay: float  # seconds since the event
    signal: str | None = None
    target: str | None = None
    edit: str | None = None  # made while the stage runs: of EDITS, BROKEN or SPOILED, or "reverted"
    spoiled: float = 0.0  # which file of an output
    free: int | None = None  # bytes that are left on the disk from then on

    @property
    def number_of_signal(self) -> signal.Signals:
        assert self.signal
        return signal.Signals[self.signal]

    def __str__(self) -> str:
        happens = [f"{self.signal} to {self.target}"] if self.signal else []
        happens += [f"edit: {self.edit}"] if self.edit else []
        happens += [f"{self.free:,} bytes left on the disk"] if self.free is not None else []
        where = f"{self.stage}, {self.delay:.2f} s from {self.event}, after {self.change!r}"
        return f"{' and '.join(happens)} ({where})"


def _draw_edit(draw: random.Random, change: str) -> str:
    kind = draw.choices(["input", "reverted", "broken", "output"], [5, 1, 1.5, 2.5])[0]
    if kind == "reverted":
        return kind
    if kind != "input":
        return draw.choice([*(BROKEN if kind == "broken" else SPOILED)])
    # Of another file: two edits of one file would be one.
    kinds = sorted({edit.kind for edit in EDITS.values()})
    kind = draw.choice(kinds)
    others = [
        name
        for name, edit in EDITS.items()
        if name != change and edit.kind == kind and (kind == "params" or edit.file != EDITS[change].file)
    ]
    return draw.choice(others) if others else "reverted"


def draw_moment(seed: int, number: int) -> Moment:
    draw = random.Random(f"{seed} {number}")
    stage = draw.choices([*WEIGHTS], [*WEIGHTS.values()])[0]
    # Rather a change after which the stage is one of the first that run.
    places = {name: edit.runs.index(stage) for name, edit in EDITS.items() if stage in edit.runs}
    changes = {name: 1 / len(EDITS[name].runs) for name, place in places.items() if place <= min(places.values()) + 1}
    change = draw.choices([*changes], [*changes.values()])[0]
    events = {"dvc": 0.5, "stage": 4.0, "writing": 2.0, "written": 2.0, "checkpoint": 4.0 if stage in TRAIN else 0.0}
    event = draw.choices([*events], [*events.values()])[0]
    delay = draw.uniform(0, EVENTS[event])
    happening = draw.choices([*HAPPENINGS], [*HAPPENINGS.values()])[0]
    kill, edit, disk = ("kill" in happening, "edit" in happening, "disk" in happening)
    return Moment(
        number, change, stage, event, delay,
        signal=draw.choice(SIGNALS) if kill else None,
        target=draw.choice(TARGETS) if kill else None,
        edit=_draw_edit(draw, change) if edit else None,
        spoiled=draw.random(),
        free=int(2 ** draw.uniform(0, 18)) - 1 if disk else None,
    )  # fmt: skip
