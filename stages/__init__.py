"""The stages of the pipeline, one module each."""

import gc
import sys

if sys.argv[0] == "-m":  # `python -m stages.train`, before the stage is imported
    # Imports allocate much and free nothing: garbage collection takes a fifth of the import of torch and transformers.
    # `run` enables it again.
    gc.disable()
