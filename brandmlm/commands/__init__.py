"""Commands: what `brand-mlm` runs; each module is one command or serves one.
Modules import heavy packages inside their functions, so that `brand-mlm --help` answers at once.

May import: every other room.
"""
