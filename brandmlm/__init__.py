"""brand-mlm as a library: fine-tune a masked language model to speak for a brand.

    import brandmlm
    brandmlm.load("data/models/filtered").predict("Nike shoes are very [MASK].", top=5)

The import is cheap: a name loads its module, and the packages that this needs, when it is first used.

The rooms form floors; a room imports only from rooms below it:
commands > training, reporting > evaluation > modeling > data, filtering > config > text, core.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Or OpenMP's threads spin for a while after each operation, on cores that the training's workers need: on a busy
# machine that can triple the time of a step. OpenMP reads this when torch is imported.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:
    from brandmlm.core.errors import UserError
    from brandmlm.data.cleaning import CleaningResult, clean
    from brandmlm.modeling.predictor import Prediction, Predictor, load
    from brandmlm.training.fine_tuning import train
    from brandmlm.training.result import TrainingResult
else:
    _MODULES = {
        "CleaningResult": "data.cleaning",
        "Prediction": "modeling.predictor",
        "Predictor": "modeling.predictor",
        "TrainingResult": "training.result",
        "UserError": "core.errors",
        "clean": "data.cleaning",
        "load": "modeling.predictor",
        "train": "training.fine_tuning",
    }

    def __getattr__(name: str) -> Any:
        """Import a public name on first use (PEP 562)."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})


__all__ = ["CleaningResult", "Prediction", "Predictor", "TrainingResult", "UserError", "clean", "load", "train"]
