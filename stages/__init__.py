"""The stages of the pipeline, one module each."""

import gc
import sys

if sys.argv[0] == "-m":  # `python -m stages.train`, before the stage is imported
    from brandmlm.core.code_digest import PROJECT
    from brandmlm.core.command_line import one_line_interrupts
    from brandmlm.core.inputs import stamp_modules
    from brandmlm.core.lifetime import end_with_starter

    # Imports allocate much and free nothing: garbage collection takes a fifth of the import of torch and transformers.
    # `run` enables it again.
    gc.disable()
    one_line_interrupts()
    end_with_starter()
    stamp_modules(PROJECT, ("brandmlm", "stages"))
